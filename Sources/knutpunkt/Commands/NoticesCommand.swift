import ArgumentParser
import Hub
import KnutpunktApp

struct NoticesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "notices",
        abstract: "Tell where sources post their notices of changes.",
        discussion: """
            For a source that somebody sets up by hand; one that offers subscriptions is told by the hub itself. The address
            holds a token: give it to that system's vendor and to nobody else. The hub takes notices where http.listen says.

            Examples:
              knutpunkt notices
              knutpunkt notices skola24 --json
            """)

    @Argument(help: "One source only, e.g. skola24.") var system: String?
    @Flag(help: "As JSON.") var json = false
    @OptionGroup var options: HubOptions

    func run() async throws {
        let context = try await self.options.context()
        let addresses = try context.noticeAddresses(only: self.system)
        if self.json { return say(try ReadableJSON.text(addresses)) }
        let language = self.options.language
        for address in addresses {
            let header = address.header.map {
                language(sv: "  (hemlighet i rubriken \($0))", en: "  (secret in the header \($0))")
            }
            say("\(address.source)  POST \(address.address)\(header ?? "")")
        }
        if context.configuration.httpListen == nil {
            say(
                language(
                    sv: "Hubben tar inte emot aviseringar: http.listen är inte satt.",
                    en: "The hub takes no notices: http.listen isn't set."))
        }
    }
}
