import ConnectorKit
import Foundation
import Mapping
import Messaging
import SchoolRecords
import Synchronization
import Testing

@testable import Hub

@Suite("Failures are replayed when their cause is mended")
struct ReplayTests {
    /// The project's mappings with one row more in the titles' table.
    fileprivate func mended(_ hub: TestHub) throws -> MappingSet {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../Mappings")
            .standardized
        let copy = hub.directory + "/mappings"
        try FileManager.default.copyItem(atPath: root.path, toPath: copy)
        let table = try FileHandle(forWritingTo: URL(fileURLWithPath: copy + "/codes/title_code.csv"))
        try table.seekToEnd()
        try table.write(contentsOf: Data("X901,Grundskollärare,Lärare,staff\n".utf8))
        try table.close()
        let load = MappingSet.load(directory: copy)
        guard let set = load.set else { throw TestProblem("the mended mappings don't load: \(load.diagnostics)") }
        return set
    }

    @Test func `R13: the mapping of today decides, and is known before anything is sent`() async throws {
        try await TestHub.with { hub in
            let source = ScriptedSource()
            Documents.fill(source)
            for number in 50...52 { source.put(.duty, Documents.duty(number, person: 21, school: 1, title: "X901 Provare")) }
            _ = try await hub.intake(source).run(.full)
            let target = RecordingTarget()
            try await hub.run(target) {
                guard try await hub.isSettled() else { return false }
                return try await hub.store.list(FailureFilter()).count == 3
            }
            let forecast = ReplayForecast(store: hub.store, mappings: hub.mappings)
            let failures = try await hub.store.list(FailureFilter())
            let group = try #require(try await hub.store.groups(FailureFilter()).first)
            for outcome in try await forecast.outcomes(of: failures).values {
                guard case .stillFails(let failure) = outcome else {
                    Issue.record("\(outcome)")
                    continue
                }
                #expect(failure.code == group.code && failure.place == group.place)
            }
            #expect(try await forecast.verdict(on: group) == ReplayForecast.Verdict(passing: 0, looked: 3))

            hub.mappings.replace(with: try self.mended(hub))
            #expect(try await forecast.verdict(on: group)?.isFixed == true)
            #expect(try await forecast.outcomes(of: failures).values.allSatisfy { $0 == .sent })
            #expect(try await hub.store.backlog() == 0, "looking sends nothing")

            let batch = try await hub.store.select(
                FailureFilter(), plan: ReplayPlan(canary: 1, ramp: true), by: "operator", time: HubClock.system.timestamp)
            try await hub.store.change(batch.id, .start, by: "operator", time: HubClock.system.timestamp)
            let service = ReplayService(store: hub.store, logger: hub.logger)
            try await hub.run(target) {
                try await service.step()
                return try await hub.store.batch(batch.id)?.state == .done
            }
            #expect(try await hub.store.batch(batch.id)?.tally[.replayed] == 3)
            #expect(try await hub.store.list(FailureFilter()).isEmpty)
        }
    }
}

extension ReplayService {
    fileprivate func step() async throws {
        var seen: [String: ReplayTally] = [:]
        try await self.round(&seen)
    }
}

@Suite("Replays to a system that comes and goes")
struct ReplayRouteTests {
    @Test func `R9: where a message goes is decided once: to a system that is off, it waits, and arrives once when it is back`()
        async throws
    {
        try await TestHub.with { hub in
            let source = ScriptedSource()
            Documents.fill(source)
            _ = try await hub.intake(source).run(.full)
            let target = RecordingTarget()
            let key = RecordKey(.person, Documents.id(21))
            target.state.withLock {
                $0.refused = [key: ConnectorFailure(.rejected, code: .rowRefused, message: "the system refuses it")]
            }
            try await hub.run(target) {
                guard try await hub.isSettled() else { return false }
                return try await hub.store.list(FailureFilter()).count == 1
            }
            target.state.withLock { $0.refused = [:] }
            let time = HubClock.system.timestamp
            let batch = try await hub.store.select(FailureFilter(), plan: ReplayPlan(), by: "operator", time: time)
            let other = try await hub.store.select(FailureFilter(), plan: ReplayPlan(), by: "operator", time: time)
            try await hub.store.change(batch.id, .start, by: "operator", time: time)
            let service = ReplayService(store: hub.store, logger: hub.logger)
            try await service.step()

            // The system is switched off: its queue isn't there.
            let without = InMemoryBroker()
            try await without.declare(HubTopology.topology(targets: [:]))
            var round = RelayRound()
            try await OutboxRelay(store: hub.store, broker: without, logger: hub.logger).relayAll(&round)
            try await #expect(hub.store.backlog() == 1, "it waits")
            try await hub.store.change(other.id, .start, by: "operator", time: time)
            try await #expect(hub.store.advance(other.id, now: .now).batch.tally[.skipped] == 1, "and has no second way")

            let calls = target.state.withLock { $0.calls }
            try await hub.run(target) {
                try await service.step()
                return try await hub.store.batch(batch.id)?.state == .done
            }
            #expect(try await hub.store.batch(batch.id)?.tally[.replayed] == 1)
            #expect(target.state.withLock { $0.calls } == calls + 1)
        }
    }
}
