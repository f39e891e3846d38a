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

    /// The latest entry; `nil` when there is none.
    func lastAuditEntry() async throws -> AuditEntry?

    /// What has been done: each action in the log once, in the order of their names.
    func auditActions() async throws -> [String]

    /// Goes through the whole log.
    ///
    /// - Returns: the first entry that isn't as it was written, or that is missing; `nil` when all is well.
    func firstBrokenAuditEntry() async throws -> Int64?
}

/// An entry's number and hash, to be kept where nobody who gets at the hub can change them: as every entry seals those before it, they
/// hold the log as it was then. Without one nobody can tell that the latest entries were cut off, or the whole store put back.
///
/// Written as `17:0f3c…`.
public struct AuditAnchor: Sendable, Hashable, Codable, LosslessStringConvertible {
    public let number: Int64
    public let hash: String

    public init(_ entry: AuditEntry) {
        self.number = entry.number
        self.hash = entry.hash
    }

    public init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let number = Int64(parts[0]), number > 0, !parts[1].isEmpty, parts[1].allSatisfy(\.isHexDigit)
        else { return nil }
        self.number = number
        self.hash = parts[1].lowercased()
    }

    public var description: String { "\(self.number):\(self.hash)" }

    /// What an anchor says of the log as it is.
    public enum Finding: Sendable, Hashable {
        case holds
        /// The entry is another one.
        case other
        /// The log ends before it: entries were cut off, or an older store was put back.
        case cutOff(last: Int64)
        /// The entry was removed when it was old enough; nothing can be said.
        case tooOld
    }
}

extension AuditLog {
    /// Holds an anchor against the log. That the log is whole, see ``firstBrokenAuditEntry()``, is another question.
    public func check(_ anchor: AuditAnchor) async throws -> AuditAnchor.Finding {
        var filter = AuditFilter()
        (filter.after, filter.limit) = (anchor.number - 1, 1)
        guard let entry = try await self.auditEntries(filter).first else {
            return .cutOff(last: try await self.lastAuditEntry()?.number ?? 0)
        }
        if entry.number > anchor.number {
            // Between two entries there is no gap in a whole log: it is at the beginning.
            return .tooOld
        }
        return entry.hash == anchor.hash ? .holds : .other
    }
}
