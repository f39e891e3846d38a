public import Foundation
public import SchoolRecords

/// Sends failures of some kinds again by itself: so long after each failed last, so many times at most.
public struct ReplayRule: Sendable, Hashable, Codable {
    /// Lower-case letters, digits and `-`; what it did before is known by its name.
    public let name: String
    /// A group's fingerprint, whole or its beginning.
    public var group: String?
    public var system: String?
    public var entity: Entity?
    /// An error code; `*` stands for anything, e.g. `row-*`.
    public var code: String?
    /// Minutes between a failure and the next try.
    public let afterMinutes: Int
    /// How often one failure is sent by this rule.
    public let atMost: Int
    /// Messages a minute; `nil` = as fast as the systems take them.
    public var rate: Int?

    public init(name: String, afterMinutes: Int, atMost: Int) {
        self.name = name
        self.afterMinutes = afterMinutes
        self.atMost = atMost
    }

    /// Who replays, in the audit log.
    public var actor: String { "rule/\(self.name)" }

    public var plan: ReplayPlan { ReplayPlan(rate: self.rate) }

    /// What failed last after this moment isn't due yet.
    public func cutoff(now: Date) -> Date { now.addingTimeInterval(-60 * Double(self.afterMinutes)) }

    /// When a failure that failed last at this moment is due.
    public func due(after failed: Date) -> Date { failed.addingTimeInterval(60 * Double(self.afterMinutes)) }

    /// Whether the rule is for a group of failures.
    public func takes(fingerprint: String, system: String, entity: Entity?, code: String) -> Bool {
        (self.group.map(fingerprint.hasPrefix) ?? true) && (self.system.map { $0 == system } ?? true)
            && (self.entity.map { $0 == entity } ?? true) && (self.code.map { CodePattern($0).matches(code) } ?? true)
    }
}

/// An error code in which `*` stands for anything, also nothing.
public struct CodePattern: Sendable, Hashable {
    private let parts: [Substring]

    public init(_ text: String) { self.parts = text.split(separator: "*", omittingEmptySubsequences: false) }

    public func matches(_ code: String) -> Bool {
        guard let first = self.parts.first, let last = self.parts.last, code.hasPrefix(first) else { return false }
        guard self.parts.count > 1 else { return code == first }
        var rest = code.dropFirst(first.count)
        for part in self.parts.dropFirst().dropLast() where !part.isEmpty {
            guard let range = rest.range(of: part) else { return false }
            rest = rest[range.upperBound...]
        }
        return rest.hasSuffix(last)
    }
}
