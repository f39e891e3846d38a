import RabbitMQBroker

/// Where other programs find the broker in use.
public enum BrokerAddress {
    /// The address of the hub's own private node, with user and password: full rights on it. For trying things out on the
    /// same machine; other people's consumers belong on a broker of your own, each with a user of its own.
    ///
    /// - Throws: ``AppError`` when the broker is one of your own (`amqp.url`), or the node doesn't run.
    public static func url(_ configuration: HubConfiguration) throws -> String {
        guard configuration.brokerURL == nil else {
            throw AppError(.configuration, "The hub uses the broker of amqp.url: ask whoever runs it for a user of your own.")
        }
        guard let url = PrivateNode.url(directory: configuration.nodeDirectory) else {
            throw AppError(
                .notFound, "\(configuration.nodeDirectory): no private node runs here. Start the hub first: knutpunkt serve")
        }
        return url
    }
}
