import ArgumentParser
import Hub
import KnutpunktApp
import SchoolRecords

struct PrivacyContacts: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "contacts",
        abstract: "Who with a protected identity has asked through an e-service to be contacted: the cases' numbers.",
        discussion: """
            The hub knows that there is a case and nothing of whom it is about; open it in the e-service. A request is over when its \
            case has left the statuses that count there.

            Examples:
              knutpunkt privacy contacts
              knutpunkt privacy contacts --json
            """)

    @Flag(help: "As JSON.")
    var json = false
    @OptionGroup var options: HubOptions

    func run() async throws {
        let language = self.options.language
        let contacts = try await self.options.context().contactRequests()
        if self.json { return say(try ReadableJSON.text(contacts)) }
        if contacts.isEmpty { say(language(sv: "Ingen väntar.", en: "Nobody waits.")) }
        for contact in contacts {
            say("\(contact.since)  \(contact.source)  \(contact.caseNumber)" + (contact.status.map { "  \($0)" } ?? ""))
        }
    }
}
