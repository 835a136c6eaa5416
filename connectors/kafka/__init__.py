"""Apache Kafka: its topics."""
