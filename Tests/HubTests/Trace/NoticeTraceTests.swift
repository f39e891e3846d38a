import Foundation
import SchoolRecords
import Testing

@testable import Hub

@Suite("What is read for a notice goes on with its trace")
struct NoticeTraceTests {
    @Test func `rings of one trace are one, rings of several are of none`() async throws {
        let still = HubClock.withoutPauseEnds
        let (first, second) = (TraceContext.begin(), TraceContext.begin())
        for (rings, trace) in [
            ([first], first), ([first, first], first), ([first, second], nil), ([first, nil], nil), ([nil, first], nil),
            ([nil], nil),
            ([first, second, second], nil),
        ] as [([TraceContext?], TraceContext?)] {
            let wake = Wake()
            for ring in rings { wake.ring(trace: ring) }
            let ring = try #require(try await wake.wait(atMost: .seconds(1), clock: still))
            #expect(ring.trace == trace)
        }
    }

    @Test func `a reading for a notice with a trace takes its changes with it, the next reading begins new ones`() async throws {
        try await TestHub.with { hub in
            let source = ScriptedSource()
            Documents.fill(source)
            let wake = Wake()
            let clock = HubClock.withoutPauseEnds
            let service = IntakeService(
                intake: Intake(
                    source: source, store: hub.store, key: hub.key, mappings: hub.mappings, clock: clock, logger: hub.logger),
                lock: NoLock(), changesEvery: .seconds(3600), fullEvery: 86_400, wake: wake)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await service.run() }
                defer { group.cancelAll() }
                func until(_ condition: () async throws -> Bool) async throws {
                    for await _ in hub.store.changes(every: .milliseconds(10)) where try await condition() { return }
                }
                func change(_ number: Int, _ name: String, _ trace: TraceContext?) async throws -> RecordPassage? {
                    let key = RecordKey(.person, Documents.id(number))
                    let before = try await hub.store.passages(of: key).count
                    source.put(
                        .person, Documents.person(number, name: name, unit: 2, guardians: [20], modified: "2026-08-02T00:00:00Z"))
                    wake.ring(trace: trace)
                    try await until { try await hub.store.passages(of: key).count > before }
                    return try await hub.store.passages(of: key).last
                }
                try await until { try await hub.store.mark(source: "edlevo", entity: "full") != nil }
                let notice = TraceContext.begin()
                let first = try await change(10, "Ny", notice)
                #expect(first?.trace == notice.traceID && first?.readAt != nil)
                let other = try await change(11, "Ny", nil)
                #expect(other?.trace != nil && other?.trace != notice.traceID)
                #expect(other?.trace == other?.message?.replacing("-", with: ""))
            }
        }
    }

    @Test func `a notice's traceparent reaches the source it is for, a broken one counts as none`() {
        final class Rung: Sendable { let wake = Wake() }
        let context = TraceContext.begin()
        for (header, trace) in [(context.header, context), ("00-xyz", nil), (nil, nil)] as [(String?, TraceContext?)] {
            nonisolated(unsafe) var seen: [TraceContext?] = []
            let doors = NoticeDoors(["tempus": NoticeDoor(token: "t")]) { _, trace, _ in seen.append(trace) }
            #expect(doors.take(source: "tempus", token: "t", body: Data()) { $0 == "traceparent" ? header : nil } == .taken)
            #expect(doors.take(source: "tempus", token: "x", body: Data()) { _ in context.header } == .unknown)
            #expect(seen == [trace])
        }
    }
}
