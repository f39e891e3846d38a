import ConnectorKit
import Foundation
import Hub
import Mapping
import Reconciliation
import SchoolRecords
import StandIns
import Synchronization
import Testing

@Suite("What repairs may do")
struct RepairRuleTests {
    /// A run that misses so many of Vega's pupils, who are lost there.
    private static func with(
        lost: Int, _ scale: SyntheticMunicipality.Scale = .small,
        _ body: (ReconcileWorld, ReconcileRun, [KeptFinding]) async throws -> Void
    ) async throws {
        try await ReconcileWorld.with(scale, roles: 0) { world in
            let rows = (world.expected["vega"] ?? [:]).keys.filter { $0.kind == "pupil" }.sorted { $0.key < $1.key }
            try #require(rows.count > lost)
            world.systems["vega"]?.state.withLock { state in for row in rows.prefix(lost) { state.rows[row] = nil } }
            let run = try await world.run()
            let found = try await world.findings(run).filter { $0.finding.isReal && $0.finding.kind == "pupil" }
            try #require(found.count == lost && found.allSatisfy { $0.finding.remedy == .sendAgain })
            try await body(world, run, found)
        }
    }

    @Test func `a repair sends what it is told to, and only once`() async throws {
        try await Self.with(lost: 4) { world, run, found in
            let chosen = Set(found.prefix(2).map(\.number))
            let order = try await world.repairer.order(run.id, FindingFilter(), numbers: chosen, by: "maker")
            let sent = try await world.repairer.place(order)
            #expect(sent.state == .sent && sent.records == 2 && sent.moved == 0)
            try await world.settle(sent.records)
            let touched = world.systems["vega"]?.state.withLock { $0.touched.map(\.key) } ?? []
            #expect(Set(touched) == Set(found.prefix(2).map(\.finding.key)) && touched.count == 2)
            var pupils = FindingFilter()
            pupils.kinds = ["pupil"]
            let rest = try await world.repairer.order(run.id, pupils, by: "maker")
            #expect(Set(rest.findings) == Set(found.suffix(2).map(\.number)))
            await #expect(throws: RepairRefusal.notWaiting(order.id, .sent)) {
                try await world.repairer.approve(order.id, reason: "again", by: "other")
            }
        }
    }

    @Test func `what has moved since the run, or was given since, is left alone`() async throws {
        try await Self.with(lost: 3) { world, run, found in
            let store = world.hub.store
            let later = RFC3339.later(HubClock.system.timestamp, by: 60)
            let keys = found.compactMap(\.finding.record)
            let records = try await store.records(keys)
            let changed = try #require(records[keys[0]])
            var body = try JSONValue(parsing: changed.body)
            body["familyName"] = "Nytt"
            _ = try await store.take(
                [RecordState(key: keys[0], owner: nil, body: body.canonicalData)], withheld: [], failures: [], source: "edlevo",
                time: later)
            let given = try #require(records[keys[1]])
            let rows = try await store.states(of: [keys[1]], in: "vega")[keys[1]]?.rows ?? []
            try await store.settle(
                [
                    Settlement(
                        key: keys[1], sequence: given.sequence,
                        outcome: .applied(
                            rows: rows + [TargetRow(kind: "pupil", key: "other", fields: [:])], references: [], missing: []))
                ], in: "vega", time: later)
            let order = try await world.repairer.order(run.id, FindingFilter(), numbers: Set(found.map(\.number)), by: "maker")
            let sent = try await world.repairer.place(order)
            #expect(sent.records == 1 && sent.moved == 2)
        }
    }

    @Test func `only a run that is through, and not two days old, is repaired from`() async throws {
        try await Self.with(lost: 1) { world, run, _ in
            let running = try await world.reconciler.begin(ReconcileScope(), systems: ReconcileWorld.names, by: "tester")
            await #expect(throws: RepairRefusal.notDone(running.id)) {
                try await world.repairer.order(running.id, FindingFilter(), by: "maker")
            }
            await #expect(throws: RepairRefusal.unknownRun("none")) {
                try await world.repairer.order("none", FindingFilter(), by: "maker")
            }
            func repairer(hoursLater hours: Double) -> Repairer {
                Repairer(
                    store: world.hub.store, mappings: world.hub.mappings, key: world.hub.key,
                    clock: HubClock(now: { Date().addingTimeInterval(hours * 3600) }, sleep: HubClock.system.sleep),
                    logger: world.hub.logger)
            }
            await #expect(throws: RepairRefusal.outdated(run.id)) {
                try await repairer(hoursLater: Repairer.freshHours + 0.1).order(run.id, FindingFilter(), by: "maker")
            }
            let fresh = try await repairer(hoursLater: Repairer.freshHours - 0.1).order(run.id, FindingFilter(), by: "maker")
            #expect(fresh.findings.count == run.repairable)
        }
    }

    @Test func `what somebody approved doesn't count in the next repair, and what was turned down can be tried again`()
        async throws
    {
        try await Self.with(lost: 75, .custom(children: 300)) { world, run, found in
            let most = Set(found.dropLast(5).map(\.number))
            let first = try await world.repairer.place(
                try await world.repairer.order(run.id, FindingFilter(), numbers: most, by: "maker"))
            #expect(first.state == .waiting && first.needsApproval)
            let refused = try await world.repairer.reject(first.id, reason: "no", by: "other")
            #expect(refused.state == .rejected && refused.decidedBy == "other")
            let second = try await world.repairer.place(
                try await world.repairer.order(run.id, FindingFilter(), numbers: most, by: "maker"))
            #expect(second.state == .waiting && second.findings.count == most.count)
            let sent = try await world.repairer.approve(second.id, reason: "seen", by: "other")
            #expect(sent.state == .sent && sent.records == most.count)
            var pupils = FindingFilter()
            pupils.kinds = ["pupil"]
            let rest = try await world.repairer.order(run.id, pupils, by: "maker")
            #expect(rest.findings.count == 5 && !rest.needsApproval)
        }
    }

    @Test func `only a run that tells everything says what has become of a repair`() async throws {
        try await Self.with(lost: 2) { world, run, found in
            let sent = try await world.repairer.place(
                try await world.repairer.order(run.id, FindingFilter(), by: "maker"))
            try await world.settle(sent.records)
            // One of them goes again.
            let again = RowIdentity(kind: "pupil", key: found[0].finding.key)
            world.systems["vega"]?.state.withLock { $0.rows[again] = nil }
            var part = ReconcileScope()
            part.entities = [.duty]
            _ = try await world.run(scope: part)
            let open = try await world.hub.store.repair(sent.id)
            #expect(open?.state == .sent)
            let whole = try await world.run()
            let verified = try await world.hub.store.repair(sent.id)
            #expect(verified?.state == .verified && verified?.verifiedBy == whole.id)
            #expect((verified?.left ?? 0) > 0)
            let stubborn = try await world.findings(whole).first { $0.finding.key == again.key && $0.finding.kind == "pupil" }
            #expect(stubborn?.finding.remedy == .mendInterface)
        }
    }
}
