import ArgumentParser
import Foundation
import Hub
import KnutpunktApp
import Mapping
import Provisioning
import SchoolRecords

struct RolesExplain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Why somebody has a role, or doesn't: source record, rule, and what is in the way.",
        discussion: """
            With --why-not, the rules that give the role, those first that the person comes nearest to, each with the first
            condition that fails. Each look is written into the audit log with its reason.

            Examples:
              knutpunkt roles explain 9d2c7a52-0a0e-4a0c-8d5e-6f3b8c1f2a11 --reason "case 4711"
              knutpunkt roles explain 9d2c7a52-0a0e-4a0c-8d5e-6f3b8c1f2a11 --system unikum --why-not mentor --reason "case 4711"

            Exit status: 0 told; with --why-not 1 when the person doesn't get the role; 64 wrong use; 66 no such person.
            """)

    @Argument(help: "The person's id.") var person: String
    @Option(help: "Only this system.") var system: String?
    @Option(help: "A role that is missing; with --system.") var whyNot: String?
    @Option(help: "The day, yyyy-MM-dd. Default: today.") var at: CalendarDate?
    @Option(help: "Another policy than Mappings/roles.yaml: what if.") var policy: String?
    @Option(help: "Why you look: kept in the audit log. No personal data.") var reason: String
    @Flag(help: "As JSON.") var json = false
    @OptionGroup var options: HubOptions

    func validate() throws {
        if self.whyNot != nil, self.system == nil { throw ValidationError("--why-not ROLE needs --system SYSTEM.") }
    }

    func run() async throws {
        let context = try await self.options.context()
        let language = self.options.language
        let today = HubClock.system.calendarDate
        try requireReason(self.reason, language)
        let id = personID(self.person)
        try await context.require(.see, on: Set([self.system].compactMap { $0 }), by: operatorName)
        guard try await !context.lookAtRoles(of: id, reason: self.reason, by: operatorName) else {
            return say(
                language(
                    sv: "Personen har skyddad identitet: här visas inget.",
                    en: "The person's identity is protected: nothing is shown here."))
        }
        let policy = try context.rolePolicy(self.policy)
        let reading = try await context.roleReading()
        let planner = RolePlanner(
            policy: policy, population: reading.population, held: reading.held, date: self.at ?? today)
        let words = RoleWords(language, reading)
        if let system, let whyNot {
            let name = RoleName(system: system, role: whyNot)
            guard policy.vocabulary.role(name) != nil else {
                let known = policy.vocabulary.catalogs[system]?.roles.keys.sorted().joined(separator: ", ") ?? "-"
                throw AppError(
                    .notFound,
                    language(
                        sv: "Det finns ingen roll \(name) i Mappings/roles. Det finns: \(known)",
                        en: "There is no role \(name) in Mappings/roles. There are: \(known)"))
            }
            return try self.answer(planner.whyNot(id, name), words)
        }
        let entries = planner.explain(id, system: self.system)
        let origins = try await context.roleOrigins(of: id, entries)
        if self.json {
            return say(
                try ReadableJSON.text(
                    entries.map { entry in
                        guard let origin = origins.origin(of: entry.key), case .object(var members) = entry.json else {
                            return entry.json
                        }
                        members["origin"] = try JSONValue(parsing: Data(ReadableJSON.text(origin).utf8))
                        return .object(members)
                    }))
        }
        if entries.isEmpty {
            say(
                language(
                    sv: "Policyn ger inget, och systemen har inget.", en: "The policy gives nothing, and systems hold nothing."))
        }
        for line in RoleExplanationText(words, policy).lines(entries, origins) { say(line) }
    }

    private func answer(_ answer: RoleAnswer, _ words: RoleWords) throws {
        let text = RoleExplanationText(words)
        if self.json { say(try ReadableJSON.text(text.json(answer))) } else { for line in text.lines(answer) { say(line) } }
        if case .given = answer { return }
        throw ExitCode(1)
    }
}

