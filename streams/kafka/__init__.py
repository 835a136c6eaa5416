"""The same pipeline on Apache Kafka: Faust brings the messages, the store decides what counts, aiokafka publishes."""
