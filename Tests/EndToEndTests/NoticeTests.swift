import Foundation
import Hub
import KnutpunktApp
import Messaging
import SchoolRecords
import StandIns
import Testing

/// Five systems by configuration alone, with readings of the three two-way ones an hour apart: what arrives sooner came by a notice.
@Suite("A source that tells of a change is read at once", .serialized)
struct NoticeTests {
    @Test(.timeLimit(.minutes(5)))
    func `subscribed, changed, noticed, taken; and a stranger's notice does nothing`() async throws {
        try await TemporaryDirectory.with { directory in
            var options = Rehearsal.Options(
                scale: .custom(children: 60), seed: 11, directory: directory, mappings: Program.mappings, executable: Program.path
            )
            options.others = Set(TwoWaySystem.allCases)
            options.othersEverySeconds = 3600
            try await Rehearsal.with(options) { rehearsal in
                try rehearsal.startHub()
                try await rehearsal.waitUntilRunning()
                try await rehearsal.settle()
                let tempus = try #require(rehearsal.others[.tempus])
                // The hub has subscribed at all three.
                for standIn in rehearsal.others.values {
                    try await standIn.waitForRequests { $0.count(path: "subscriptions", status: 201) == 1 }
                }
                let places = try await tempus.truth(.placement)
                let children = places.values.filter { place in
                    place["schoolType"] == "FTH" && (place["startDate"]?.stringValue ?? "") <= "2026-11-23"
                        && (place["endDate"]?.stringValue ?? "9") >= "2026-11-23"
                }.compactMap { place in place["child"]?["id"]?.stringValue }
                let child = try #require(children.min())
                let id = "00000000-0000-4000-8000-0000000000aa"
                let key = RecordKey(.absence, id)
                try await tempus.upsert(
                    .absence,
                    [
                        "id": .string(id), "type": "Anmäld frånvaro", "student": ["id": .string(child)],
                        // A whole day in Sweden, which becomes absence from school.
                        "startTime": "2026-11-22T23:00:00Z", "endTime": "2026-11-23T23:00:00Z",
                    ])
                try await rehearsal.until { _ in try await rehearsal.context.store.records([key])[key]?.operation == .upserted }
                // The notice's trace went with it, and on into the calls that were made for it.
                let trace = try #require(try await rehearsal.context.store.passages(of: key).last?.trace)
                try await tempus.waitForRequests { $0.carried(trace, writes: false) }
                let skola24 = try #require(rehearsal.others[.skola24])
                try await skola24.waitForRequests { $0.carried(trace, writes: true) }
                #expect(rehearsal.posters[.tempus]?.outcome.traces.contains(trace) == true)
                let made = try #require(try await rehearsal.context.store.derived(from: key).first)
                #expect(try await rehearsal.context.store.passages(of: made).last?.trace == trace)
                #expect(await !tempus.requests.carried(trace, writes: true))
                await tempus.delete(key)
                try await rehearsal.until { _ in try await rehearsal.context.store.records([key])[key]?.operation == .deleted }
                #expect(try #require(rehearsal.posters[.tempus]).outcome.lost == 0)
                // What all systems hold came through their descriptions, and nothing failed.
                let status = try await rehearsal.context.status()
                #expect(status.failed["failed"] ?? 0 == 0)
                #expect(await tempus.count(of: .placement) > 0)
                let vega = try #require(rehearsal.others[.vega])
                #expect(await vega.count(of: .person) > 0)
                #expect(await vega.count(of: .organisation) > 0)
                let protected = Set(rehearsal.municipality.protectedPersons.map(\.id))
                for standIn in rehearsal.others.values {
                    for key in await standIn.writes.keys { #expect(!protected.contains(key.id)) }
                }
            }
        }
    }
}
