"""What watches a running installation: the files that Prometheus, Grafana and Kafka's user interface are given."""
