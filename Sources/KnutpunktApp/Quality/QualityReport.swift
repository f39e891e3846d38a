public import Hub
public import Reconciliation
import SchoolRecords

/// What a run found, as people and programs are told it: by school, by owner, by rule, and against the runs before.
public struct QualityReport: Sendable {
    /// Numbers of some rules at some units together.
    public struct Numbers: Sendable, Hashable {
        public var examined = 0
        public var found = 0
        public var blocking = 0
        public var warning = 0

        mutating func add(_ count: QualityCount, _ severity: QualitySeverity) {
            self.examined += count.examined
            self.found += count.found
            if severity == .blocks { self.blocking += count.found } else { self.warning += count.found }
        }

        static func += (left: inout Numbers, right: Numbers) {
            left.examined += right.examined
            left.found += right.found
            left.blocking += right.blocking
            left.warning += right.warning
        }

        /// Tenths of a per cent of what was examined that lacks nothing, cut off: 1000 only when nothing is found.
        public var tenths: Int { self.examined == 0 ? 1000 : (self.examined - self.found) * 1000 / self.examined }
    }

    /// The numbers of a run, of what was asked for.
    public struct Point: Sendable {
        public let run: QualityRun
        public var total = Numbers()
        var rules: [QualityRule: Numbers] = [:]
        var units: [String: Numbers] = [:]
        var places: [QualityCount.Place: Numbers] = [:]
    }

    /// A school with its units.
    public struct School: Sendable {
        /// `nil` for what belongs to none.
        public let id: String?
        public let name: String
        /// Those of its units, itself among them, that something was examined at; in the order of their names.
        public let units: [String]
        public let numbers: Numbers
        /// Of the run before; `nil` when there is none.
        public let before: Numbers?
    }

    public let run: QualityRun
    public let settings: QualitySettings
    let filter: QualityFilter
    /// Runs with the latest last.
    public private(set) var trend: [Point] = []
    /// Findings of the latest run, in the order of rules.
    public internal(set) var findings: [KeptQualityFinding] = []
    /// Whether there are more findings than these.
    public internal(set) var isCut = false
    var names: [RecordKey: String] = [:]
    private var parents: [String: String] = [:]
    private var codes: [String: String] = [:]

    init(run: QualityRun, settings: QualitySettings, filter: QualityFilter) {
        self.run = run
        self.settings = settings
        self.filter = filter
    }

    mutating func add(_ counts: [QualityCount], of run: QualityRun) {
        var point = Point(run: run)
        for count in counts where self.filter.has(count.rule, count.unit) {
            let severity = self.settings.severity(of: count.rule)
            point.total.add(count, severity)
            point.rules[count.rule, default: Numbers()].add(count, severity)
            point.units[count.unit ?? "", default: Numbers()].add(count, severity)
            point.places[count.place, default: Numbers()].add(count, severity)
        }
        self.trend.append(point)
    }

    /// Schools above units, and what they are called.
    mutating func name(_ organisations: [Organisation]) {
        let schools = Set(organisations.filter { $0.organisationType == .school }.map(\.id))
        for organisation in organisations {
            self.names[RecordKey(.organisation, organisation.id)] = organisation.displayName
            self.codes[organisation.id] = organisation.schoolUnitCode ?? organisation.organisationCode
            if let parent = organisation.parentOrganisation?.id, schools.contains(parent), !schools.contains(organisation.id) {
                self.parents[organisation.id] = parent
            }
        }
    }

    public var latest: Point { self.trend.last ?? Point(run: self.run) }
    public var before: Point? { self.trend.dropLast().last }
    public var total: Numbers { self.latest.total }

    func code(of unit: String?) -> String? { unit.flatMap { self.codes[$0] } }

    /// What a unit is called; its id where nobody knows.
    func name(of unit: String) -> String { self.names[RecordKey(.organisation, unit)] ?? unit }

    /// The school that a unit belongs to, or the unit itself.
    func school(of unit: String?) -> String? { unit.map { self.parents[$0] ?? $0 } }

    /// In the order of their names; what belongs to no school comes last.
    public func schools(_ language: Language) -> [School] {
        var units: [String: Set<String>] = [:]
        for unit in self.latest.units.keys { units[self.school(of: unit) ?? "", default: []].insert(unit) }
        func sum(_ units: Set<String>, _ point: Point) -> Numbers {
            units.reduce(into: Numbers()) { $0 += point.units[$1] ?? Numbers() }
        }
        return units.map { school, own in
            School(
                id: school.isEmpty ? nil : school,
                name: school.isEmpty ? language(sv: "Utan enhet", en: "Without unit") : self.name(of: school),
                units: own.sorted { (self.name(of: $0), $0) < (self.name(of: $1), $1) }, numbers: sum(own, self.latest),
                before: self.before.map { sum(own, $0) })
        }.sorted {
            ($0.id == nil ? 1 : 0, Self.order($0.name), $0.id ?? "") < ($1.id == nil ? 1 : 0, Self.order($1.name), $1.id ?? "")
        }
    }

    /// Numbers by whose task it is.
    public var owners: [(owner: QualityOwner, numbers: Numbers)] {
        QualityOwner.allCases.compactMap { owner in
            var numbers = Numbers()
            for (rule, own) in self.latest.rules where rule.owner == owner { numbers += own }
            return numbers.found > 0 ? (owner, numbers) : nil
        }
    }

    /// Rules that found something: first what blocks, then what is most.
    public var rules: [(rule: QualityRule, numbers: Numbers, before: Numbers?)] {
        self.latest.rules.filter { $0.value.found > 0 }.map { rule, numbers in
            (rule, numbers, self.before.map { $0.rules[rule] ?? Numbers() })
        }.sorted { left, right in
            let (one, other) = (self.settings.severity(of: left.0), self.settings.severity(of: right.0))
            if one != other { return one == .blocks }
            return left.1.found == right.1.found ? left.0 < right.0 : left.1.found > right.1.found
        }
    }

    /// Swedish letters come last, however the machine sorts.
    private static func order(_ name: String) -> String {
        name.lowercased().replacing("å", with: "{").replacing("ä", with: "|").replacing("ö", with: "}")
    }
}
