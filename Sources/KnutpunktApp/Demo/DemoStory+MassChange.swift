import ConnectorKit
import Foundation
import Hub
import SchoolRecords
import StandIns

/// Replies that look whole and aren't: what they would do is held, and is forgotten when the source is whole again.
extension DemoStory {
    func massChange() async throws -> DemoReport.MassChangeOutcome {
        self.narrator.chapter(
            sv: "Edlevo svarar med hälften av personerna, och sedan med ingenting",
            en: "Edlevo answers with half of its persons, and then with nothing")
        try await self.rehearsal.settle()
        var outcome = DemoReport.MassChangeOutcome()
        let before = try await self.traces()
        let edlevo = self.rehearsal.edlevo

        try await edlevo.setFaults(EdlevoFaults { $0.leavesOutHalf = .person })
        outcome.missing = try await self.known(await edlevo.leftOut(.person))
        try await self.readEdlevo()
        let half = try await self.held()
        outcome.held = half.reduce(0) { $0 + $1.deletes }
        guard let change = half.first, half.count == 1, outcome.held == outcome.missing else {
            throw AppError(.demo, "\(outcome.missing) persons are missing and \(half.map(\.id)) hold \(outcome.held).")
        }
        try await self.tell(of: change)

        try await edlevo.setFaults(EdlevoFaults { $0.isEmpty = true })
        outcome.emptied = try await self.rehearsal.context.store.liveCounts(source: "edlevo").count { $0.value > 0 }
        try await self.readEdlevo()
        let nothing = try await self.held()
        outcome.heldEmptied = nothing.count { $0.hints.contains { $0.kind == .everythingGone } }
        guard nothing.count == outcome.emptied, outcome.heldEmptied == outcome.emptied else {
            throw AppError(.demo, "Nothing comes of \(outcome.emptied) entities, and \(nothing.map(\.id)) are held.")
        }
        self.narrator.success(
            sv: "Tomma listor: \(outcome.heldEmptied) massändringar väntar, en för varje slags post.",
            en: "Empty lists: \(outcome.heldEmptied) mass changes wait, one for each kind of record.")

        try await edlevo.setFaults(.none)
        try await self.readEdlevo()
        try await self.rehearsal.settle()
        outcome.left = try await self.held().count
        let after = try await self.traces()
        outcome.written = after.messages - before.messages + after.writes - before.writes
        guard outcome.left == 0, after == before else {
            throw AppError(
                .demo, "Edlevo is whole again: \(outcome.left) changes are held still, \(outcome.written) were written.")
        }
        self.narrator.success(
            sv: "Edlevo svarar helt igen: inget väntar längre, 0 meddelanden och 0 skrivningar blev det av felet.",
            en: "Edlevo is whole again: nothing waits any more, and 0 messages and 0 writes came of the fault.")
        return outcome
    }

    /// What `held show` says, of nobody in particular.
    private func tell(of change: HeldChange) async throws {
        let limit = change.excess.first { $0.kind == .deletes }?.limit ?? 0
        self.narrator.success(
            sv: "\(change.deletes) av \(change.living) skulle försvinna, fler än \(limit): ingen av dem tas bort.",
            en: "\(change.deletes) of \(change.living) would go, more than \(limit): none of them is taken away.")
        let examples = try await self.rehearsal.context.store.samples(ofHeld: change.id).prefix(2)
        let keys = examples.map { "\($0.key)" }.joined(separator: ", ")
        self.narrator.say(
            sv: "Väntar på beslut: knutpunkt held show \(change.id) (\(change.units.count) skolenheter; t.ex. \(keys)).",
            en: "Waits for a decision: knutpunkt held show \(change.id) (\(change.units.count) school units; e.g. \(keys)).")
    }

    private func readEdlevo() async throws { _ = try await self.rehearsal.context.sync("edlevo", mode: .full) }

    private func held() async throws -> [HeldChange] {
        try await self.rehearsal.context.store.heldChanges(HeldFilter(.source, "edlevo", nil, [.held]))
    }

    /// How many of these persons the hub has, in the register or in the vault.
    private func known(_ ids: Set<String>) async throws -> Int {
        let (store, key) = (self.rehearsal.context.store, self.rehearsal.context.key)
        let withheld = try await store.withheldPersons()
        return ids.intersection(try await store.liveIDs(of: .person, source: "edlevo")).count
            + ids.count { withheld.contains(key.opaqueKey(for: RecordKey(.person, $0)).id) }
    }

    /// What would show that something had been taken or written.
    private struct Traces: Equatable {
        var messages = 0
        var writes = 0
        var records: [String: Int] = [:]
        var withheld: [String: Int] = [:]
    }

    private func traces() async throws -> Traces {
        let status = try await self.rehearsal.context.status()
        let writes = await self.rehearsal.writes().values.reduce(0, +)
        return Traces(
            messages: status.counts.published, writes: writes, records: status.records, withheld: status.withheld)
    }
}
