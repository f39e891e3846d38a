import ArgumentParser
import Hub
import KnutpunktApp
import Mapping
import SchoolRecords

extension Held {
    struct Plan: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Announce a mass change, so that it isn't held.",
            discussion: """
                Each kind is counted by itself, and a kind that isn't named has its ordinary limit. What goes through by the plan
                uses it up; what is left is void after its last day.

                Examples:
                  knutpunkt held plan --system edlevo --entity person --updates 14000 --deletes 3000 \\
                    --from 2026-08-01 --to 2026-08-20 --reason "new school year"
                  knutpunkt held plan --system unikum --kind student_in_class --deletes 9000 \\
                    --from 2027-06-30 --to 2027-07-02 --reason "classes end"
                """)
        @Option(help: "The system, e.g. edlevo.") var system: String
        @Option(help: "The entity of a source, e.g. person.") var entity: Entity?
        @Option(help: "The kind of row of a receiving system, e.g. student_in_class.") var kind: String?
        @Option(help: "At most so many updates.") var updates = 0
        @Option(help: "At most so many deletions.") var deletes = 0
        @Option(help: "At most so many new records.") var creates = 0
        @Option(help: "At most so many protections that end.") var releases = 0
        @Option(help: "The first day, yyyy-MM-dd.") var from: String
        @Option(help: "The last day, yyyy-MM-dd.") var to: String
        @Option(help: "Why; kept with it.") var reason: String
        @Option(help: "Who plans, beside the operating system's user.") var by: String?
        @Flag(help: "As JSON.") var json = false
        @OptionGroup var options: HubOptions

        func validate() throws {
            guard (self.entity == nil) != (self.kind == nil) else {
                throw ValidationError("Say --entity (of a source) or --kind (of rows of a receiving system).")
            }
            let numbers = [self.updates, self.deletes, self.creates, self.releases]
            guard numbers.allSatisfy({ $0 >= 0 }), numbers.contains(where: { $0 > 0 }) else {
                throw ValidationError("Say how many, e.g. --updates 14000.")
            }
        }

        func run() async throws {
            let context = try await self.options.context()
            try await context.require(
                .approveChanges, on: [self.system], by: operatorName)
            let bounds = ChangeCounts(
                creates: self.creates, updates: self.updates, deletes: self.deletes, releases: self.releases)
            let plan = try await context.planChange(
                system: self.system, entity: self.entity?.rawValue, kind: self.kind, bounds: bounds, from: self.from,
                to: self.to, reason: self.reason, by: self.by)
            if self.json { return say(try ReadableJSON.text(plan)) }
            say(HeldText(self.options.language).line(plan, today: HubClock.system.calendarDate))
        }
    }

    struct Plans: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Announced mass changes, and how much of them is used.")
        @Flag(help: "As JSON.") var json = false
        @OptionGroup var options: HubOptions

        func run() async throws {
            let context = try await self.options.context()
            let plans = try await context.store.plans()
            if self.json { return say(try ReadableJSON.text(plans)) }
            let text = HeldText(self.options.language)
            if plans.isEmpty { say(text.language(sv: "Inga planer.", en: "No plans.")) }
            for plan in plans { say(text.line(plan, today: HubClock.system.calendarDate)) }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Take back an announced mass change.")
        @Argument(help: "The plan's number.") var number: Int64
        @Option(help: "Who revokes, beside the operating system's user.") var by: String?
        @OptionGroup var options: HubOptions

        func run() async throws {
            let context = try await self.options.context()
            if let plan = try await context.store.plans().first(where: { $0.id == self.number }) {
                try await context.require(
                    .approveChanges, on: [plan.system], by: operatorName)
            }
            guard
                try await context.store.revokePlan(
                    self.number, by: HubContext.decider(self.by), time: HubClock.system.timestamp)
            else {
                throw AppError(
                    .notFound, sv: "Det finns ingen plan \(self.number) att ta tillbaka. Se: knutpunkt held plans",
                    en: "There is no plan \(self.number) to revoke. See: knutpunkt held plans")
            }
            say(self.options.language(sv: "Plan \(self.number) gäller inte längre.", en: "Plan \(self.number) is revoked."))
        }
    }
}
