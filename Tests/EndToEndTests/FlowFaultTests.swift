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
    /// An absence as it stands in a system; seconds since 1970.
    private struct Told: Hashable {
        let child: String
        let start: Int
        let end: Int

        init(child: String, start: String, end: String) {
            self.child = child
            self.start = Moment(start)?.secondsSinceEpoch ?? 0
            self.end = Moment(end)?.secondsSinceEpoch ?? 0
        }
    }

    @Test(.timeLimit(.minutes(10)))
    func `no absence, place or transport decision is there twice, and what is withdrawn is gone`() async throws {
        try await TemporaryDirectory.with { directory in
            var options = Rehearsal.Options(
                scale: .custom(children: 150), seed: 23, directory: directory, mappings: Program.mappings,
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

    /// A Tuesday ahead: stays in after-school care are then, and nothing of the stand-ins' own day.
    private static var tuesday: CalendarDate {
        var day = HubClock.system.calendarDate
        repeat { day = CalendarDate(daysSinceEpoch: day.daysSinceEpoch + 1) } while (day.daysSinceEpoch + 3) % 7 != 1
        return day
    }

    private static func absence(_ id: String, _ child: String, _ from: String, _ to: String) -> JSONValue {
        [
            "id": .string(id), "type": "Anmäld frånvaro", "student": ["id": .string(child)], "startTime": .string(from),
            "endTime": .string(to),
        ]
    }

    /// Children in after-school care on a day, who have stay times and no absence yet.
    private static func children(_ skola24: SS12000StandIn, _ tempus: SS12000StandIn, _ day: CalendarDate) async throws
        -> [String]
    {
        let scheduled = Set(try await tempus.truth(.attendanceSchedule).values.compactMap { $0["placement"]?["id"]?.stringValue })
        let places = try await tempus.truth(.placement).filter { id, place in
            let from = place["startDate"]?.stringValue ?? "9"
            let to = place["endDate"]?.stringValue ?? "9"
            return scheduled.contains(id) && place["schoolType"] == "FTH" && from <= "\(day)" && to >= "\(day)"
        }
        var absent: Set<String> = []
        for standIn in [skola24, tempus] {
            absent.formUnion(try await standIn.truth(.absence).values.compactMap { $0["student"]?["id"]?.stringValue })
        }
        return Set(places.values.compactMap { $0["child"]?["id"]?.stringValue }).subtracting(absent).sorted()
    }

    private static func absences(_ rehearsal: Rehearsal) async throws {
        let skola24 = try #require(rehearsal.others[.skola24])
        let tempus = try #require(rehearsal.others[.tempus])
        let store = rehearsal.context.store
        let day = Self.tuesday
        let children = Array(try await Self.children(skola24, tempus, day).prefix(6))
        #expect(children.count == 6)
        for (number, child) in children.enumerated() {
            let key = Self.report(number)
            try await skola24.upsert(.absence, Self.absence(key.id, child, "\(day)T07:00:00", "\(day)T18:00:00"))
            if number == 3 {
                // Somewhere between the first reading and the last reply.
                try await rehearsal.until { _ in try await store.records([Self.report(0)]).count == 1 }
                await rehearsal.killHub()
                try rehearsal.startHub()
                try await rehearsal.waitUntilRunning()
            }
        }
        // The stays are 06:30-08:00 and 13:30-16:30: two for each child, the first clipped.
        let expected = Set(
            children.flatMap { child in
                [("07:00", "08:00"), ("13:30", "16:30")].map { from, to in
                    Told(child: child, start: "\(day)T\(from):00", end: "\(day)T\(to):00")
                }
            })
        let reported = Set(children)
        try await rehearsal.until { _ in
            let told = try await Self.told(tempus).filter { reported.contains($0.child) }
            return told.count == expected.count && Set(told) == expected
        }
        try await rehearsal.settle(within: 180)
        try await Self.untilAgreed(rehearsal, tempus, from: "absence-once")
        let told = try await Self.told(tempus).filter { reported.contains($0.child) }
        #expect(told.count == expected.count && Set(told) == expected)

        // Whole days the other way.
        for number in children.indices { await skola24.delete(Self.report(number)) }
        let child = try #require(children.first)
        let next = CalendarDate(daysSinceEpoch: day.daysSinceEpoch + 1)
        let whole = "00000000-0000-4000-8000-0000000000c0"
        try await tempus.upsert(.absence, Self.absence(whole, child, "\(day)T00:00:00", "\(next)T00:00:00"))
        try await rehearsal.until { _ in
            try await Self.told(skola24).filter { $0.child == child }
                == [Told(child: child, start: "\(day)T00:00:00", end: "\(next)T00:00:00")]
        }
        try await Self.untilAgreed(rehearsal, skola24, from: "absence-day")
        #expect(try await Self.told(skola24).filter { $0.child == child }.count == 1)

        // Everything is withdrawn, on both sides.
        for standIn in [tempus, skola24] {
            let written = await Self.written(standIn)
            let own = Set(try await standIn.truth(.absence).keys).subtracting(written)
            for id in own { await standIn.delete(RecordKey(.absence, id)) }
        }
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
