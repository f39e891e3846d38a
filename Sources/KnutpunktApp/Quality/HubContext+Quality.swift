public import Hub
import Mapping
import Messaging
public import Reconciliation
public import SchoolRecords

/// What somebody wants to see of the quality of the sources.
public struct QualityQuestion: Sendable {
    /// Schools or units by code, name or id; a school brings its units. Empty = all.
    public var units: [String] = []
    /// Empty = all.
    public var rules: Set<QualityRule> = []
    public var owners: Set<QualityOwner> = []
    public var entities: Set<Entity> = []
    /// So many findings at most; `nil` = all.
    public var limit: Int?
    /// Also what persons are called. Ask for permission first.
    public var withNames = false
    /// So many runs for the trend.
    public var runs = 60

    public init() {}

    /// The rules that are asked for.
    var chosen: Set<QualityRule> {
        Set(
            QualityRule.allCases.filter { rule in
                (self.rules.isEmpty || self.rules.contains(rule)) && (self.owners.isEmpty || self.owners.contains(rule.owner))
                    && (self.entities.isEmpty || self.entities.contains(rule.entity))
            })
    }
}

extension HubContext {
    /// What `quality.yaml` says of the rules, or the standard.
    public var qualitySettings: QualitySettings { self.mappings.set.quality.map { QualityFile.read($0).settings } ?? .init() }

    /// Holds the rules in force against the register.
    public func qualityRunner(clock: HubClock = .system) -> QualityRunner {
        QualityRunner(
            store: self.store, settings: self.qualitySettings,
            titleCodes: Set(self.mappings.set.roleVocabulary.titleCodes.keys),
            titleCode: { RolePolicy.titleCode(in: $0) }, clock: clock)
    }

    /// Makes a run now.
    @discardableResult
    public func runQuality(clock: HubClock = .system) async throws -> QualityRun {
        try await self.qualityRunner(clock: clock).run(keepDays: self.configuration.quality.keepDays)
    }

    /// What the latest run found.
    ///
    /// - Returns: `nil` when there has been no run.
    /// - Throws: ``AppError`` when a unit is nowhere, or means several.
    public func qualityReport(_ question: QualityQuestion) async throws -> QualityReport? {
        let runs = try await self.store.qualityRuns(limit: max(2, question.runs))
        guard let latest = runs.first else { return nil }
        let filter = QualityFilter(rules: question.chosen, units: try await self.units(named: question.units))
        var report = QualityReport(run: latest, settings: self.qualitySettings, filter: filter)
        for run in runs.reversed() {
            report.add(try await self.store.qualityCounts(of: run.number), of: run)
        }
        let findings = try await self.store.qualityFindings(filter, limit: question.limit.map { $0 + 1 })
        report.isCut = question.limit.map { findings.count > $0 } ?? false
        report.findings = question.limit.map { Array(findings.prefix($0)) } ?? findings
        try await self.namePlaces(&report)
        if question.withNames { try await self.namePersons(&report) }
        return report
    }

    /// Writes into the audit log that somebody has looked at findings, with names or without.
    public func lookAtQuality(
        withNames: Bool, reason: String?, by name: String, clock: HubClock = .system
    ) async throws {
        try await self.store.note(
            withNames ? "quality.names" : "quality.list", subject: "quality", reason: reason, by: name, time: clock.timestamp)
    }

    private func namePlaces(_ report: inout QualityReport) async throws {
        var organisations: [Organisation] = []
        let reader = RegisterReader(store: self.store)
        try await reader.pages(of: .organisation) { page in
            organisations += page.compactMap { try? Organisation(json: $0.document.value) }
        }
        report.name(organisations)
        let groups = Set(report.findings.flatMap { $0.finding.keys }.filter { $0.entity == .group })
        for keys in Array(groups).chunks(of: RegisterReader.pageSize) {
            for (key, record) in try await self.store.records(keys) {
                guard let value = try? JSONValue(parsing: record.body) else { continue }
                report.names[key] = value["displayName"]?.stringValue
            }
        }
    }

    /// The persons that findings are about: who has the duty, the child of the placement.
    private func namePersons(_ report: inout QualityReport) async throws {
        let keys = Set(report.findings.flatMap(\.finding.keys))
        var subjects: [RecordKey: RecordKey] = [:]
        for chunk in keys.filter({ $0.entity == .duty || $0.entity == .placement }).chunks(of: RegisterReader.pageSize) {
            for (key, record) in try await self.store.records(chunk) {
                guard let value = try? JSONValue(parsing: record.body) else { continue }
                subjects[key] = SchoolRecord.subject(key.entity, value)
            }
        }
        let persons = keys.filter { $0.entity == .person }.union(subjects.values)
        var names: [RecordKey: String] = [:]
        for chunk in Array(persons).chunks(of: RegisterReader.pageSize) {
            for (key, record) in try await self.store.records(chunk) where record.operation == .upserted {
                guard let value = try? JSONValue(parsing: record.body), let person = try? Person(json: value),
                    person.securityMarking?.isProtected != true
                else { continue }
                names[key] = "\(person.givenName) \(person.familyName)"
            }
        }
        report.names.merge(names) { _, name in name }
        for (key, person) in subjects { report.names[key] = names[person] }
    }
}

extension QualityFinding {
    /// The records that it is about.
    var keys: [RecordKey] {
        guard let related, let slash = related.firstIndex(of: "/"), let entity = Entity(rawValue: String(related[..<slash]))
        else {
            return [self.key]
        }
        return [self.key, RecordKey(entity, String(related[related.index(after: slash)...]))]
    }
}

extension Collection {
    fileprivate func chunks(of size: Int) -> [[Element]] {
        var chunks: [[Element]] = []
        var rest = self[...]
        while !rest.isEmpty {
            chunks.append(Array(rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        return chunks
    }
}