/// Explanations of roles for people to read.
struct RoleExplanationText {
    private let words: RoleWords
    private let policy: RolePolicy?

    /// - Parameter policy: which tells what comes with records.
    init(_ words: RoleWords, _ policy: RolePolicy? = nil) {
        self.words = words
        self.policy = policy
    }

    private var language: Language { self.words.language }

    func lines(_ entries: [PlanEntry], _ origins: RoleOrigins? = nil) -> [String] {
        entries.flatMap { entry -> [String] in
            let grant = entry.after ?? entry.before
            var lines = [
                "\(entry.action.sign) \(entry.key.name)  \(self.words.scope(entry.key.scope))"
                    + self.words.days(grant?.startDate, grant?.endDate) + "  (\(self.words.action(entry.action)))"
            ]
            lines += entry.reasons.map { "    \(self.words.reason($0))" }
            if let role = self.policy?.vocabulary.role(entry.key.name), role.comesWithRecords {
                return lines + [
                    "    " + self.language(sv: "kommer med posterna (\(role.place))", en: "comes with records (\(role.place))")
                ]
            }
            let origin = origins?.origin(of: entry.key)
            for deed in [origin, origins?.pending(entry.key)].compactMap({ $0 }) {
                lines.append("    \(RoleOriginText(self.language).line(deed))")
            }
            if origin == nil, entry.before != nil, let since = origins?.since(entry.key) {
                lines.append(
                    "    "
                        + self.language(
                            sv: "given förbi hubben, känd sedan \(since)", en: "given past the hub, known since \(since)"))
            }
            if let block = entry.block { lines.append("    \(self.words.block(block))") }
            if let cause = entry.cause { lines.append("    \(self.words.cause(cause))") }
            if entry.action == .keep, entry.reasons.isEmpty {
                lines.append("    " + self.words.finding(.orphan))
            }
            return lines
        }
    }

    func lines(_ answer: RoleAnswer) -> [String] {
        switch answer {
        case .given(let entries):
            return [self.language(sv: "Personen ska ha rollen:", en: "The person shall have the role:")] + self.lines(entries)
        case .blocked(let entries):
            return [self.language(sv: "En regel ger den, men:", en: "A rule gives it, but:")] + self.lines(entries)
        case .deceased: return [self.language(sv: "Personen har avlidit.", en: "The person has died.")]
        case .noRule: return [self.language(sv: "Ingen regel ger rollen till någon.", en: "No rule gives the role to anybody.")]
        case .notGiven(let misses):
            return [self.language(sv: "Ingen regel ger den. Närmast:", en: "No rule gives it. The nearest:")]
                + misses.flatMap { miss in
                    [
                        "  \(miss.rule) (\(miss.place))" + (miss.source.map { " ← \($0)" } ?? ""),
                        "    \(self.words.failure(miss.first))" + self.more(miss),
                    ]
                }
        }
    }

    private func more(_ miss: NearMiss) -> String {
        guard miss.failures > 1, miss.failures < .max else { return "" }
        return self.language(sv: " (och \(miss.failures - 1) till)", en: " (and \(miss.failures - 1) more)")
    }

    func json(_ answer: RoleAnswer) -> JSONValue {
        switch answer {
        case .given(let entries): ["answer": "given", "entries": .array(entries.map(\.json))]
        case .blocked(let entries): ["answer": "blocked", "entries": .array(entries.map(\.json))]
        case .deceased: ["answer": "deceased"]
        case .noRule: ["answer": "no-rule"]
        case .notGiven(let misses):
            [
                "answer": "not-given",
                "nearest": .array(
                    misses.map { miss in
                        [
                            "rule": .string(miss.rule), "file": .string(miss.place.file),
                            "line": .integer(Int64(miss.place.line)),
                            "source": miss.source.map { .string($0.description) } ?? .null,
                            "failures": miss.failures == .max ? .null : .integer(Int64(miss.failures)),
                            "first": .string(self.words.failure(miss.first)),
                        ]
                    }),
            ]
        }
    }
}
