import Foundation
import Hub
import KnutpunktApp
import Messaging
import SchoolRecords
import StandIns
import Testing

/// The whole hub between the stand-ins, of which every second write is done and its reply lost, and killed in between: what flows
/// make is there once, counted in the stand-ins.
@Suite("Replies that never came double nothing that flows make", .serialized)
struct FlowFaultTests {
    private struct Told: Hashable {
        let child: String
        let start: String
        let end: String
    }

    @Test(.timeLimit(.minutes(10)))
    func `no absence, place or transport decision is there twice, and what is withdrawn is gone`() async throws {
        try await TemporaryDirectory.with { directory in
            var options = Rehearsal.Options(
                scale: .custom(children: 60), seed: 23, directory: directory, mappings: Program.mappings,
                executable: Program.path)
            options.others = Set(TwoWaySystem.allCases)
            try await Rehearsal.with(options) { rehearsal in
                for standIn in rehearsal.others.values { try await standIn.setFaults(EdlevoFaults { $0.losesReplyEvery = 2 }) }
                try rehearsal.startHub()
                try await rehearsal.waitUntilRunning()
                try await rehearsal.settle(within: 180)
                try await Self.absences(rehearsal)
                try await Self.places(rehearsal)
                try await Self.transport(rehearsal)
                let status = try await rehearsal.context.status()
                #expect(status.failed["failed"] ?? 0 == 0)
            }
        }
    }

    // MARK: Absence

    private static func absences(_ rehearsal: Rehearsal) async throws {
        let skola24 = try #require(rehearsal.others[.skola24])
        let tempus = try #require(rehearsal.others[.tempus])
        try await Self.untilAgreed(rehearsal, tempus, from: "absence-once")
        let before = try await Self.told(tempus)
        #expect(!before.isEmpty, "absences that were there at the start")
        // Children in after-school care who aren't absent yet, with a place on the day.
        let (from, to) = ("2026-11-24T06:00:00Z", "2026-11-24T17:00:00Z")
        let absent = Set(try await skola24.truth(.absence).values.compactMap { $0["student"]?["id"]?.stringValue })
        let children = Set(
            try await tempus.truth(.placement).values.filter {
                $0["schoolType"] == "FTH" && $0["startDate"]?.stringValue ?? "9" <= "2026-11-24"
                    && $0["endDate"]?.stringValue ?? "9" >= "2026-11-24"
            }.compactMap { $0["child"]?["id"]?.stringValue }
        ).subtracting(absent).sorted().prefix(8)
        #expect(children.count == 8)
        for (number, child) in children.enumerated() {
            try await skola24.upsert(
                .absence,
                [
                    "id": .string("00000000-0000-4000-8000-0000000000b\(number)"), "type": "Anmäld frånvaro",
                    "student": ["id": .string(child)], "startTime": .string(from), "endTime": .string(to),
                ])
            if number == 4 {
                // Somewhere between the reading and the last reply.
                try await rehearsal.until { _ in
                    try await rehearsal.context.store.records([Self.report(0)])[Self.report(0)] != nil
                }
                await rehearsal.killHub()
                try rehearsal.startHub()
                try await rehearsal.waitUntilRunning()
            }
        }
        try await rehearsal.until { _ in
            try await rehearsal.context.store.records((0..<8).map(Self.report)).count == 8
        }
        try await rehearsal.settle(within: 180)
        try await Self.untilAgreed(rehearsal, tempus, from: "absence-once")
        let told = try await Self.told(tempus)
        #expect(told.count > before.count)
        #expect(Set(told).count == told.count, "an absence twice")

        // Whole days the other way.
        let child = try #require(children.first)
        for number in 0..<8 { await skola24.delete(Self.report(number)) }
        let key = RecordKey(.absence, "00000000-0000-4000-8000-0000000000c0")
        try await tempus.upsert(
            .absence,
            [
                "id": .string(key.id), "type": "Anmäld frånvaro", "student": ["id": .string(child)],
                "startTime": "2026-11-23T23:00:00Z", "endTime": "2026-11-24T23:00:00Z",
            ])
        try await rehearsal.until { _ in try await Self.told(skola24).contains { $0.child == child } }
        try await Self.untilAgreed(rehearsal, skola24, from: "absence-day")
        let days = try await Self.told(skola24)
        #expect(Set(days).count == days.count)
        #expect(days.filter { $0.child == child }.count == 1)

        // Everything is withdrawn, on both sides.
        let own = Set(try await tempus.truth(.absence).keys).subtracting(await Self.written(tempus))
        for id in own { await tempus.delete(RecordKey(.absence, id)) }
        let reports = Set(try await skola24.truth(.absence).keys).subtracting(await Self.written(skola24))
        for id in reports { await skola24.delete(RecordKey(.absence, id)) }
        try await rehearsal.until { _ in
            let (care, school) = (try await tempus.truth(.absence), try await skola24.truth(.absence))
            return care.isEmpty && school.isEmpty
        }
    }

