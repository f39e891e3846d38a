import Hub
import Mapping
import Messaging
import SchoolRecords
import Testing

/// What flows do when nothing comes from anywhere but a new day, or other settings.
@Suite("Flows at the turn of the day and of settings")
struct FlowDayTests {
    private static let pupils = (1...3).map { "pupil-\($0)" }

    private static func enrolment(_ start: String, _ end: String?) -> JSONValue {
        var json: JSONValue = ["enroledAt": ["id": "gy-1"], "schoolType": "GY", "schoolYear": 2, "startDate": .string(start)]
        if let end { json["endDate"] = .string(end) }
        return json
    }

    private static func take(_ hub: TestHub, _ pupil: String, _ enrolments: [JSONValue]) async throws {
        let body = try SchoolRecord.validate(
            .person,
            [
                "id": .string(pupil), "givenName": "Prov", "familyName": "Provsson", "birthDate": "2009-01-01",
                "personStatus": "Aktiv", "enrolments": .array(enrolments),
            ])
        _ = try await hub.store.take(
            [RecordState(key: RecordKey(.person, pupil), owner: pupil, body: body.canonicalData)], withheld: [], failures: [],
            source: "edlevo", time: "2026-08-20T08:00:00.000Z")
    }

    private static func service(_ hub: TestHub, _ kind: FlowKind, _ day: String) -> FlowService {
        FlowService(
            kind, broker: hub.broker, store: hub.store, mappings: hub.mappings, clock: TestHub.clock("\(day)T08:00:00Z"),
            logger: hub.logger)
    }

    private static func notices(_ hub: TestHub) async throws -> [String] {
        try await hub.store.liveRecords(of: .notice, after: nil, limit: 100).map {
            try Notice(json: JSONValue(parsing: $0.body)).person.id
        }.sorted()
    }

    @Test func `an end that was known long before is told of the day after, and a beginning ahead withdraws in time`()
        async throws
    {
        try await TestHub.with(mappings: FlowFixture.set("break-off", "recipient: kaa")) { hub in
            try await Self.take(hub, Self.pupils[0], [Self.enrolment("2025-08-18", "2026-10-01")])
            // Begins again after Christmas: studies that begin within 30 days count.
            try await Self.take(
                hub, Self.pupils[1], [Self.enrolment("2025-08-18", "2026-10-01"), Self.enrolment("2027-01-11", nil)])
            try await Self.take(hub, Self.pupils[2], [Self.enrolment("2025-08-18", nil)])
            for (day, expected) in [
                ("2026-10-01", []), ("2026-10-02", [0, 1]), ("2026-12-11", [0, 1]), ("2026-12-12", [0]), ("2028-12-31", [0]),
                ("2029-01-01", []),
            ] as [(String, [Int])] {
                #expect(try await Self.service(hub, .breakOff, day).runAllIfDue() == nil)
                #expect(try await Self.notices(hub) == expected.map { Self.pupils[$0] }, "\(day)")
                let counted = try await hub.store.backlog()
                #expect(try await Self.service(hub, .breakOff, day).runAllIfDue() == nil)
                #expect(try await hub.store.backlog() == counted, "a day is run for once")
            }
        }
    }

    @Test func `turned off, a flow takes back what it made; turned on again it makes the same`() async throws {
        try await TestHub.with(mappings: FlowFixture.set("break-off", "recipient: kaa")) { hub in
            try await Self.take(hub, Self.pupils[0], [Self.enrolment("2025-08-18", "2026-10-01")])
            let service = Self.service(hub, .breakOff, "2026-11-28")
            try await service.runAllIfDue()
            let made = try await hub.store.liveIDs(of: .notice, source: "break-off")
            #expect(made.count == 1)
            hub.mappings.replace(with: try FlowFixture.set("break-off", "recipient: kaa\nenabled: false"))
            try await service.runAllIfDue()
            #expect(try await Self.notices(hub).isEmpty)
            hub.mappings.replace(with: try FlowFixture.set("break-off", "recipient: kaa"))
            try await service.runAllIfDue()
            #expect(try await hub.store.liveIDs(of: .notice, source: "break-off") == made)
        }
    }

