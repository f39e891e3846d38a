import ConnectorKit
import Foundation
import SchoolRecords
import Synchronization

/// A source that gives what a test puts in it.
final class ScriptedSource: SourceConnector {
    let system: String
    let entities: [Entity]

    init(system: String = "edlevo", entities: [Entity] = Entity.roster) {
        self.system = system
        self.entities = entities
    }

    struct State: Sendable {
        var documents: [Entity: [JSONValue]] = [:]
        var deleted: [RecordKey] = []
        /// Fails after this many pages of the entity.
        var breaksAfter: [Entity: Int] = [:]
        var broken: [Entity: [BrokenRecord]] = [:]
        var pageSize = 2
        var scopes: [Entity: [ReadScope]] = [:]
        /// How often it was asked for deletions.
        var asked = 0
        /// It has forgotten what it was asked about before.
        var hasForgotten = false
        /// Done after each page, before the next.
        var afterPage: (@Sendable () async throws -> Void)?
    }

    let state = Mutex(State())

    func put(_ entity: Entity, _ document: JSONValue) {
        self.state.withLock { state in
            var documents = state.documents[entity] ?? []
            documents.removeAll { $0["id"] == document["id"] }
            documents.append(document)
            state.documents[entity] = documents
        }
    }

    func remove(_ entity: Entity, _ id: String) {
        self.state.withLock { $0.documents[entity]?.removeAll { $0["id"]?.stringValue == id } }
    }

    func read(_ entity: Entity, scope: ReadScope, handle: @Sendable (SourcePage) async throws -> Void) async throws {
        let state = self.state.withLock { state in
            state.scopes[entity, default: []].append(scope)
            return state
        }
        if scope != .full, state.hasForgotten {
            throw ConnectorFailure(.transient, code: .fullReadNeeded, message: "ask for everything")
        }
        var rest = (state.documents[entity] ?? [])[...]
        if case .modifiedAfter(let instant) = scope {
            rest =
                rest.filter { document in
                    guard let modified = document["meta"]?["modified"]?.stringValue,
                        let date = try? Date(modified, strategy: .iso8601)
                    else { return true }
                    return date > instant
                }[...]
        }
        if let broken = state.broken[entity] { try await handle(SourcePage(broken: broken)) }
        var pages = 0
        while !rest.isEmpty {
            if let limit = state.breaksAfter[entity], pages >= limit {
                throw ConnectorFailure(.malformedReply, code: .pageTruncated, message: "page \(pages + 1) is cut short")
            }
            let page = rest.prefix(state.pageSize)
            rest = rest.dropFirst(state.pageSize)
            pages += 1
            try await handle(
                SourcePage(
                    records: page.map { SourceRecord(key: RecordKey(entity, $0["id"]?.stringValue ?? ""), document: $0) }))
            try await state.afterPage?()
        }
        if state.breaksAfter[entity] == pages {
            throw ConnectorFailure(.malformedReply, code: .pageTruncated, message: "page \(pages + 1) is cut short")
        }
    }

    func read(_ key: RecordKey) async throws -> SourceRecord? {
        let document = self.state.withLock { $0.documents[key.entity]?.first { $0["id"]?.stringValue == key.id } }
        return document.map { SourceRecord(key: key, document: $0) }
    }

    func deletions(after instant: Date) async throws -> [RecordKey] {
        self.state.withLock { state in
            state.asked += 1
            return state.deleted
        }
    }

    func probe() async throws {}
}
