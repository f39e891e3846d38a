import ArgumentParser
import KnutpunktApp

struct BrokerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "broker", abstract: "The broker in use.", subcommands: [URLCommand.self])

    struct URLCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "url",
            abstract: "Print the address of the hub's own private node.",
            discussion: """
                For a consumer of your own on this machine, to try things out. The address holds a password with full rights
                on the node; everybody else gets a broker of your own with a user each (docs/deploy.md).

                Examples:
                  knutpunkt broker url
                  plain_consumer.py --url "$(knutpunkt broker url)" --count 100
                """)

        @Flag(help: "As JSON.") var json = false
        @OptionGroup var options: HubOptions

        func run() async throws {
            let url = try BrokerAddress.url(try await self.options.configuration())
            say(self.json ? try ReadableJSON.text(["url": url]) : url)
        }
    }
}
