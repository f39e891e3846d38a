import Foundation
public import Mapping
import Messaging
public import SchoolRecords

/// Walks over the Register and looks up what mappings ask for.
///
/// Every live record counts as given to every system: the answer is what a system holds when all queues are empty.
public struct RegisterReader: Sendable {
    public static let pageSize = 500

    let store: any HubStore
    /// What the one system that is read for is given of protected persons.
    private let forms: SystemForms

    public init(store: any HubStore) { self.init(store: store, forms: SystemForms()) }

    init(store: any HubStore, forms: SystemForms) {
        self.store = store
        self.forms = forms
    }

    /// The live records of an entity, page by page, in the order of their ids.
    ///
    /// - Parameter system: only those that this system may be given: a role is one system's business.
    public func pages(
        of entity: Entity, for system: String? = nil,
        _ body: ([(key: RecordKey, document: JSONDocument)]) async throws -> Void
    ) async throws {
        var last: String?
        while true {
            let records = try await self.store.liveRecords(of: entity, after: last, limit: Self.pageSize)
            guard let end = records.last else { return }
            last = end.key.id
            try await body(
                records.compactMap { record in
                    guard system.map(record.concerns) ?? true else { return nil }
                    return (try? JSONDocument(parsing: record.body)).map { (record.key, $0) }
                })
        }
    }

    /// What schools and units are called, by their ids.
    public func placeNames() async throws -> [String: String] {
        var names: [String: String] = [:]
        try await self.pages(of: .organisation) { page in
            for (key, document) in page {
                if let name = document.value["displayName"]?.stringValue { names[key.id] = name }
            }
        }
        return names
    }

    /// What a look-up of these records finds.
    public func lookUp(_ keys: Set<RecordKey>) async throws -> [RecordKey: LookedUp] {
        guard !keys.isEmpty else { return [:] }
        var found = try await self.store.holds(keys).reduce(into: [RecordKey: LookedUp]()) { $0[$1] = .withheld }
        let open = keys.filter { found[$0] == nil }
        if !self.forms.isEmpty {
            for key in found.keys {
                if let document = self.forms.document(of: key) { found[key] = .found(document) }
            }
        }
        let records = try await self.store.records(Array(open))
        for key in open {
            guard let record = records[key] else {
                found[key] = .missing
                continue
            }
            // Gone for good: what refers to it has no row, and nothing to wait for.
            guard record.operation == .upserted else {
                found[key] = .withheld
                continue
            }
            let document = (try? JSONDocument(parsing: record.body)).map { self.forms.trimmed($0, of: key.entity) }
            found[key] = document.map(LookedUp.found) ?? .missing
        }
        return found
    }

    /// Runs `step` for each of `count` items until none asks for more records.
    ///
    /// - Parameters:
    ///   - atHand: what is looked up already.
    ///   - step: what one item still needs; empty or `nil` when it is done.
    public func settle(
        _ count: Int, atHand: [RecordKey: LookedUp] = [:], _ step: (Int, [RecordKey: LookedUp]) throws -> Set<RecordKey>?
    ) async throws {
        var lookedUp = atHand
        var open = Array(0..<count)
        while !open.isEmpty {
            var needed: Set<RecordKey> = []
            var again: [Int] = []
            for index in open {
                // A mapping that asks again for what it has been given would ask for ever.
                guard let keys = try step(index, lookedUp)?.filter({ lookedUp[$0] == nil }), !keys.isEmpty else { continue }
                needed.formUnion(keys)
                again.append(index)
            }
            lookedUp.merge(try await self.lookUp(needed)) { first, _ in first }
            open = again
        }
    }
}