    @Test func `settings that would take back very many records wait for approval`() async throws {
        try await TestHub.with(mappings: FlowFixture.set("break-off", "recipient: kaa")) { hub in
            for number in 0..<60 { try await Self.take(hub, "pupil-\(number)", [Self.enrolment("2025-08-18", "2026-10-01")]) }
            let service = Self.service(hub, .breakOff, "2026-11-28")
            #expect(try await service.runAllIfDue() == nil, "the first records replace nothing")
            #expect(try await Self.notices(hub).count == 60)
            hub.mappings.replace(with: try FlowFixture.set("break-off", "recipient: kaa\nbelow_age: 16"))
            let held = try #require(try await service.runAllIfDue())
            #expect(held.deletes == 60)
            #expect(try await Self.notices(hub).count == 60)
            #expect(try await service.runAllIfDue() != nil)
            let decision = HeldDecision(.approved, by: "somebody", reason: "it is right", time: HubClock.system.timestamp)
            #expect(try await hub.store.decide(held.id, decision) != nil)
            #expect(try await service.runAllIfDue() == nil)
            #expect(try await Self.notices(hub).isEmpty)
        }
    }

    /// A place that begins in January is known in November: the absence that is reported then is for its days alone.
    @Test func `a place that lies ahead, is moved or is taken back moves what was made for it`() async throws {
        let set = try FlowFixture.set("absence-once", "school_system: kaa\ncare_system: vega")
        try await TestHub.with(mappings: set) { hub in
            let pupil = Self.pupils[0]
            func take(_ entity: Entity, _ id: String, _ json: JSONValue?, source: String) async throws {
                let body = try json.map { try SchoolRecord.validate(entity, $0).canonicalData }
                _ = try await hub.store.take(
                    [RecordState(key: RecordKey(entity, id), owner: body == nil ? nil : pupil, body: body)], withheld: [],
                    failures: [], source: source, time: "2026-11-20T08:00:00.000Z")
            }
            func place(_ start: String, _ end: String?) async throws {
                var json: JSONValue = [
                    "id": "place-1", "placedAt": ["id": "care-1"], "child": ["id": .string(pupil)], "schoolType": "FTH",
                    "startDate": .string(start),
                ]
                if let end { json["endDate"] = .string(end) }
                try await take(.placement, "place-1", json, source: "edlevo")
            }
            try await take(
                .absence, "absence-1",
                [
                    "id": "absence-1", "startTime": "2027-01-07T08:00:00", "endTime": "2027-01-13T16:00:00",
                    "type": "Beviljad ledighet", "student": ["id": .string(pupil)],
                ], source: "kaa")
            var day = 1
            /// The days that care is told of, after a run for everybody on another day.
            func told() async throws -> [String] {
                day += 1
                try await Self.service(hub, .absenceOnce, "2026-12-0\(day)").runAllIfDue()
                return try await hub.store.liveRecords(of: .absence, after: nil, limit: 100).filter {
                    $0.source == "absence-once"
                }
                .compactMap { try JSONValue(parsing: $0.body)["startTime"]?.stringValue.map { String($0.prefix(10)) } }.sorted()
            }
            #expect(try await told() == [])
            try await place("2027-01-11", nil)
            let first = try await told()
            #expect(first == ["2027-01-11", "2027-01-12", "2027-01-13"])
            let ids = try await hub.store.liveIDs(of: .absence, source: "absence-once")
            try await place("2027-01-08", "2027-01-12")
            #expect(try await told() == ["2027-01-08", "2027-01-09", "2027-01-10", "2027-01-11", "2027-01-12"])
            #expect(
                try await hub.store.liveIDs(of: .absence, source: "absence-once").intersection(ids).count == 2,
                "same days, same ids")
            try await place("2027-01-14", nil)
            #expect(try await told() == [])
            try await place("2027-01-13", nil)
            #expect(try await told() == ["2027-01-13"])
            try await take(.placement, "place-1", nil, source: "edlevo")
            #expect(try await told() == [])
        }
    }
}
