import Foundation
public import Reconciliation
import SchoolRecords

/// Holds the rules of source quality against everything in the register, and keeps what comes of it.
///
/// The register is walked through twice, page by page: once for what must be known of other records, once to judge each. In memory
/// are schools, groups, some bytes for each person, and a page.
public struct QualityRunner: Sendable {
    private static let pageSize = 500

    private let store: any HubStore
    private let settings: QualitySettings
    private let titleCodes: Set<String>
    private let titleCode: @Sendable (String) -> String?
    private let clock: HubClock

    /// - Parameters:
    ///   - titleCodes: those that the code table knows.
    ///   - titleCode: finds the code in a duty's description.
    public init(
        store: any HubStore, settings: QualitySettings, titleCodes: Set<String>,
        titleCode: @escaping @Sendable (String) -> String?, clock: HubClock = .system
    ) {
        self.store = store
        self.settings = settings
        self.titleCodes = titleCodes
        self.titleCode = titleCode
        self.clock = clock
    }

    /// One run, from its beginning to its end.
    ///
    /// - Parameter keepDays: of runs older than that one a week is kept.
    /// - Returns: the run as it is kept.
    @discardableResult
    public func run(keepDays: Int) async throws -> QualityRun {
        var run = try await self.store.beginQualityRun(time: self.clock.timestamp)
        var facts = QualityFacts(
            today: self.clock.calendarDate, settings: self.settings, titleCodes: self.titleCodes, titleCode: self.titleCode,
            withheld: try await self.store.withheldPersons())
        for entity in QualityFacts.entities {
            try await self.walk(entity, &run) { facts.collect($0) }
        }
        run.unreadable = 0
        var check = QualityCheck(facts)
        for entity in QualityFacts.entities {
            try await self.walk(entity, &run) {
                check.examine($0)
            } afterPage: { run in
                try await self.store.keep(qualityFindings: check.tally.takeFindings(), of: run)
            }
        }
        check.finish()
        try await self.store.keep(qualityFindings: check.tally.takeFindings(), of: run)
        let counts = check.tally.counts
        for count in counts {
            run.examined += count.examined
            run.found += count.found
            if self.settings.severity(of: count.rule) == .blocks {
                run.blocking += count.found
            } else {
                run.warning += count.found
            }
        }
        run.silent = Dictionary(
            uniqueKeysWithValues: check.silent.map { ($0.key.rawValue, $0.value.map(\.standardName).sorted()) })
        run.off = self.settings.off.map(\.rawValue).sorted()
        try await self.store.end(qualityRun: run, counts: counts)
        try await self.store.thinQualityRuns(
            before: RFC3339.text(self.clock.now().addingTimeInterval(-86_400 * Double(keepDays))))
        return run
    }

    /// Hands out all records of an entity.
    private func walk(
        _ entity: Entity, _ run: inout QualityRun, _ body: (QualityRecord) -> Void,
        afterPage: (QualityRun) async throws -> Void = { _ in }
    ) async throws {
        var last: String?
        while true {
            try Task.checkCancellation()
            let records = try await self.store.liveRecords(of: entity, after: last, limit: Self.pageSize)
            guard let end = records.last else { return }
            last = end.key.id
            for record in records where record.source != ProbeRecords.source {
                if let json = try? JSONValue(parsing: record.body), let value = QualityRecord(entity, json) {
                    body(value)
                } else {
                    run.unreadable += 1
                }
            }
            try await afterPage(run)
        }
    }
}
