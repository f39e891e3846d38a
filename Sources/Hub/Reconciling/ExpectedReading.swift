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
    /// Only records of these entities; `nil` = all.
    var entities: Set<Entity>?

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
            self.entities?.contains(entity) != false
                && self.systems.contains { self.mappings.outbound(system: $0, entity: entity) != nil }
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
                        let own = records.filter { !ProbeRecords.has($0) }
                        running += 1
                        group.addTask { try await self.page(own, mappings, atHand) }
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

    private struct Work {
        let index: Int
        let mapping: Int
    }

    private func page(
        _ records: [RegisteredRecord], _ mappings: [(system: String, mapping: OutboundMapping)],
        _ atHand: [RecordKey: LookedUp]
    ) async throws -> Page {
        var page = Page()
        page.records = records.count
        let documents = records.map { try? JSONDocument(parsing: $0.body) }
        var lookedUp = atHand
        var open: [Work] = []
        for (number, (system, mapping)) in mappings.enumerated() {
            for (index, record) in records.enumerated() where record.concerns(system) && mapping.takes(from: record.source) {
                open.append(Work(index: index, mapping: number))
            }
        }
        let reader = RegisterReader(store: self.store)
        while !open.isEmpty {
            var needed: Set<RecordKey> = []
            var again: [Work] = []
            for work in open {
                guard let document = documents[work.index] else { continue }
                let (system, mapping) = mappings[work.mapping]
                let key = records[work.index].key
                do throws(MappingFailure) {
                    switch try mapping.apply(document, today: self.today, lookedUp: lookedUp) {
                    case .needs(let keys):
                        // A mapping that asks again for what it has been given would ask for ever.
                        let unknown = keys.filter { lookedUp[$0] == nil }
                        guard !unknown.isEmpty else { continue }
                        needed.formUnion(unknown)
                        again.append(work)
                    case .rows(let projection):
                        let giver = "\(key)"
                        for row in projection.rows {
                            page.rows[system, default: PackedRows()].append(
                                kind: row.kind, key: row.key, fields: row.fields, giver: giver)
                        }
                    }
                } catch {
                    page.unmapped.append(UnmappedRecord(system: system, key: key, failure: error))
                }
            }
            lookedUp.merge(try await reader.lookUp(needed)) { first, _ in first }
            open = again
        }
        return page
    }
}
