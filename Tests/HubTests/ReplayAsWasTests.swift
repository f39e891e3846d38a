import ConnectorKit
import Foundation
import Mapping
import Messaging
import SchoolRecords
import Synchronization
import Testing

@testable import Hub

/// A school that the system refused, and what becomes of it when the mapping has been edited since.
@Suite("What was refused is sent as it was")
struct ReplayAsWasTests {
    private static let school = RecordKey(.organisation, Documents.id(1))

    /// The project's mappings with a text of the school's mapping replaced.
    private static func edited(_ hub: TestHub, _ text: String, _ other: String) throws -> MappingSet {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../Mappings")
            .standardized
        let copy = hub.directory + "/mappings"
        try FileManager.default.copyItem(atPath: root.path, toPath: copy)
        let file = copy + "/unikum/organisation.yaml"
        let before = try String(contentsOfFile: file, encoding: .utf8)
        let after = before.replacingOccurrences(of: text, with: other)
        try #require(after != before)
        try Data(after.utf8).write(to: URL(fileURLWithPath: file))
        let load = MappingSet.load(directory: copy)
        guard let set = load.set else { throw TestProblem("the edited mappings don't load: \(load.diagnostics)") }
        return set
    }

    /// Runs the roster until the school stands as refused and everything else is there.
    private static func refused(_ hub: TestHub, _ source: ScriptedSource, _ target: RecordingTarget) async throws {
        Documents.fill(source)
        _ = try await hub.intake(source).run(.full)
        target.state.withLock {
            $0.refused = [Self.school: ConnectorFailure(.rejected, code: .rowRefused, message: "the system refuses it")]
        }
        try await hub.run(target) {
            guard try await hub.isSettled() else { return false }
            return try await hub.store.list(FailureFilter()).count == 1
        }
        target.state.withLock { $0.refused = [:] }
    }

    private static func start(_ hub: TestHub, asWas: Bool) async throws -> ReplayBatch {
        let time = HubClock.system.timestamp
        let batch = try await hub.store.select(FailureFilter(), plan: ReplayPlan(asWas: asWas), by: "operator", time: time)
        try await hub.store.change(batch.id, .start, by: "operator", time: time)
        return batch
    }

    private static func name(_ target: RecordingTarget) -> String? {
        target.state.withLock { $0.rows["school \(Documents.id(1))"]?.fields["namn"] }
    }

    @Test(arguments: [(true, "Skola 1"), (false, Documents.id(1))])
    func `the mapping of then, or of today`(asWas: Bool, name: String) async throws {
        try await TestHub.with { hub in
            let (source, target) = (ScriptedSource(), RecordingTarget())
            try await Self.refused(hub, source, target)
            #expect(Self.name(target) == nil)
            let version = hub.mappings.set.version
            #expect(try await hub.store.forms(of: [1])[1]?.form.mappings == version)
            hub.mappings.replace(with: try Self.edited(hub, "namn: {from: displayName,", "namn: {from: id,"))
            let batch = try await Self.start(hub, asWas: asWas)
            let forecast = ReplayForecast(store: hub.store, mappings: hub.mappings)
            let failures = try await hub.store.list(FailureFilter())
            #expect(try await forecast.outcomes(of: failures, asWas: asWas)[1] == .sent)
            let service = ReplayService(store: hub.store, logger: hub.logger)
            try await hub.run(target) {
                var seen: [String: ReplayTally] = [:]
                try await service.round(&seen)
                return try await hub.store.batch(batch.id)?.state == .done
            }
            #expect(try await hub.store.batch(batch.id)?.tally[.replayed] == 1)
            #expect(Self.name(target) == name)
            #expect(try await hub.store.forms(of: [1]).isEmpty)
        }
    }

    @Test(arguments: [true, false])
    func `a newer state is never overwritten, whether it comes before or after the replay is under way`(isUnderWay: Bool)
        async throws
    {
        try await TestHub.with { hub in
            let (source, target) = (ScriptedSource(), RecordingTarget())
            try await Self.refused(hub, source, target)
            hub.mappings.replace(
                with: try Self.edited(
                    hub, "namn: {from: displayName, required: true, reversible: true}",
                    "namn: {from: displayName, required: true, transform: upper}"))
            let batch = try await Self.start(hub, asWas: true)
            if isUnderWay { try await #expect(hub.store.advance(batch.id, now: .now).sent == 1) }
            var newer = Documents.school(1)
            newer["displayName"] = "Nya skolan"
            newer["meta"] = Documents.meta("2026-08-02T00:00:00Z")
            source.put(.organisation, newer)
            _ = try await hub.intake(source).run(.full)
            let failures = try await hub.store.list(FailureFilter())
            if !isUnderWay {
                let forecast = ReplayForecast(store: hub.store, mappings: hub.mappings)
                #expect(try await forecast.outcomes(of: failures, asWas: true)[1] == .overtaken)
            }
            let service = ReplayService(store: hub.store, logger: hub.logger)
            try await hub.run(target) {
                var seen: [String: ReplayTally] = [:]
                try await service.round(&seen)
                // While the failure is open nothing says that the newer state is under way.
                guard try await hub.isSettled(), try await hub.store.list(FailureFilter()).isEmpty else { return false }
                return try await hub.store.batch(batch.id)?.state == .done
            }
            #expect(Self.name(target) == "NYA SKOLAN")
            #expect(try await hub.store.list(FailureFilter()).isEmpty)
        }
    }

    @Test func `what the system isn't given any more isn't sent as it was either`() async throws {
        try await TestHub.with { hub in
            let (source, target) = (ScriptedSource(), RecordingTarget())
            try await Self.refused(hub, source, target)
            hub.mappings.replace(
                with: try Self.edited(
                    hub,
                    "      skolform:\n        from: schoolTypes\n        lookup: {table: school_type, find: school_type, give: unikum_skolform}\n",
                    ""))
            let batch = try await Self.start(hub, asWas: true)
            let service = ReplayService(store: hub.store, logger: hub.logger)
            try await hub.run(target) {
                var seen: [String: ReplayTally] = [:]
                try await service.round(&seen)
                return try await hub.store.batch(batch.id)?.state == .done
            }
            #expect(Self.name(target) == nil)
            let failure = try #require(try await hub.store.message(1))
            #expect(failure.failure.code == "form-withdrawn" && failure.state == .failed && failure.attempts == 2)
            #expect(try await hub.store.forms(of: [1]).isEmpty)
        }
    }
}
