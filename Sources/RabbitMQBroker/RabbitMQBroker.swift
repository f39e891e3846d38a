enum RabbitMQBrokerPlaceholder {}
