import Hub
public import Mapping
public import Provisioning
public import SchoolRecords

/// Explanations of roles for people to read.
public struct RoleExplanationText: Sendable {
    private let words: RoleWords
    private let policy: RolePolicy?

    /// - Parameter policy: which tells what comes with records.
    public init(_ words: RoleWords, _ policy: RolePolicy? = nil) {
        self.words = words
        self.policy = policy
    }

    private var language: Language { self.words.language }

    /// Each role that somebody has or shall have.
    public func told(_ entries: [PlanEntry], _ origins: RoleOrigins? = nil) -> [ToldRole] {
        entries.map { entry in
            let grant = entry.after ?? entry.before
            return ToldRole(
                sign: entry.action.sign,
                title: "\(entry.key.name)  \(self.words.scope(entry.key.scope))"
                    + self.words.days(grant?.startDate, grant?.endDate) + "  (\(self.words.action(entry.action)))",
                details: self.details(entry, origins))
        }
    }

    private func details(_ entry: PlanEntry, _ origins: RoleOrigins?) -> [String] {
        var lines = entry.reasons.map(self.words.reason)
        if let role = self.policy?.vocabulary.role(entry.key.name), role.comesWithRecords {
            return lines + [self.language(sv: "kommer med posterna (\(role.place))", en: "comes with records (\(role.place))")]
        }
        let origin = origins?.origin(of: entry.key)
        for deed in [origin, origins?.pending(entry.key)].compactMap({ $0 }) {
            lines.append(RoleOriginText(self.language).line(deed))
        }
        if origin == nil, entry.before != nil, let since = origins?.since(entry.key) {
            lines.append(
                self.language(sv: "given förbi hubben, känd sedan \(since)", en: "given past the hub, known since \(since)"))
        }
        if let block = entry.block { lines.append(self.words.block(block)) }
        if let cause = entry.cause { lines.append(self.words.cause(cause)) }
        if entry.action == .keep, entry.reasons.isEmpty { lines.append(self.words.finding(.orphan)) }
        return lines
    }

    /// Why somebody has a role or doesn't: what it comes to, and the roles or rules behind it.
    public func told(_ answer: RoleAnswer) -> (heading: String, roles: [ToldRole]) {
        switch answer {
        case .given(let entries):
            return (self.language(sv: "Personen ska ha rollen:", en: "The person shall have the role:"), self.told(entries))
        case .blocked(let entries):
            return (self.language(sv: "En regel ger den, men:", en: "A rule gives it, but:"), self.told(entries))
        case .deceased: return (self.language(sv: "Personen har avlidit.", en: "The person has died."), [])
        case .noRule:
            return (self.language(sv: "Ingen regel ger rollen till någon.", en: "No rule gives the role to anybody."), [])
        case .notGiven(let misses):
            return (
                self.language(sv: "Ingen regel ger den. Närmast:", en: "No rule gives it. The nearest:"),
                misses.map { miss in
                    ToldRole(
                        sign: nil, title: "\(miss.rule) (\(miss.place))" + (miss.source.map { " ← \($0)" } ?? ""),
                        details: [self.words.failure(miss.first) + self.more(miss)])
                }
            )
        }
    }

    private func more(_ miss: NearMiss) -> String {
        guard miss.failures > 1, miss.failures < .max else { return "" }
        return self.language(sv: " (och \(miss.failures - 1) till)", en: " (and \(miss.failures - 1) more)")
    }

    /// The same for programs.
    public func json(_ answer: RoleAnswer) -> JSONValue {
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
