import ArgumentParser
import Foundation
import Hub
import KnutpunktApp
import Mapping
import SchoolRecords

/// What giving and denying by hand have in common.
struct RoleDecisionOptions: ParsableArguments {
    @Argument(help: "The person's id.") var person: String
    @Argument(help: "The role, system/role, e.g. digiexam/admin.") var role: String
    @Option(help: "At this school or unit: school unit code, name or id.") var unit: String?
    @Option(help: "For this group, by its id.") var group: String?
    @Option(help: "For this pupil, by the id.") var pupil: String?
    @Option(help: "The first day, yyyy-MM-dd. Default: today.") var from: CalendarDate?
    @Option(help: "Why; kept with it. No personal data.") var reason: String
    @Flag(help: "As JSON.") var json = false

    func validate() throws {
        if [self.unit, self.group, self.pupil].compactMap({ $0 }).count > 1 {
            throw ValidationError("Say one of --unit, --group and --pupil, or none for the whole municipality.")
        }
        if self.role.split(separator: "/", maxSplits: 1).count != 2 {
            throw ValidationError("Write the role as system/role, e.g. digiexam/admin.")
        }
    }

    func decide(_ kind: KeptRoleDecision.Kind, until last: CalendarDate?, _ options: HubOptions) async throws {
        let (context, language) = (try await options.context(), options.language)
        try requireReason(self.reason, language)
        let parts = self.role.split(separator: "/", maxSplits: 1).map(String.init)
        try await context.require(.planRoles, on: [parts[0]], by: operatorName)
        let decision = try await context.decideRole(
            RoleDecisionRequest(
                kind,
                person: try personID(self.person, language),
                role: RoleName(system: parts[0], role: parts[1]), unit: self.unit, group: self.group, pupil: self.pupil,
                first: self.from, last: last, reason: self.reason), by: operatorName)
        if self.json { return say(try ReadableJSON.text(decision)) }
        say(decisionLine(decision, language))
        let plan = "knutpunkt roles plan --at \(HubClock.system.calendarDate) --system \(parts[0]) --keep"
        say(language(sv: "Det får verkan med nästa plan: ", en: "It takes effect by the next plan: ") + plan)
    }
}

/// The id in a person's address: `person/…` or the id alone.
///
/// - Throws: `ValidationError` for an identity number: others on the machine see it, and it is kept in histories.
func personID(_ text: String, _ language: Language) throws -> String {
    let id = text.hasPrefix("person/") ? String(text.dropFirst("person/".count)) : text
    guard (try? PersonalIdentityNumber(id, today: HubClock.system.calendarDate)) == nil else {
        throw ValidationError(JourneyQuestion.Problem.identityNumber.words(in: language))
    }
    return RecordKey.normalID(id)
}

/// Refuses a reason that says nothing, or names somebody by number.
func requireReason(_ reason: String, _ language: Language) throws {
    if reason.allSatisfy(\.isWhitespace) {
        throw ValidationError(language(sv: "--reason måste säga varför.", en: "--reason must say why."))
    }
    let today = HubClock.system.calendarDate
    for word in reason.split(whereSeparator: \.isWhitespace) where (try? PersonalIdentityNumber(word, today: today)) != nil {
        throw ValidationError(
            language(
                sv: "--reason sparas: skriv inget personnummer där.", en: "--reason is kept: write no identity number there."))
    }
}

/// A decision on a line.
func decisionLine(_ decision: KeptRoleDecision, _ language: Language) -> String {
    let kind = decision.kind == .grant ? language(sv: "ges", en: "given") : language(sv: "nekas", en: "denied")
    let first = decision.first ?? String(decision.at.prefix(10))
    let days = "\(first) – \(decision.last ?? "")"
    let end =
        decision.withdrawal.map {
            language(
                sv: "  återkallat \($0.at.prefix(10)) av \($0.by): \($0.reason)",
                en: "  withdrawn \($0.at.prefix(10)) by \($0.by): \($0.reason)")
        } ?? ""
    return "\(decision.id)  \(kind)  \(decision.system)/\(decision.role)  \(decision.scope)  \(decision.person)  \(days)  "
        + "\(decision.by): \(decision.reason)\(end)"
}

struct RolesGive: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "give",
        abstract: "Give somebody a role by hand, with a reason and a last day.",
        discussion: """
            It goes before the policy's rules and denials, not before protected identity, a missing account or an exclusion. Nothing
            changes in the system until a plan with it has been approved by somebody else and applied; after the last day the next
            plan takes the role away.

            Examples:
              knutpunkt roles give 9d2c7a52-0a0e-4a0c-8d5e-6f3b8c1f2a11 digiexam/admin --unit 12345678 --until 2026-12-18 \\
                --reason "administers the exam week"

            Exit status: 0 kept; 64 wrong use; 66 no such person, role or place, or wrong days; 77 not allowed.
            """)
    @OptionGroup var decision: RoleDecisionOptions
    @Option(help: "The last day, yyyy-MM-dd.") var until: CalendarDate
    @OptionGroup var options: HubOptions

    func run() async throws { try await self.decision.decide(.grant, until: self.until, self.options) }
}

