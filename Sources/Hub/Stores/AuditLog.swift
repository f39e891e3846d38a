import Foundation

/// Something that a person decided, as it is kept: entries are only ever added, and each seals the one before.
public struct AuditEntry: Sendable, Hashable, Codable {
    /// From 1, without gaps.
    public let number: Int64
    /// RFC 3339 in UTC.
    public let time: String
    /// Who decided: the name by which the operating system or the console knows them.
    public let person: String
    /// What was done, e.g. `replay.start`, `replay`, `discard`, `edit`.
    public let action: String
    /// To what, e.g. `failure/17`, `replay/1f2e3d4c`.
    public let subject: String
    /// What it was part of, e.g. a replay's id.
    public let operation: String?
    /// Why, in the person's words.
    public let reason: String?
    /// Over this entry and the one before, with the hub's key: nobody without it can change what was written.
    public let hash: String

    public init(
        number: Int64, time: String, person: String, action: String, subject: String, operation: String?, reason: String?,
        hash: String
    ) {
        self.number = number
        self.time = time
        self.person = person
        self.action = action
        self.subject = subject
        self.operation = operation
        self.reason = reason
        self.hash = hash
    }

    /// The hash that an entry with this content must have after one with `previous`.
    public func sealed(after previous: String, key: HubKey) -> String {
        let parts: [String?] = [
            previous, String(self.number), self.time, self.person, self.action, self.subject, self.operation, self.reason,
        ]
        // Each with its length, so that nothing can slide from one to the next.
        let text = parts.map { part in part.map { "\($0.utf8.count):\($0)" } ?? "-" }.joined(separator: "|")
        return key.contentHash(Data(text.utf8))
    }
}

/// Which entries of the audit log are meant; empty = all.
public struct AuditFilter: Sendable, Hashable {
    /// Only entries with a number above this one: the next page.
    public var after: Int64 = 0
    /// Only entries with a number below this one: the next page of the newest first.
    public var before: Int64?
    /// What was done, exactly.
    public var action: String?
    public var operation: String?
    public var subject: String?
    public var person: String?
    /// Whether the last entries come first.
    public var isNewestFirst = false
    public var limit = 100

    public init() {}
}

/// The audit log. What changes something writes its entry in the same transaction; who looks at personal data has it written
/// before.
public protocol AuditLog: Sendable {
    /// Adds an entry for what changes nothing, e.g. that somebody looks at a person.
    ///
    /// - Parameters:
    ///   - subject: names nobody: a pseudonym, or a number of the hub's own.
    ///   - time: RFC 3339 in UTC.
    func note(_ action: String, of subject: String, reason: String, by person: String, time: String) async throws

    /// In order of their numbers, or the other way round.
    func auditEntries(_ filter: AuditFilter) async throws -> [AuditEntry]

    /// What has been done: each action in the log once, in the order of their names.
    func auditActions() async throws -> [String]

    /// Goes through the whole log.
    ///
    /// - Returns: the first entry that isn't as it was written, or that is missing; `nil` when all is well.
    func firstBrokenAuditEntry() async throws -> Int64?
}
