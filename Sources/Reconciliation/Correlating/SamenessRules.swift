/// By what rows of one kind that have different keys are taken for the same person, or thing.
public struct SamenessRules: Sendable, Hashable {
    /// Fields that have to be equal together, and how sure that makes it.
    public struct Rule: Sendable, Hashable {
        public let fields: [String]
        /// Above 0 and at most 1.
        public let confidence: Double

        public init(fields: [String], confidence: Double) {
            self.fields = fields
            self.confidence = confidence
        }
    }

    /// Row kind → its rules, the surest first.
    public let kinds: [String: [Rule]]

    public init(_ kinds: [String: [Rule]]) {
        self.kinds = kinds.mapValues { $0.sorted { $0.confidence > $1.confidence } }
    }

    /// At least so sure is taken for certain; below it a person has to say.
    public static let certain = 0.95

    /// What a row has in common with others of its kind, with how sure that is: texts that are equal where the rows are the
    /// same. Upper and lower case, spaces and hyphens don't count.
    public func tokens(of kind: String, _ fields: [String: String]) -> [(token: String, confidence: Double)] {
        (self.kinds[kind] ?? []).enumerated().compactMap { number, rule in
            let values = rule.fields.map { Self.plain(fields[$0] ?? "") }
            guard values.allSatisfy({ !$0.isEmpty }) else { return nil }
            return ("\(kind)|\(number)|\(values.joined(separator: "|"))", rule.confidence)
        }
    }

    private static func plain(_ value: String) -> String {
        String(value.lowercased().filter { $0.isLetter || $0.isNumber || $0 == "@" || $0 == "." })
    }
}

/// Finds, among all rows that a system should hold, those that are the same as rows that it shouldn't.
public struct Correlator: Sendable {
    /// A row that may be the same as one that is looked for.
    public struct Match: Sendable, Hashable {
        /// The key of the row that the system should hold.
        public let key: String
        /// What is told with that row: the record that gives it.
        public let giver: String
        public let confidence: Double

        public init(key: String, giver: String, confidence: Double) {
            self.key = key
            self.giver = giver
            self.confidence = confidence
        }
    }

    private let rules: SamenessRules
    /// Token → the keys, with their kinds, of rows that are looked for.
    private var sought: [String: [Identity]] = [:]
    private var kinds: Set<String> = []
    private var seekers: Set<Identity> = []
    public private(set) var matches: [Identity: Match] = [:]

    /// A row of a system.
    public struct Identity: Sendable, Hashable {
        public let kind: String
        public let key: String

        public init(kind: String, key: String) {
            self.kind = kind
            self.key = key
        }
    }

    public init(_ rules: SamenessRules) { self.rules = rules }

    /// Whether there is anything to look for.
    public var isEmpty: Bool { self.sought.isEmpty }

    /// Adds a row that the system holds and shouldn't. All are added before rows are offered.
    public mutating func seek(kind: String, key: String, fields: [String: String]) {
        self.seekers.insert(Identity(kind: kind, key: key))
        for (token, _) in self.rules.tokens(of: kind, fields) {
            self.sought[token, default: []].append(Identity(kind: kind, key: key))
            self.kinds.insert(kind)
        }
    }

    /// Holds a row that the system should hold against those that are sought. The surest match counts; of equally sure ones the
    /// first key.
    public mutating func offer(_ row: PackedRow) {
        let kind = row.kind
        guard self.kinds.contains(kind), !self.seekers.contains(Identity(kind: kind, key: row.key)) else { return }
        for (token, confidence) in self.rules.tokens(of: kind, row.fields) {
            for identity in self.sought[token] ?? [] where identity.key != row.key {
                let match = Match(key: row.key, giver: row.giver, confidence: confidence)
                if let known = self.matches[identity],
                    known.confidence > confidence || known.confidence == confidence && known.key <= row.key
                {
                    continue
                }
                self.matches[identity] = match
            }
        }
    }
}
