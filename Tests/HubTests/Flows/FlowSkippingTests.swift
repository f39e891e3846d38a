import Foundation
import Hub
import Mapping
import Messaging
import SchoolRecords
import TestChance
import Testing

/// A flow isn't run for persons about whom it can't decide anything. That is a matter of time alone.
@Suite("A flow looks at nobody in vain, and misses nobody")
struct FlowSkippingTests {
    /// A flow that is run for everybody about whom there is anything that it reads.
    private struct Thorough: Flow {
        let base: any Flow
        var name: String { self.base.name }
        var reads: Set<Entity> { self.base.reads }
        var triggers: Set<Entity> { self.base.reads }
        var writes: Set<Entity> { self.base.writes }
        func needs(_ state: SubjectState) -> Set<RecordKey> { self.base.needs(state) }
        func decide(_ state: SubjectState, today: CalendarDate) throws -> [DerivedRecord] {
            try self.base.decide(state, today: today)
        }
    }

    private static let thorough = FlowKind.all.map { kind in
        FlowKind(name: kind.name, reads: kind.reads) { set in kind.make(set).map(Thorough.init) }
    }

    private static let seed =
        UInt64(ProcessInfo.processInfo.environment["KNUTPUNKT_SEED"] ?? "") ?? UInt64.random(in: 0...999_999_999)

    @Test func `without a record that triggers it a flow makes nothing and complains of nothing`() async throws {
        print("seed \(Self.seed)")
        var world = RandomSchoolWorld(seed: Self.seed)
        try await TestHub.with { hub in
            let flows = FlowKind.all.compactMap { $0.make(hub.mappings.set) }
            #expect(flows.count == FlowKind.all.count)
            var decided: Set<String> = []
            for _ in 0..<2000 {
                _ = world.change()
                for flow in flows {
                    #expect(!flow.triggers.isEmpty && flow.triggers.isSubset(of: flow.reads))
                    #expect(flow.triggers.isDisjoint(with: SchoolRecord.carried), "a trigger is about the person itself")
                    let person = "person-\(world.number(5))"
                    var (about, others): ([FlowRecord], [RecordKey: FlowRecord]) = ([], [:])
                    for (key, held) in world.records {
                        let record = try FlowFixture.record(key.entity, held.json, source: held.source)
                        let subject = SchoolRecord.subject(key.entity, record.json)?.id
                        let carrier = SchoolRecord.carrier(key.entity, record.json).flatMap { world.records[$0] }
                        let carried = carrier.flatMap { SchoolRecord.subject(.placement, $0.json)?.id }
                        if subject == person || carried == person { about.append(record) } else { others[key] = record }
                    }
                    let state = SubjectState(
                        person: person, records: about.filter { flow.reads.contains($0.key.entity) }, lookedUp: others)
                    let today = try #require(CalendarDate("2026-12-15"))
                    if (try? flow.decide(state, today: today).isEmpty) == false { decided.insert(flow.name) }
                    let without = SubjectState(
                        person: person,
                        records: about.filter { record in
                            flow.reads.contains(record.key.entity) && !flow.triggers.contains(record.key.entity)
                        }, lookedUp: others)
                    #expect(try flow.decide(without, today: today).isEmpty, "\(flow.name), seed \(Self.seed)")
                }
            }
            #expect(decided.count == flows.count, "every flow has decided something, seed \(Self.seed)")
        }
    }

    @Test func `run for those whom a change may concern, flows come to what they come to when run for everybody`()
        async throws
    {
        print("seed \(Self.seed)")
        var world = RandomSchoolWorld(seed: Self.seed)
        var days = SeededRandom(seed: Self.seed)
        var most: [String: Int] = [:]
        var failing = 0
        try await TestHub.with { quick in
            try await TestHub.with { slow in
                var day = try #require(CalendarDate("2026-10-01"))
                var step = 0
                // Until every flow has made something and something has failed.
                while step < 250 || step < 2500 && (most.count < FlowKind.all.count || failing == 0) {
                    step += 1
                    let change = world.change()
                    let body = try change.json.map { try SchoolRecord.validate(change.key.entity, $0) }
                    let state = RecordState(
                        key: change.key, owner: body.flatMap { SchoolRecord.subject(change.key.entity, $0)?.id },
                        body: body?.canonicalData)
                    let isNewDay = Int.random(in: 0..<10, using: &days) == 0
                    if isNewDay { day = CalendarDate(daysSinceEpoch: day.daysSinceEpoch + 3) }
                    for (hub, kinds, keys) in [
                        (quick, FlowKind.all, Set([change.key])), (slow, Self.thorough, world.ever),
                    ] {
                        _ = try await hub.store.take(
                            [state], withheld: [], failures: [], source: change.source, time: "\(day)T08:00:00.000Z")
                        for kind in kinds {
                            let service = FlowService(
                                kind, broker: hub.broker, store: hub.store, mappings: hub.mappings,
                                clock: TestHub.clock("\(day)T09:00:00Z"), logger: hub.logger)
                            if isNewDay { #expect(try await service.runAllIfDue() == nil) }
                            try await service.run(for: keys)
                        }
                    }
                    let (made, expected) = (try await Self.made(quick), try await Self.made(slow))
                    #expect(made == expected, "step \(step), \(change.key), seed \(Self.seed)")
                    let (failed, expectedFailed) = (try await Self.failed(quick), try await Self.failed(slow))
                    #expect(failed == expectedFailed, "step \(step), \(change.key), seed \(Self.seed)")
                    guard made == expected, failed == expectedFailed else { return }
                    for (flow, records) in Dictionary(grouping: made, by: \.source) {
                        most[flow] = max(most[flow] ?? 0, records.count)
                    }
                    failing = max(failing, failed.count)
                }
                #expect(most.count == FlowKind.all.count && failing > 0, "\(most), \(failing), seed \(Self.seed)")
            }
        }
    }

    private struct Made: Hashable {
        let key: RecordKey
        let source: String
        let sequence: Int64
        let body: Data
    }

    private static func made(_ hub: TestHub) async throws -> Set<Made> {
        var made: Set<Made> = []
        for entity in [Entity.absence, .notice, .transportDecision] {
            for record in try await hub.store.liveRecords(of: entity, after: nil, limit: 1000)
            where FlowCatalog.names.contains(record.source) {
                made.insert(Made(key: record.key, source: record.source, sequence: record.sequence, body: record.body))
            }
        }
        return made
    }

    private static func failed(_ hub: TestHub) async throws -> [String] {
        try await hub.store.list(FailureFilter()).filter { $0.failure.stage == .flow }
            .map { "\($0.failure.system) \($0.failure.key?.id ?? "")" }.sorted()
    }
}
