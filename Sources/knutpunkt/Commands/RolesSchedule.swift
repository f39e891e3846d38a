import ArgumentParser
import Hub
import KnutpunktApp
import Mapping
import Provisioning
import SchoolRecords

struct RolesSchedule: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schedule",
        abstract: "The plans that the hub makes by itself: what is set, what came of the last ones, when the next are made.",
        discussion: """
            In knutpunkt.yaml:
              roles:
                schedule:
                  weeks_before: 6        # a plan for each term, so many weeks before its first day; it waits for approval
                  remind_days: 7         # and is told of again after so many days
                  daily: true            # a plan each day
                  hour: 5                # from this hour on
                  daily_steps: 20        # applied by itself up to so many steps in all ...
                  daily_unit_steps: 5    # ... and at a unit
                  ready_percent: 98      # an alarm when fewer of the staff are ready as a term begins

            Only the running hub applies by itself; --run-now makes plans that wait for approval. Never by itself goes what has a risk mark: privileged roles, protected persons, very many revocations.

            Examples:
              knutpunkt roles schedule
              knutpunkt roles schedule --run-now
              knutpunkt roles schedule --run-now --term VT2027

            Exit status: 0 told, or run; 64 wrong use; 66 no policy; 77 not allowed.
            """)
    @Flag(help: "Make the day's plan now, or that of --term; it waits for approval.") var runNow = false
    @Option(help: "With --run-now: the plan for this term, e.g. VT2027.") var term: String?
    @Option(help: "So many of the last runs.") var limit = 10
    @Flag(help: "As JSON.") var json = false
    @OptionGroup var options: HubOptions

    private struct View: Encodable {
        let schedule: RoleSchedule
        let runs: [RoleScheduleRun]
        let next: [Next]

        struct Next: Encodable { let errand: String, day: String }
    }

    func validate() throws {
        if self.term != nil, !self.runNow { throw ValidationError("--term goes with --run-now.") }
    }

    func run() async throws {
        let (context, language) = (try await self.options.context(), self.options.language)
        let policy = try context.rolePolicy()
        let today = HubClock.system.calendarDate
        if self.runNow {
            var errand = RoleErrand.day(today)
            if let term {
                guard let days = policy.term(term) else {
                    throw ValidationError(
                        language(sv: "--term \(term): skriv HT2026 eller VT2027.", en: "--term \(term): write HT2026 or VT2027."))
                }
                errand = .term(term, first: days.first)
            }
            try await context.require(.planRoles, on: context.systemsWithRoles, by: operatorName)
            let run = try await context.run(errand, appliesByRule: false)
            return say(self.json ? try ReadableJSON.text(run) : self.line(run))
        }
        let schedule = context.configuration.roleSchedule
        let runs = try await context.store.roleScheduleRuns(limit: self.limit)
        let next =
            schedule.isOn
            ? RoleAgenda(schedule, policy: policy).next(after: today, done: try await context.scheduleDone(on: today)) : []
        if self.json {
            return say(
                try ReadableJSON.text(
                    View(
                        schedule: schedule, runs: runs,
                        next: next.map { View.Next(errand: $0.errand.name, day: $0.day.description) })))
        }
        if !schedule.isOn {
            say(
                language(
                    sv: "Inget görs av sig självt. Se: knutpunkt roles schedule --help",
                    en: "Nothing is made by itself. See: knutpunkt roles schedule --help"))
        }
        for (errand, day) in next {
            say(language(sv: "\(day): plan för \(self.name(errand.name))", en: "\(day): plan for \(self.name(errand.name))"))
        }
        for run in runs { say(self.line(run)) }
    }

    private func name(_ errand: String) -> String {
        errand == "day" ? self.options.language(sv: "dagen", en: "the day") : String(errand.dropFirst("term.".count))
    }

    private func line(_ run: RoleScheduleRun) -> String {
        let language = self.options.language
        var parts = ["\(run.time)  \(self.name(run.errand))"]
        if run.steps == 0 { parts.append(language(sv: "inget att göra", en: "nothing to do")) }
        if let plan = run.byItself { parts.append(language(sv: "genomförs: \(plan)", en: "applied: \(plan)")) }
        if let plan = run.waiting {
            parts.append(
                language(sv: "väntar: knutpunkt roles show \(plan)", en: "waits: knutpunkt roles show \(plan)"))
        }
        if !run.unread.isEmpty {
            let systems = run.unread.joined(separator: ", ")
            parts.append(language(sv: "utan \(systems), som inte kunde läsas", en: "without \(systems), which couldn't be read"))
        }
        return parts.joined(separator: "  ")
    }
}
