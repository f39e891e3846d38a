import ArgumentParser
import Foundation
import Hub
import KnutpunktApp
import Mapping
import Provisioning
import SchoolRecords

struct RolesPlan: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "What has to be granted and revoked so that systems hold what the policy says.",
        discussion: """
            Compares the policy with what systems themselves have told that they hold. + is granted, ~ gets other days, - is
            revoked, = is kept, ! is blocked. Systems that nobody has read are told and not planned for.

            The summary names nobody. A list, JSON, CSV or HTML is about persons: that takes the permission to see, and it is
            written into the audit log. Names are shown with --names only, never those of protected persons.

            With --keep the plan is stored, for somebody else to approve and then to be applied.

            Examples:
              knutpunkt roles plan --term HT2026
              knutpunkt roles plan --term HT2026 --keep
              knutpunkt roles plan --term HT2026 --system unikum --list
              knutpunkt roles plan --term HT2026 --unit Exempelskolan --names --html --output plan.html
              knutpunkt roles plan --at 2026-10-01 --policy /tmp/roles.yaml --json

            Exit status: 0 nothing to do; 1 something is; 64 wrong use; 66 no such school or policy; 77 not allowed.
            """)

    @Option(help: "The term, e.g. HT2026 or VT2027.") var term: String?
    @OptionGroup var role: RoleOptions
    @Flag(help: "Every step, in the order in which they would be taken.") var list = false
    @Flag(help: "The plan as it is stored.") var json = false
    @Flag(help: "A step a line, for spreadsheets.") var csv = false
    @Flag(help: "A page for principals, a chapter for each unit.") var html = false
    @Flag(help: "Name persons instead of giving their ids.") var names = false
    @Option(help: "Write to this file instead of standard output.") var output: String?
    @Flag(help: "Keep the plan, so that it can be approved and applied.") var keep = false
    @OptionGroup var options: HubOptions

    func validate() throws {
        if [self.list, self.json, self.csv, self.html].filter(\.self).count > 1 {
            throw ValidationError("Say one of --list, --json, --csv and --html.")
        }
        if self.term == nil, self.role.at == nil { throw ValidationError("Say --term, --at or both.") }
        if self.keep, self.role.policy != nil { throw ValidationError("A plan by another policy is a what-if: it isn't kept.") }
    }

    func run() async throws {
        let context = try await self.options.context()
        let language = self.options.language
        let isPersonal = self.list || self.json || self.csv || self.html || self.names
        if isPersonal {
            try await context.require(.see, on: Set(self.role.system), by: operatorName)
            try await context.lookAtRoles("plan", systems: Set(self.role.system), by: operatorName)
        }
        let question = try await self.role.read(context, term: self.term, withNames: self.names, language: language)
        let plan = question.plan(term: self.term)
        let text = RolePlanText(plan, question.words)
        let answer =
            if self.json {
                String(decoding: plan.json.canonicalData, as: UTF8.self)
            } else if self.csv {
                text.csv
            } else if self.html {
                text.html
            } else {
                (text.summary + (self.list ? [""] + text.list : [])).joined(separator: "\n")
            }
        try tell(answer, to: self.output, language: language)
        if self.keep, !plan.isEmpty {
            try await context.require(
                .planRoles, on: Set(plan.steps.map(\.key.name.system)), by: operatorName)
            let kept = try await context.keepRolePlan(plan, by: operatorName)
            if !self.json, !self.csv, !self.html {
                let text = RoleApplyText(language, places: try await context.placeNames())
                for line in text.lacking(kept) { say(line) }
            }
        }
        if !plan.isEmpty { throw ExitCode(1) }
    }
}

struct RolesReady: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ready",
        abstract: "For each unit, the share of staff who have every role that they need, and what is missing and why.",
        discussion: """
            Counts members of staff with a duty at the unit on the day. Whoever needs no role counts as ready; whose title code
            nobody knows doesn't.

            Examples:
              knutpunkt roles ready --term HT2026
              knutpunkt roles ready --term HT2026 --unit 12345678 --list --names
              knutpunkt roles ready --term HT2026 --html --output ready.html

            Exit status: 0 everybody is; 1 somebody isn't, or fewer per cent than --fail-under; 64 wrong use; 66 no such school or
            policy; 77 not allowed.
            """)

    @Option(help: "The term, e.g. HT2026 or VT2027.") var term: String?
    @OptionGroup var role: RoleOptions
    @Option(help: "For monitoring: status 1 only when fewer per cent are ready.") var failUnder: Int?
    @Flag(help: "Also who lacks what, and why.") var list = false
    @Flag(help: "As JSON.") var json = false
    @Flag(help: "A page with a bar for each unit.") var html = false
    @Flag(help: "Name persons instead of giving their ids.") var names = false
    @Option(help: "Write to this file instead of standard output.") var output: String?
    @OptionGroup var options: HubOptions

    func validate() throws {
        if [self.list, self.json, self.html].filter(\.self).count > 1 {
            throw ValidationError("Say one of --list, --json and --html.")
        }
        if self.term == nil, self.role.at == nil { throw ValidationError("Say --term, --at or both.") }
    }

    func run() async throws {
        let context = try await self.options.context()
        let language = self.options.language
        if self.list || self.json || self.html || self.names {
            try await context.require(.see, on: [], by: operatorName)
            try await context.lookAtRoles("ready", systems: [], by: operatorName)
        }
        let question = try await self.role.read(context, term: self.term, withNames: self.names, language: language)
        // A system that isn't in use gives nobody anything.
        let systems = question.systems ?? context.systemsWithRoles
        let units = try await context.readiness(
            question.planner, units: question.units, systems: systems, language: language)
        if question.systems == nil, question.units == nil, question.date == HubClock.system.calendarDate {
            try await context.keepReadiness(question.planner)
        }
        let text = ReadinessText(units, term: self.term ?? question.date.description, question.words)
        let answer =
            if self.json {
                try ReadableJSON.text(text.json)
            } else if self.html {
                text.html
            } else {
                text.lines(long: self.list).joined(separator: "\n")
            }
        try tell(answer, to: self.output, language: language)
        let others = question.policy.systems.subtracting(systems).sorted().joined(separator: ", ")
        if !others.isEmpty, question.systems == nil, !self.json, !self.html {
            say(language(sv: "Räknas inte, används inte här: \(others)", en: "Not counted, not in use here: \(others)"))
        }
        if text.total.ready * 100 < (self.failUnder ?? 100) * text.total.staff { throw ExitCode(1) }
    }
}
