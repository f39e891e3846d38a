enum RabbitMQBrokerTestsPlaceholder {}
