public import Mapping

/// A source's word that whoever has a number is protected, beside what the source of the person says: the population register's.
///
/// The number is a keyed hash, so that somebody whom the hub doesn't know is found at the first reading, and nobody's number is kept for it.
public struct SourceMark: Sendable, Hashable {
    public let source: String
    /// ``RecordTerms/number(_:key:)``.
    public let number: String
    /// The opaque id; `nil` while the hub doesn't know whose the number is.
    public let person: String?
    /// `nil` for a marking that the standard doesn't have: no clearance covers it.
    public let level: ProtectionLevel?
    /// The level as a word.
    public var levelName: String? { self.level?.rawValue }
    /// RFC 3339 in UTC.
    public let time: String

    public init(source: String, number: String, person: String?, level: ProtectionLevel?, time: String) {
        self.source = source
        self.number = number
        self.person = person
        self.level = level
        self.time = time
    }

    /// - Parameter levelName: the level as a word; another word is a marking that the standard doesn't have.
    public init(source: String, number: String, person: String?, levelName: String?, time: String) {
        self.init(
            source: source, number: number, person: person, level: levelName.flatMap(ProtectionLevel.init(rawValue:)), time: time)
    }
}

/// Where sources' marks are kept.
public protocol SourceMarks: Sendable {
    func sourceMarks() async throws -> [SourceMark]

    /// Keeps marks, in the audit log as the source's. A person whom a mark has got stays, also when the number leads to nobody any more.
    func mark(_ marks: [SourceMark]) async throws

    /// Tells whose numbers are: number → opaque id. Those that lead to somebody already are left.
    func tie(_ persons: [String: String], time: String) async throws

    /// Takes a source's marks away: those of these numbers, and all of the person's.
    ///
    /// - Parameter person: the opaque id.
    /// - Returns: whether there were any.
    func unmark(_ numbers: Set<String>, of person: String?, source: String, time: String) async throws -> Bool
}