struct RolesDeny: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deny",
        abstract: "Deny somebody a role by hand, whatever rules say.",
        discussion: """
            What the person has of it is revoked by the next plan.

            Examples:
              knutpunkt roles deny 9d2c7a52-0a0e-4a0c-8d5e-6f3b8c1f2a11 unikum/mentor --pupil 1c1f09c7-73e8-4b3e-b049-26ac3c71e6b2 \\
                --reason "related"
              knutpunkt roles deny 9d2c7a52-0a0e-4a0c-8d5e-6f3b8c1f2a11 skola24/lärare --unit 12345678 --until 2027-01-07 \\
                --reason "on leave"

            Exit status: 0 kept; 64 wrong use; 66 no such person, role or place, or wrong days; 77 not allowed.
            """)
    @OptionGroup var decision: RoleDecisionOptions
    @Option(help: "The last day, yyyy-MM-dd. Default: without end.") var until: CalendarDate?
    @OptionGroup var options: HubOptions

    func run() async throws { try await self.decision.decide(.denial, until: self.until, self.options) }
}

struct RolesDecisions: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decisions",
        abstract: "Roles that have been given and denied by hand.",
        discussion: """
            Those that hold today or are to come; --all tells the others too. They are about persons: each look is written into the
            audit log.

            Examples:
              knutpunkt roles decisions
              knutpunkt roles decisions --person 9d2c7a52-0a0e-4a0c-8d5e-6f3b8c1f2a11 --all
              knutpunkt roles decisions --ending 14

            Exit status: 0 told; 77 not allowed.
            """)
    @Option(help: "Only about this person.") var person: String?
    @Flag(help: "Also those that are over, or have been withdrawn.") var all = false
    @Option(help: "Only those whose last day comes within so many days.") var ending: Int?
    @Flag(help: "As JSON.") var json = false
    @OptionGroup var options: HubOptions

    func run() async throws {
        let (context, language) = (try await self.options.context(), self.options.language)
        try await context.require(.see, on: [], by: operatorName)
        try await context.lookAtRoles("decisions", systems: [], by: operatorName)
        let today = HubClock.system.calendarDate
        let hidden = Set(try await context.store.withheldPersons())
        let person = try self.person.map { try personID($0, language) }
        let decisions = try await context.standingDecisions(hidden).filter { decision in
            let last = decision.last.flatMap { CalendarDate($0) }
            if let person, decision.person != person { return false }
            if let ending {
                guard let last, decision.withdrawal == nil else { return false }
                return today <= last && last.daysSinceEpoch <= today.daysSinceEpoch + ending
            }
            return self.all || decision.withdrawal == nil && (last.map { today <= $0 } ?? true)
        }
        if self.json { return say(try ReadableJSON.text(decisions)) }
        for decision in decisions { say(decisionLine(decision, language)) }
        if decisions.isEmpty { say(language(sv: "Inga beslut.", en: "There are no decisions.")) }
    }
}

struct RolesWithdraw: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "withdraw",
        abstract: "Withdraw a role given or denied by hand.",
        discussion: """
            Examples:
              knutpunkt roles withdraw decision-12 --reason "the exam week is over"

            Exit status: 0 withdrawn; 64 wrong use; 66 no such decision stands; 77 not allowed.
            """)
    @Argument(help: "The decision's id.") var id: String
    @Option(help: "Why; kept with it. No personal data.") var reason: String
    @Flag(help: "As JSON.") var json = false
    @OptionGroup var options: HubOptions

    func run() async throws {
        let (context, language) = (try await self.options.context(), self.options.language)
        try requireReason(self.reason, language)
        let known = try await context.store.roleDecisions(of: nil).first { $0.id == self.id }
        try await context.require(
            .planRoles, on: Set([known?.system].compactMap { $0 }), by: operatorName)
        let decision = try await context.withdrawRole(self.id, by: operatorName, reason: self.reason)
        if self.json { return say(try ReadableJSON.text(decision)) }
        say(decisionLine(decision, language))
        let plan = "knutpunkt roles plan --at \(HubClock.system.calendarDate) --system \(decision.system) --keep"
        say(language(sv: "Det får verkan med nästa plan: ", en: "It takes effect by the next plan: ") + plan)
    }
}
