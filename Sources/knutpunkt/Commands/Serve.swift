import ArgumentParser
import Foundation
import KnutpunktApp

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the hub until it is told to stop (INT or TERM); HUP reads edited mappings.",
        discussion: """
            Without amqp.url the hub starts a RabbitMQ node of its own on loopback, in the data directory.

            Examples:
              knutpunkt serve --config hub.yaml
              knutpunkt serve --data /var/lib/knutpunkt --mappings /etc/knutpunkt/Mappings
            """)

    @OptionGroup var options: HubOptions

    func run() async throws {
        // HUP asks for edited mappings (see `mapping reload`); until the hub runs there is nothing to ask.
        signal(SIGHUP, SIG_IGN)
        let configuration = try await self.options.configuration()
        let logger = self.options.logger(configuration)
        let context = try await HubContext.open(configuration, isServing: true, logger: logger)
        try await KnutpunktHub(context, metrics: HubMetrics.install()).run()
    }
}