    private static func report(_ number: Int) -> RecordKey { RecordKey(.absence, "00000000-0000-4000-8000-0000000000b\(number)") }

    private static func written(_ standIn: SS12000StandIn) async -> Set<String> {
        Set(await standIn.writes.keys.filter { $0.entity == .absence }.map(\.id))
    }

    /// What the hub has told a system, as it stands there.
    private static func told(_ standIn: SS12000StandIn) async throws -> [Told] {
        let written = await Self.written(standIn)
        return try await standIn.truth(.absence).filter { written.contains($0.key) }.values.map { document in
            Told(
                child: document["student"]?["id"]?.stringValue ?? "", start: document["startTime"]?.stringValue ?? "",
                end: document["endTime"]?.stringValue ?? "")
        }
    }

    /// Returns when a system holds exactly what a flow has made.
    private static func untilAgreed(_ rehearsal: Rehearsal, _ standIn: SS12000StandIn, from flow: String) async throws {
        try await rehearsal.until { _ in
            let held = Set(try await standIn.truth(.absence).keys).intersection(await Self.written(standIn))
            return held == (try await rehearsal.context.store.liveIDs(of: .absence, source: flow))
        }
    }

    // MARK: Places and transport

    private static func places(_ rehearsal: Rehearsal) async throws {
        let tempus = try #require(rehearsal.others[.tempus])
        let places = try await tempus.truth(.placement).values.map { place in
            ["child", "placedAt"].map { place[$0]?["id"]?.stringValue ?? "" }
                + ["schoolType", "startDate"].map { place[$0]?.stringValue ?? "" }
        }
        #expect(!places.isEmpty)
        #expect(Set(places).count == places.count, "a place twice")
    }

    private static func transport(_ rehearsal: Rehearsal) async throws {
        let vega = try #require(rehearsal.others[.vega])
        let store = rehearsal.context.store
        let pupils = try await vega.truth(.person).sorted { $0.key < $1.key }.prefix(4)
        let school = try #require(pupils.first?.value["enrolments"]?.arrayValue?.first?["enroledAt"]?["id"]?.stringValue)
        var applications: Set<String> = []
        for (number, pupil) in pupils.enumerated() {
            let id = "00000000-0000-4000-8000-0000000000d\(number)"
            applications.insert(id)
            let body = try SchoolRecord.validate(
                .transportApplication,
                [
                    "id": .string(id), "child": ["id": .string(pupil.key)], "organisation": ["id": .string(school)],
                    "reasons": ["distance"], "submittedAt": "2026-11-20T08:00:00Z", "startDate": "2026-12-01",
                ])
            _ = try await store.take(
                [
                    RecordState(
                        key: RecordKey(.transportApplication, id), owner: pupil.key, body: body.canonicalData)
                ], withheld: [], failures: [], source: "eservice", time: HubClock.system.timestamp)
        }
        let wanted = applications
        #expect(wanted.count == 4)
        try await rehearsal.until { _ in
            let decided = try await Self.decisions(store, of: wanted)
            return decided.count == wanted.count
                && decided.allSatisfy { $0.preliminary && $0.reviews?.contains(.noAnswer) != true }
        }
        for id in wanted { try await vega.decideTransport(id, as: .granted) }
        // The system's own decision takes the place of the preliminary one.
        try await rehearsal.until { _ in
            let decided = try await Self.decisions(store, of: wanted)
            return decided.count == wanted.count && decided.allSatisfy { !$0.preliminary }
        }
        let decided = try await Self.decisions(store, of: wanted)
        #expect(Set(decided.compactMap { $0.application?.id }) == wanted)
        for entity in [Entity.transportEligibility, .transportDecision] {
            let found = try await vega.truth(entity).values.compactMap { $0["application"]?["id"]?.stringValue }
            #expect(found.filter(wanted.contains).sorted() == wanted.sorted(), "\(entity)")
        }
    }

    private static func decisions(_ store: any HubStore, of applications: Set<String>) async throws -> [TransportDecision] {
        try await store.liveRecords(of: .transportDecision, after: nil, limit: 1000).compactMap {
            let decision = try TransportDecision(json: JSONValue(parsing: $0.body))
            return decision.application.map { applications.contains($0.id) } == true ? decision : nil
        }
    }
}
