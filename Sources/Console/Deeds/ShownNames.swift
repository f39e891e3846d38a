import Hub
import Provisioning
import SchoolRecords

/// Under which names records are shown: whoever is protected, and what is about them, by the opaque one, also in what was kept while
/// nobody knew that yet: messages that had failed, deletions, steps of plans.
struct ShownNames: Sendable {
    private var opaque: [RecordKey: RecordKey] = [:]

    init(of keys: some Sequence<RecordKey>, on desk: ConsoleDesk) async throws {
        let known = Dictionary(Set(keys).map { (desk.key.opaqueKey(for: $0), $0) }) { first, _ in first }
        guard !known.isEmpty else { return }
        for held in try await desk.store.holds(Set(known.keys)) {
            if let key = known[held] { self.opaque[key] = held }
        }
    }

    subscript(_ key: RecordKey) -> RecordKey { self.opaque[key] ?? key }

    func hides(_ key: RecordKey) -> Bool { self.opaque[key] != nil }

    var hidden: Set<RecordKey> { Set(self.opaque.keys) }

    func shown(_ failure: FailedMessage) -> FailedMessage {
        guard let key = failure.failure.key, self.hides(key) else { return failure }
        let what = failure.failure
        return FailedMessage(
            id: failure.id, fingerprint: failure.fingerprint, state: failure.state, attempts: failure.attempts,
            firstAt: failure.firstAt, lastAt: failure.lastAt,
            failure: NewFailure(
                stage: what.stage, system: what.system, key: self[key], sequence: what.sequence, kind: what.kind, code: what.code,
                field: what.field, place: what.place, message: what.message, body: nil))
    }
}

extension ConsoleDesk {
    /// Failed messages as people are shown them.
    func shown(_ failures: [FailedMessage]) async throws -> [FailedMessage] {
        let names = try await ShownNames(of: failures.compactMap(\.failure.key), on: self)
        return failures.map(names.shown)
    }

    /// The persons of a plan's steps as people are shown them, by their ids.
    func shownPersons(of steps: [PlanEntry]) async throws -> [String: String] {
        let ids = Set(steps.map(\.key.person))
        let names = try await ShownNames(of: ids.map { RecordKey(.person, $0) }, on: self)
        return Dictionary(uniqueKeysWithValues: ids.map { ($0, names[RecordKey(.person, $0)].id) })
    }
}
