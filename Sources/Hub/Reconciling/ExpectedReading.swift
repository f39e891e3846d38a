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
        let forms = try await self.forms()
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
                        group.addTask { try await self.page(records, mappings, atHand, forms) }
                    }
                    guard let page = try await group.next() else { return }
                    running -= 1
                    try await take(page)
                }
            }
        }
        for (system, forms) in forms.sorted(by: { $0.key < $1.key }) {
            for page in try await self.pages(of: forms, for: system, atHand, only: nil) { try await take(page) }
        }
    }

    /// The same for these records alone.
    func read(_ keys: Set<RecordKey>, _ take: (Page) async throws -> Void) async throws {
        guard !keys.isEmpty else { return }
        let atHand = try await self.recordsAtHand()
        let forms = try await self.forms()
        for (system, forms) in forms.sorted(by: { $0.key < $1.key }) {
            for page in try await self.pages(of: forms, for: system, atHand, only: keys) { try await take(page) }
        }
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
                try await take(try await self.page(living, mappings, atHand, forms))
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

    /// What each system is given of protected persons; systems that are given nothing are left out.
    private func forms() async throws -> [String: SystemForms] {
        var all: [String: SystemForms] = [:]
        for system in self.systems {
            let forms = try await SystemForms.read(self.store, system: system, self.mappings)
            if !forms.isEmpty { all[system] = forms }
        }
        return all
    }

    /// The rows of protected persons in the form in which a system is given them.
    private func pages(
        of forms: SystemForms, for system: String, _ atHand: [RecordKey: LookedUp], only keys: Set<RecordKey>?
    ) async throws -> [Page] {
        var pages: [Page] = []
        let chosen = forms.living.values.filter { keys?.contains($0.key) ?? true }.sorted { $0.key < $1.key }
        for (entity, forms) in Dictionary(grouping: chosen, by: \.key.entity).sorted(by: { $0.key < $1.key }) {
            guard let mapping = self.mappings.outbound(system: system, entity: entity) else { continue }
            let records = forms.map {
                RegisteredRecord(
                    key: $0.key, source: $0.source, sequence: $0.sequence, operation: $0.operation, body: $0.body, time: $0.time,
                    created: $0.time)
            }
            pages.append(
                try await self.page(
                    records, [(system, mapping)], atHand,
                    [system: try await SystemForms.read(self.store, system: system, self.mappings)]))
        }
        return pages
    }

    private func page(
        _ all: [RegisteredRecord], _ mappings: [(system: String, mapping: OutboundMapping)], _ atHand: [RecordKey: LookedUp],
        _ forms: [String: SystemForms]
    ) async throws -> Page {
        // What a probe has on its way is nobody's.
        let records = all.filter { !ProbeRecords.has($0) }
        var page = Page()
        page.records = records.count
        var work: [(record: RegisteredRecord, document: JSONDocument, system: String, mapping: OutboundMapping)] = []
        for record in records {
            guard let document = try? JSONDocument(parsing: record.body) else { continue }
            for (system, mapping) in mappings where record.concerns(system) && mapping.takes(from: record.source) {
                let own = forms[system]?.trimmed(document, of: record.key.entity) ?? document
                work.append((record, own, system, mapping))
            }
        }
        func map(_ index: Int, _ lookedUp: [RecordKey: LookedUp]) -> Set<RecordKey>? {
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
        // Those that are given something of protected persons find other things when they look records up.
        let open = work.indices.filter { forms[work[$0].system] == nil }
        try await RegisterReader(store: self.store).settle(open.count, atHand: atHand) { map(open[$0], $1) }
        for (system, forms) in forms {
            let own = work.indices.filter { work[$0].system == system }
            let found = atHand.mapValues { Self.trimmed($0, forms) }
            try await RegisterReader(store: self.store, forms: forms).settle(own.count, atHand: found) { map(own[$0], $1) }
        }
        return page
    }

    private static func trimmed(_ found: LookedUp, _ forms: SystemForms) -> LookedUp {
        guard case .found(let document) = found, document.value["groupMemberships"] != nil else { return found }
        return .found(forms.trimmed(document, of: .group))
    }
}
