import ConnectorKit
import Foundation
import Hub
import Messaging
import SchoolRecords

/// A store to check promises on, with short ways to say what happens to it.
struct StoreUnderTest: Sendable {
    let store: any HubStore
    let key: HubKey
    /// Opens the same data once more, as another process would.
    let another: @Sendable () async throws -> any HubStore

    static let time = "2026-08-17T06:00:00.000Z"
    static let later = "2026-08-18T06:00:00.000Z"

    func person(_ id: String) -> RecordKey { RecordKey(.person, id) }

    /// A state of a record whose content is `text`, or its deletion.
    func state(_ id: String, _ text: String?, _ entity: Entity = .person) -> RecordState {
        RecordState(
            key: RecordKey(entity, id), owner: entity == .person ? id : nil,
            body: text.map { JSONValue.object(["id": .string(id), "givenName": .string($0)]).canonicalData })
    }

    @discardableResult
    func take(
        _ states: [RecordState], withheld: [WithheldRecord] = [], failures: [NewFailure] = [], source: String = "edlevo",
        time: String = time
    ) async throws -> TakeResult {
        try await self.store.take(states, withheld: withheld, failures: failures, source: source, time: time)
    }

    /// Takes first states of persons and lets the broker confirm them.
    func published(_ ids: String...) async throws {
        try await self.take(ids.map { self.state($0, "first") })
        try await self.publishAll()
    }

    func publishAll() async throws {
        while true {
            let entries = try await self.store.next(limit: 100)
            guard !entries.isEmpty else { return }
            try await self.store.published(entries.map(\.position))
        }
    }

    func settle(
        _ id: String, _ sequence: Int64, _ outcome: Settlement.Outcome, system: String = "unikum", time: String = time
    ) async throws {
        try await self.store.settle(
            [Settlement(key: self.person(id), sequence: sequence, outcome: outcome)], in: system, time: time)
    }

    func row(_ key: String, _ value: String = "x") -> TargetRow { TargetRow(kind: "person", key: key, fields: ["namn": value]) }

    func applied(_ rows: [TargetRow] = [], references: [String] = [], missing: [String] = []) -> Settlement.Outcome {
        .applied(
            rows: rows, references: Set(references.map(self.person)), missing: Set(missing.map(self.person)))
    }

    func failure(
        _ id: String?, sequence: Int64? = 1, stage: NewFailure.Stage = .delivery, system: String? = nil,
        code: String = "value-without-code", field: String? = "f", entity: Entity = .person
    ) -> NewFailure {
        NewFailure(
            stage: stage, system: system ?? (stage == .intake ? "edlevo" : "unikum"), key: id.map { RecordKey(entity, $0) },
            sequence: stage == .intake ? nil : sequence, kind: "mapping", code: code, field: field,
            place: "unikum/person.yaml:3", message: "no code",
            body: stage == .intake ? nil : Data("body of \(id ?? "nobody")".utf8))
    }

    func withheld(_ id: String, _ entity: Entity = .person) -> WithheldRecord {
        let key = RecordKey(entity, id)
        return WithheldRecord(opaqueKey: self.key.opaqueKey(for: key), key: key, body: Data(#"{"id":"\#(id)"}"#.utf8))
    }

    var counts: HubCounts {
        get async throws { try await self.store.counts() }
    }

    var failureCounts: [FailedMessage.State: Int] {
        get async throws { try await self.store.counts() }
    }

    /// Every failure, whatever became of it.
    var failures: [FailedMessage] {
        get async throws {
            var filter = FailureFilter()
            filter.states = []
            return try await self.store.list(filter)
        }
    }

    /// What waits in the outbox, as `<routing key> <id> <sequence>`.
    var waitingToGo: [String] {
        get async throws {
            try await self.store.next(limit: 1000).map { "\($0.routingKey) \($0.change.key.id) \($0.change.sequence)" }
        }
    }
}
