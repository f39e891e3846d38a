import Foundation
import Logging
import Messaging
import RabbitMQBroker

/// The broker in use: the one that `amqp.url` names, or the hub's own private node.
enum BrokerSource {
    /// Connects for the duration of `body`; a private node is started before and stopped after.
    static func withBroker<Result: Sendable>(
        _ configuration: HubConfiguration, logger: Logger,
        onProgress: @escaping @Sendable (String) -> Void,
        _ body: (any Broker, PrivateNode?) async throws -> Result
    ) async throws -> Result {
        guard let url = configuration.brokerURL else {
            let node = try await PrivateNode.start(
                directory: configuration.nodeDirectory, logger: logger, onProgress: { onProgress("\($0)") })
            do {
                let result = try await Self.connected(to: node.url, configuration, logger: logger) { try await body($0, node) }
                await node.stop()
                return result
            } catch {
                await node.stop()
                throw error
            }
        }
        return try await Self.connected(to: url, configuration, logger: logger) { try await body($0, nil) }
    }

    static func connected<Result: Sendable>(
        to url: String, _ configuration: HubConfiguration, logger: Logger, _ body: (RabbitMQBroker) async throws -> Result
    ) async throws -> Result {
        let settings = try configuration.brokerSettings(url: url)
        let problems = settings.fileProblems()
        guard problems.isEmpty else {
            throw AppError(.configuration, problems.map(\.message).joined(separator: "\n"))
        }
        let broker = RabbitMQBroker(configuration: settings, logger: logger)
        do {
            let result = try await body(broker)
            await broker.close()
            return result
        } catch {
            await broker.close()
            throw error
        }
    }
}
