import ArgumentParser
import Foundation
import Hub
import KnutpunktApp
import SchoolRecords

struct PersonCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "person",
        abstract: "What each system has of a person, side by side, and where it isn't as it should be.",
        discussion: """
            For support: \"the school has another address than we have\". What the hub has given each receiving system stands \
            beside what the register says and the mapping makes of it now. No system is asked; knutpunkt trace tells why \
            something hasn't come.

            Values are shown where a system has something else than it should; --values shows all of them. The last four \
            digits of identity numbers are never shown. Of a person with protected identity nothing is shown, but with --protected to \
            who is named for see-protected in the permissions: then what the vault has, and how much each system is given.

            Each look is written to the audit log with its reason before anything is looked up, under a name that doesn't lead \
            to the person without the hub's key: knutpunkt audit --subject person/….

            Examples:
              knutpunkt person 9d2c7a52-0a0e-4a0c-8d5e-6f3b8c1f2a11 --reason "case 4711: wrong address in Unikum"
              knutpunkt person 9d2c7a52-0a0e-4a0c-8d5e-6f3b8c1f2a11 --system unikum --values --reason "case 4711"
              knutpunkt person person/9d2c7a52-0a0e-4a0c-8d5e-6f3b8c1f2a11 --reason "case 4711" --json

            Exit status: 0 all is as it should be; 1 something isn't; 64 wrong use; 66 no such person.
            """)

    @Argument(help: "The person's id.")
    var id: String
    @Option(help: "Why you look: kept in the audit log. No personal data.")
    var reason: String
    @Option(help: "Only this receiving system; may be given several times.")
    var system: [String] = []
    @Flag(help: "Show every value, not only where something differs. They are personal data.")
    var values = false
    @Flag(help: "Show a protected person, out of the vault. Takes the permission see-protected in your own name.")
    var protected = false
    @Flag(help: "As JSON.")
    var json = false
    @OptionGroup var options: HubOptions

    func validate() throws {
        if self.reason.allSatisfy(\.isWhitespace) { throw ValidationError("--reason must say why.") }
        if self.protected, !self.system.isEmpty || self.values {
            throw ValidationError("--protected goes with neither --system nor --values.")
        }
    }

    func run() async throws {
        let language = self.options.language
        let today = HubClock.system.calendarDate
        for word in self.reason.split(whereSeparator: \.isWhitespace)
        where (try? PersonalIdentityNumber(word, today: today)) != nil {
            throw ValidationError(
                language(
                    sv: "--reason sparas: skriv inget personnummer där.", en: "--reason is kept: write no identity number there.")
            )
        }
        let id: String
        do throws(JourneyQuestion.Problem) {
            switch try JourneyQuestion(self.id, today: today) {
            case .id(let text): id = text
            case .record(let key, nil) where key.entity == .person: id = key.id
            case .record, .failure, .trace: throw .empty
            }
        } catch {
            throw ValidationError(
                error == .identityNumber
                    ? error.words(in: language)
                    : language(sv: "Ange personens id, eller person/id.", en: "Give the person's id, or person/id."))
        }
        let context = try await self.options.context()
        if !self.protected { try await context.require(.see, on: Set(self.system), by: operatorName) }
        let view =
            self.protected
            ? try await context.protectedPerson(id, reason: self.reason, by: operatorName)
            : try await context.person(
                id, systems: self.system, showsValues: self.values, reason: self.reason, by: operatorName)
        if self.json {
            say(try ReadableJSON.text(view))
        } else {
            for line in PersonText(language: language).lines(view) { say(line) }
        }
        if view.lines.contains(where: \.differs) || view.systems.contains(where: { !$0.open.isEmpty }) { throw ExitCode(1) }
    }
}
