import Foundation
import Mapping
import Messaging
import Reconciliation
import SchoolRecords

/// A record of which today's mapping makes nothing for a system.
struct UnmappedRecord: Sendable {
    let system: String
    let key: RecordKey
    let failure: MappingFailure
}

/// Makes every row that systems should hold, from the register by today's mappings: page by page, each record opened once for all
/// systems.
struct ExpectedReading: Sendable {
    private static let pageSize = 400
    private static let pagesAtOnce = 3
    /// Groups and organisations that are kept at hand while everything else is gone through.
    private static let mostAtHand = 4000

    let store: any HubStore
    let mappings: MappingSet
    let systems: [String]
    let today: CalendarDate

    /// What one page gives.
    struct Page: Sendable {
        var rows: [String: PackedRows] = [:]
        var unmapped: [UnmappedRecord] = []
        /// Records read.
        var records = 0
    }

    /// - Parameter take: called for one page after the other, in no order.
    func read(_ take: (Page) async throws -> Void) async throws {
        let atHand = try await self.recordsAtHand()
        let wanted = Entity.allCases.filter { entity in
            self.systems.contains { self.mappings.outbound(system: $0, entity: entity) != nil }
        }
        for entity in wanted {
            let mappings = self.systems.compactMap { system in
                self.mappings.outbound(system: system, entity: entity).map { (system, $0) }
            }
            try await withThrowingTaskGroup(of: Page.self) { group in
                var last: String?
                var isEnd = false
                var running = 0
                while true {
                    while !isEnd, running < Self.pagesAtOnce {
                        let records = try await self.store.liveRecords(of: entity, after: last, limit: Self.pageSize)
                        last = records.last?.key.id
                        isEnd = records.count < Self.pageSize
                        if records.isEmpty { break }
                        running += 1
                        group.addTask { try await self.page(records, mappings, atHand) }
                    }
                    guard let page = try await group.next() else { return }
                    running -= 1
                    try await take(page)
                }
            }
        }
    }

    /// The same for these records alone.
    func read(_ keys: Set<RecordKey>, _ take: (Page) async throws -> Void) async throws {
        guard !keys.isEmpty else { return }
        let atHand = try await self.recordsAtHand()
        for (entity, keys) in Dictionary(grouping: keys.sorted(), by: \.entity).sorted(by: { $0.key < $1.key }) {
            let mappings = self.systems.compactMap { system in
                self.mappings.outbound(system: system, entity: entity).map { (system, $0) }
            }
            guard !mappings.isEmpty else { continue }
            var rest = keys[...]
            while !rest.isEmpty {
                let records = try await self.store.records(Array(rest.prefix(Self.pageSize)))
                rest = rest.dropFirst(Self.pageSize)
                let living = records.values.filter { $0.operation == .upserted }.sorted { $0.key < $1.key }
                try await take(try await self.page(living, mappings, atHand))
            }
        }
    }

    /// Organisations and groups: most look-ups are of them.
    private func recordsAtHand() async throws -> [RecordKey: LookedUp] {
        var found: [RecordKey: LookedUp] = [:]
        for entity in [Entity.organisation, .group] {
            for record in try await self.store.liveRecords(of: entity, after: nil, limit: Self.mostAtHand) {
                guard found.count < Self.mostAtHand, let document = try? JSONDocument(parsing: record.body) else { continue }
                found[record.key] = .found(document)
            }
        }
        return found
    }

    private func page(
        _ all: [RegisteredRecord], _ mappings: [(system: String, mapping: OutboundMapping)], _ atHand: [RecordKey: LookedUp]
    ) async throws -> Page {
        // What a probe has on its way is nobody's.
        let records = all.filter { !ProbeRecords.has($0) }
        var page = Page()
        page.records = records.count
        var work: [(record: RegisteredRecord, document: JSONDocument, system: String, mapping: OutboundMapping)] = []
        for record in records {
            guard let document = try? JSONDocument(parsing: record.body) else { continue }
            for (system, mapping) in mappings where record.concerns(system) && mapping.takes(from: record.source) {
                work.append((record, document, system, mapping))
            }
        }
        try await RegisterReader(store: self.store).settle(work.count, atHand: atHand) { index, lookedUp in
            let (record, document, system, mapping) = work[index]
            do throws(MappingFailure) {
                switch try mapping.apply(document, today: self.today, lookedUp: lookedUp) {
                case .needs(let keys): return keys
                case .rows(let projection):
                    for row in projection.rows {
                        page.rows[system, default: PackedRows()].append(
                            kind: row.kind, key: row.key, fields: row.fields, giver: "\(record.key)")
                    }
                }
            } catch {
                page.unmapped.append(UnmappedRecord(system: system, key: record.key, failure: error))
            }
            return nil
        }
        return page
    }
}
