import Foundation
import Hub
import SchoolRecords

/// What is done about failed messages, on a page or by the API: with the same rights, and the same entries in the audit log.
struct FailureDeeds: Sendable {
    /// In which order causes are told.
    enum Sort: String, Sendable, CaseIterable { case count, last, first, system }

    let desk: ConsoleDesk

    func groups(_ filter: FailureFilter, sort: Sort?) async throws -> [FailureGroup] {
        let groups = try await self.desk.store.groups(filter)
        return switch sort {
        case .last: groups.sorted { ($1.lastAt, $0.fingerprint) < ($0.lastAt, $1.fingerprint) }
        case .first: groups.sorted { ($0.firstAt, $0.fingerprint) < ($1.firstAt, $1.fingerprint) }
        case .system: groups.sorted { ($0.system, $1.count, $0.fingerprint) < ($1.system, $0.count, $1.fingerprint) }
        case .count, nil: groups
        }
    }

    /// - Throws: ``ConsoleRefusal`` (404).
    func message(_ number: Int64) async throws -> FailedMessage {
        guard let failure = try await self.desk.store.message(number) else { throw ConsoleRefusal.unknownPage }
        return failure
    }

    /// What is in a message; the audit log has who looks, and why, first.
    func content(of failure: FailedMessage, reason: String, _ visit: Visit) async throws -> Data? {
        try await self.desk.require(.see, on: [failure.failure.system], of: visit)
        try await self.desk.store.note(
            "see", subject: "failure/\(failure.id)", reason: reason, by: visit.user.name, time: self.desk.clock.timestamp)
        return failure.failure.body
    }

    /// - Parameter value: the field's value from now on; `nil` takes it away.
    func correct(
        _ failure: FailedMessage, path: String, value: JSONValue?, reason: String, _ visit: Visit
    ) async throws {
        try await self.desk.require(.edit, on: [failure.failure.system], of: visit)
        try await self.changing {
            guard failure.failure.stage == .delivery, let key = failure.failure.key,
                let record = try await self.desk.store.records([key])[key]
            else { throw EditRefusal(failure: failure.id, reason: .overtaken) }
            let original = try JSONValue(parsing: record.body)
            let (edited, fields) = try MessageEdit.check(
                try MessageEdit.apply([.init(path: path, value: value)], to: original), of: key.entity, original: original)
            try await self.desk.store.edit(
                FailureEdit(
                    failure: failure.id, sequence: record.sequence, body: edited.canonicalData, fields: fields, reason: reason,
                    person: visit.user.name, time: self.desk.clock.timestamp, needsApproval: self.desk.editsNeedApproval))
        }
    }

    func approve(_ failure: FailedMessage, _ visit: Visit) async throws {
        try await self.desk.require(.approve, on: [failure.failure.system], of: visit)
        try await self.changing {
            try await self.desk.store.approveEdit(of: failure.id, by: visit.user.name, time: self.desk.clock.timestamp)
        }
    }

    func undo(_ failure: FailedMessage, _ visit: Visit) async throws {
        try await self.desk.require(.edit, on: [failure.failure.system], of: visit)
        try await self.changing {
            try await self.desk.store.undoEdit(of: failure.id, by: visit.user.name, time: self.desk.clock.timestamp)
        }
    }

    func discard(_ failure: FailedMessage, reason: String, _ visit: Visit) async throws {
        try await self.desk.require(.discard, on: [failure.failure.system], of: visit)
        let number = try await self.desk.store.discard(
            [failure.id], reason: reason, by: visit.user.name, time: self.desk.clock.timestamp)
        guard number == 1 else {
            throw ConsoleRefusal.wrongInput(
                sv: "Meddelandet är inte öppet längre, eller så har en omsändning det.",
                en: "The message isn't open any more, or a replay has it.")
        }
    }

    private func changing(_ change: () async throws -> Void) async throws {
        do { try await change() } catch let refusal as EditRefusal {
            throw ConsoleRefusal.wrongInput(sv: FailureWords(.sv).edit(refusal), en: FailureWords(.en).edit(refusal))
        } catch let problem as MessageEdit.Problem {
            throw ConsoleRefusal.wrongInput(
                sv: "Rättelsen går inte att göra: \(problem)", en: "The correction can't be made: \(problem)")
        }
    }
}
