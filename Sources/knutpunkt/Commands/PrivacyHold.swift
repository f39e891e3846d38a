import ArgumentParser
import Hub
import KnutpunktApp
import SchoolRecords

struct PrivacyHold: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold",
        abstract: "Have a person's data kept: not erased, and not forgotten by time.",
        discussion: """
            For data that a court, an inspection or a case needs. Without PERSON, the holds are listed: persons are named by \
            their opaque ids. A hold whose last day has passed holds no more; it stays in the list until it is lifted.

            Examples:
              knutpunkt privacy hold
              knutpunkt privacy hold 9d2c7a52-0a0e-4a0c-8d5e-6f3b8c1f2a11 --reason "case 4711" --until 2027-06-30
              knutpunkt privacy hold 9d2c7a52-0a0e-4a0c-8d5e-6f3b8c1f2a11 --lift --reason "case 4711: closed"

            Permission: erase, for what changes something. Exit status: 0 done; 1 nothing to change; 64 wrong use; 74 the store; 77 \
            not allowed.
            """)

    @Argument(help: "The person's id, or the opaque one. Without it: list.")
    var person: String?
    @Option(help: "Why: kept with the hold. No personal data.")
    var reason: String?
    @Option(help: "The last day, YYYY-MM-DD. Default: until it is lifted.")
    var until: String?
    @Flag(help: "Take the hold away.")
    var lift = false
    @Flag(help: "As JSON.")
    var json = false
    @OptionGroup var options: HubOptions

    func run() async throws {
        let language = self.options.language
        guard let person = self.person else { return try await self.list(language) }
        guard let reason = self.reason else {
            throw ValidationError(language(sv: "--reason måste säga varför.", en: "--reason must say why."))
        }
        try requireReason(reason, language)
        let id = try personID(person, language)
        if let until = self.until, CalendarDate(until).map({ $0 < HubClock.system.calendarDate }) ?? true {
            throw ValidationError(
                language(
                    sv: "--until ska vara en dag som inte har varit, ÅÅÅÅ-MM-DD.",
                    en: "--until must be a day that hasn't been, YYYY-MM-DD."))
        }
        let context = try await self.options.context()
        try await context.require(.erase, on: [], by: operatorName)
        if self.lift {
            let isLifted = try await context.eraser().liftHold(id, by: operatorName, reason: reason)
            say(
                isLifted
                    ? language(sv: "Uppgifterna behöver inte bevaras längre.", en: "The data needn't be kept any more.")
                    : language(sv: "Inget att häva.", en: "Nothing to lift."))
            if !isLifted { throw ExitCode(1) }
            return
        }
        let hold = try await context.eraser().hold(id, until: self.until, by: operatorName, reason: reason)
        if self.json { return say(try ReadableJSON.text(Told(hold))) }
        say(
            language(
                sv: "Uppgifterna bevaras. Personen heter \(hold.person) i listan.",
                en: "The data is kept. The person is called \(hold.person) in the list."))
    }

    private func list(_ language: Language) async throws {
        let holds = try await self.options.context().store.legalHolds().values.sorted {
            ($0.time, $0.person) < ($1.time, $1.person)
        }
        if self.json { return say(try ReadableJSON.text(holds.map(Told.init))) }
        if holds.isEmpty { say(language(sv: "Inget.", en: "Nothing.")) }
        let today = HubClock.system.calendarDate
        for hold in holds {
            let until = hold.until.map { language(sv: "t.o.m. \($0)", en: "until \($0)") } ?? ""
            let over = hold.holds(on: today) ? "" : language(sv: "  (har gått ut)", en: "  (over)")
            say("\(hold.time)  \(hold.person)  \(until)  \(hold.by): \(hold.reason)\(over)")
        }
    }

    private struct Told: Encodable {
        let person: String
        let time: String
        let by: String
        let reason: String
        let until: String?
        let holds: Bool

        init(_ hold: LegalHold) {
            self.person = hold.person
            self.time = hold.time
            self.by = hold.by
            self.reason = hold.reason
            self.until = hold.until
            self.holds = hold.holds(on: HubClock.system.calendarDate)
        }
    }
}
