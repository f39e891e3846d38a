public import SchoolRecords

/// One record that lacks something.
public struct QualityFinding: Sendable, Hashable {
    public let rule: QualityRule
    public let key: RecordKey
    /// The id of the school or unit whose record it is; `nil` for what belongs to none.
    public let unit: String?
    /// The field of the record, as the standard names it.
    public let field: String?
    /// What it is about besides: another record (`person/…`), or a code (`title_code/…`). Never a value of a person's.
    public let related: String?

    public init(_ rule: QualityRule, _ key: RecordKey, unit: String?, field: String? = nil, related: String? = nil) {
        self.rule = rule
        self.key = key
        self.unit = unit
        self.field = field
        self.related = related
    }
}

/// How many records of a unit a rule was held against, and how many of them lack something.
public struct QualityCount: Sendable, Hashable {
    /// What is counted together.
    public struct Place: Sendable, Hashable {
        public let rule: QualityRule
        public let unit: String?

        public init(rule: QualityRule, unit: String?) {
            self.rule = rule
            self.unit = unit
        }
    }

    public let rule: QualityRule
    /// `nil` for what belongs to no unit.
    public let unit: String?
    public let examined: Int
    public let found: Int

    public var place: Place { Place(rule: self.rule, unit: self.unit) }

    public init(_ rule: QualityRule, unit: String?, examined: Int, found: Int) {
        self.rule = rule
        self.unit = unit
        self.examined = examined
        self.found = found
    }
}

/// Counts what rules were held against, and collects what they find until somebody takes it away.
public struct QualityTally: Sendable {
    private typealias Place = QualityCount.Place

    private struct Numbers {
        var examined = 0
        var found = 0
    }

    private let off: Set<QualityRule>
    private let unnamed: Set<QualityRule>
    private var numbers: [Place: Numbers] = [:]
    private var findings: [QualityFinding] = []

    /// - Parameters:
    ///   - off: rules that nothing is held against.
    ///   - unnamed: rules of which only the number is told.
    init(off: Set<QualityRule>, unnamed: Set<QualityRule>) {
        self.off = off
        self.unnamed = unnamed
    }

    /// Holds a rule against a record.
    ///
    /// - Parameter isFault: whether it lacks something.
    mutating func examine(
        _ rule: QualityRule, _ key: RecordKey, _ unit: String?, field: String? = nil, isFault: Bool
    ) {
        self.examine(rule, key, unit, field: field, faults: isFault ? [nil] : [])
    }

    /// Holds a rule against a record in which several things may be wrong.
    ///
    /// - Parameter faults: see ``QualityFinding/related``; empty when nothing is wrong.
    mutating func examine(
        _ rule: QualityRule, _ key: RecordKey, _ unit: String?, field: String? = nil, faults: [String?]
    ) {
        guard !self.off.contains(rule) else { return }
        self.numbers[Place(rule: rule, unit: unit), default: Numbers()].examined += 1
        guard !faults.isEmpty else { return }
        self.numbers[Place(rule: rule, unit: unit), default: Numbers()].found += 1
        guard !self.unnamed.contains(rule) else { return }
        for related in faults {
            self.findings.append(QualityFinding(rule, key, unit: unit, field: field, related: related))
        }
    }

    /// Tells of something wrong in a record that has been examined.
    mutating func fault(_ rule: QualityRule, _ key: RecordKey, _ unit: String?, field: String?, related: [String]) {
        guard !self.off.contains(rule) else { return }
        self.numbers[Place(rule: rule, unit: unit), default: Numbers()].found += 1
        for other in related {
            self.findings.append(QualityFinding(rule, key, unit: unit, field: field, related: other))
        }
    }

    /// What has been found since this was last asked.
    public mutating func takeFindings() -> [QualityFinding] {
        defer { self.findings = [] }
        return self.findings
    }

    /// By rule and unit, in order.
    public var counts: [QualityCount] {
        self.numbers.map { place, numbers in
            QualityCount(place.rule, unit: place.unit, examined: numbers.examined, found: numbers.found)
        }.sorted { $0.rule == $1.rule ? $0.unit ?? "" < $1.unit ?? "" : $0.rule < $1.rule }
    }
}
