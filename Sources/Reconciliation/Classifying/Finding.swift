public import SchoolRecords

/// One field that differs.
public struct FieldDifference: Sendable, Hashable, Codable {
    /// The field's name in the receiving system.
    public let name: String
    public let nature: FieldNature
    /// What it should be and what it is: personal data, for the eyes of people who may see it.
    public let expected: String?
    public let held: String?

    public init(name: String, nature: FieldNature, expected: String?, held: String?) {
        self.name = name
        self.nature = nature
        self.expected = expected
        self.held = held
    }

    /// The fields of two states of a row that differ, in the order of their names.
    public static func all(expected: [String: String], held: [String: String]) -> [FieldDifference] {
        Set(expected.keys).union(held.keys).sorted().compactMap { name in
            FieldNature(expected: expected[name], held: held[name]).map {
                FieldDifference(name: name, nature: $0, expected: expected[name], held: held[name])
            }
        }
    }
}

/// One place where a system doesn't hold what it should, why, who is right, and what to do.
public struct Finding: Sendable, Hashable, Codable {
    public let system: String
    /// The row type in the receiving system's words.
    public let kind: String
    /// The row's key there: personal data, for the eyes of people who may see it; never for logs.
    public let key: String
    public var situation: Situation
    public var cause: Cause
    public var remedy: Remedy
    public var fields: [FieldDifference] = []
    /// The record that gives the row, gave it, or is what it is about.
    public var record: RecordKey?
    /// The id of the record's school unit.
    public var unit: String?
    /// The system whose word counts for it.
    public var authority: String?
    /// How many states the receiving system is behind.
    public var behind = 0
    /// The failed message, for `knutpunkt failed show`.
    public var message: Int64?
    /// The failed message's error, or the mapping's.
    public var code: String?
    /// The mass change that it is set aside with, for `knutpunkt held show`.
    public var held: String?
    /// The record that it waits for, or that names a row that isn't there.
    public var awaited: RecordKey?
    /// The key of the row that it is the same person as: personal data.
    public var otherKey: String?
    /// How sure that is, above 0 and at most 1.
    public var confidence: Double?

    public init(system: String, kind: String, key: String, situation: Situation, cause: Cause, remedy: Remedy) {
        self.system = system
        self.kind = kind
        self.key = key
        self.situation = situation
        self.cause = cause
        self.remedy = remedy
    }

    public var owner: Owner { Owner(of: self.remedy) }

    /// Whether it is merely on its way, or as it should be.
    public var isReal: Bool { self.situation.isFault && (!self.cause.isInFlight || self.situation == .leaked) }
}
