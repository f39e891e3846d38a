import ConnectorKit
import Foundation
import Logging
import SchoolRecords
import StandIns
import Testing

@testable import Connectors

@Suite("What is written to Edlevo's classic services is taken once, and by its schemas")
struct ClassicWritingTests {
    private typealias Harness = EdlevoClassicTargetHarness

    private static func batch(_ rows: [TargetRow], number: Int = 1) -> TargetBatch {
        TargetBatch(
            id: "00000\(number)-a",
            writes: rows.enumerated().map {
                TargetWrite(record: RecordKey(.person, "record-\($0.offset)"), sequence: 1, set: [$0.element], removed: [])
            })
    }

    private static func busCard(
        _ student: String, start: String = "2026-08-17", end: String? = "2027-06-11", number: String = "123", type: String = "GR"
    ) -> TargetRow {
        var fields = [
            "student": student, "personid": "20130101TF01", "schooltype": type, "start": start, "distance": "5.4", "type": "BUSS",
            "number": number,
        ]
        fields["end"] = end
        return TargetRow(kind: "buscard", key: student, fields: fields)
    }

    private static func absence(_ student: String, _ guardian: String, day: String = "2026-11-24") -> TargetRow {
        TargetRow(
            kind: "absence", key: "\(student) \(day)",
            fields: [
                "student": student, "guardian": guardian, "schooltype": "GR", "start": "\(day)T07:00:00Z",
                "stop": "\(day)T15:00:00Z",
            ])
    }

    private static func employment(_ number: Int) -> TargetRow {
        TargetRow(
            kind: "employment", key: "HR-\(number)",
            fields: [
                "personid": "19800101TF0\(number)", "uniqueid": "u\(number)", "employeenumber": "10020\(number)",
                "percent": "100",
                "start": "2026-08-01", "titlecode": "401010", "titlename": "Lärare & mer", "type": "UntilFurther",
                "info": "HR-\(number)", "signature": "ANI", "category": "TeachingPersonnel",
                "place": "aaaaaaaa-0000-4000-8000-000000000001", "schooltype": "GR",
            ])
    }

    private static func total(_ student: String, _ kind: String) -> TargetRow {
        var fields = [
            "student": student, "schooltype": "GR", "kind": kind, "minutes": "120", "start": "2026-09-01T00:00:00",
            "end": "2026-09-30T00:00:00", "code": "MA",
        ]
        fields[kind == "absence" ? "reason" : "offered"] = kind == "absence" ? "Invalid" : "600"
        return TargetRow(kind: "absence_total", key: "\(student) \(kind)", fields: fields)
    }

    /// A pupil of compulsory school with a guardian.
    private static func pupil(_ harness: Harness) async throws -> (pupil: String, guardian: String) {
        let groups = try await harness.standIn.register.truth(.group).sorted { $0.key < $1.key }
        let group = try #require(groups.first { $0.value["groupType"] == "Klass" && $0.value["schoolType"] == "GR" })
        let pupil = try #require(group.value["groupMemberships"]?.arrayValue?.first?["person"]?["id"]?.stringValue)
        return (pupil, try #require(harness.persons.first { $0 != pupil }))
    }

    @Test func `every kind of row is written as its schema says, and stands there`() async throws {
        try await Harness.with { harness in
            let connector = try await harness.connector { _ in }
            let (pupil, guardian) = try await Self.pupil(harness)
            let rows = [
                Self.busCard(pupil), Self.absence(pupil, guardian), Self.employment(1), Self.total(pupil, "absence"),
                Self.total(pupil, "presence"), harness.relation(3),
                TargetRow(
                    kind: "contact", key: pupil,
                    fields: [
                        "person": pupil, "emailworkschool": "ny@elev.example", "mobile": "070-174 06 05", "work": "0980319200",
                    ]),
            ]
            try await #expect(connector.write(Self.batch(rows)).isEmpty)
            // The name again, as another: what else the attributes say stays.
            let changed = TargetRow(
                kind: "eppn", key: harness.persons[3], fields: ["person": harness.persons[3], "eppn": "ny@edu.example"])
            try await #expect(connector.write(Self.batch([changed], number: 2)).isEmpty)
            let held = await harness.standIn.held
            #expect(held.busCards.map(\.number) == ["123"] && held.busCards.first?.end == "2027-06-11")
            // Edlevo speaks the time on the wall.
            #expect(held.absences.map(\.start) == ["2026-11-24T08:00:00"])
            #expect(held.employments["HR-1"]?.fields["employeenumber"] == "100201")
            #expect(held.employments["HR-1"]?.fields["end"] == "9999-12-31")
            #expect(held.employments["HR-1"]?.fields["place.id"] == "{AAAAAAAA-0000-4000-8000-000000000001}")
            #expect(held.totals.map(\.kind).sorted() == ["absence", "presence"])
            #expect(held.attributes.map { $0.values["eduPersonPrincipalName"] } == [["ny@edu.example"]])
            let person = await harness.standIn.register.document(RecordKey(.person, pupil))
            #expect(person?["phoneNumbers"]?.arrayValue?.count == 2)
            #expect(held.posted.count == 8)
            try VendorSchema.expectValid(held.posted.map(\.body) + held.answered.map(\.body))
        }
    }

    @Test(arguments: [1, 2])
    func `lost replies double no bus card, no absence and no name`(_ every: Int) async throws {
        try await Harness.with { harness in
            let connector = try await harness.connector { _ in }
            let (pupil, guardian) = try await Self.pupil(harness)
            try await harness.standIn.setFaults(EdlevoClassicFaults { $0.losesReplyEvery = every })
            let days = ["2026-11-24", "2026-11-25", "2026-11-26", "2026-11-27"]
            var rows = days.map { Self.absence(pupil, guardian, day: $0) }
            rows += [Self.busCard(pupil), harness.relation(2), harness.relation(4)]
            let batch = Self.batch(rows)
            try await #expect(connector.write(batch).isEmpty)
            // Written again, as after a crash.
            try await #expect(connector.write(batch).isEmpty)
            let held = await harness.standIn.held
            #expect(held.absences.count == days.count && Set(held.absences).count == days.count)
            #expect(held.busCards.count == 1 && held.attributes.count == 2)
        }
    }

    @Test func `where absences can't be looked for, a lost reply is told instead of repeated`() async throws {
        try await Harness.with { harness in
            let connector = try await harness.connector { $0["look_for_absences"] = false }
            let (pupil, guardian) = try await Self.pupil(harness)
            try await harness.standIn.setFaults(EdlevoClassicFaults { $0.losesReplyEvery = 1 })
            let refused = try await connector.write(Self.batch([Self.absence(pupil, guardian)]))
            #expect(refused.values.map(\.code) == ["reply-lost"])
            #expect(await harness.standIn.held.absences.count == 1)
        }
    }

    @Test func `several bus cards in the period are told, since Edlevo wouldn't`() async throws {
        try await Harness.with { harness in
            let connector = try await harness.connector { _ in }
            let student = harness.persons[5]
            for (start, end) in [("2026-01-01", "2026-12-31"), ("2027-01-01", "2027-12-31")] {
                await harness.standIn.addBusCard(
                    .init(student: student, schoolType: "GR", start: start, end: end, distance: nil, type: "BUSS", number: "1"))
                await harness.standIn.addBusCard(
                    .init(student: student, schoolType: "GY", start: start, end: end, distance: nil, type: "BUSS", number: "1"))
            }
            let before = await harness.standIn.held.busCards
            let refused = try await connector.write(
                Self.batch(
                    [Self.busCard(student), Self.busCard(student, type: "GY")].enumerated().map {
                        TargetRow(kind: $0.element.kind, key: "\($0.offset)", fields: $0.element.fields)
                    }))
            #expect(Set(refused.values.map(\.code)) == ["several-bus-cards", "bus-card-not-taken"])
            #expect(await harness.standIn.held.busCards == before)
            // One of them alone is overwritten.
            try await #expect(
                connector.write(Self.batch([Self.busCard(student, start: "2026-08-17", end: "2026-12-20")])).isEmpty)
            #expect(await harness.standIn.held.busCards.filter { $0.schoolType == "GR" }.map(\.number) == ["123", "1"])
        }
    }

    @Test func `what the schema wouldn't allow isn't sent`() async throws {
        try await Harness.with { harness in
            let connector = try await harness.connector { _ in }
            let student = harness.persons[1]
            var rows: [TargetRow] = [
                TargetRow(kind: "contact", key: "a", fields: ["person": student]),
                TargetRow(kind: "contact", key: "b", fields: ["person": student, "fax": "1"]),
                TargetRow(kind: "telegram", key: "c", fields: [:]),
                Self.busCard(student, start: "17/8 2026"), Self.busCard(student, start: "2027-08-17"),
            ]
            var employment = Self.employment(1).fields
            employment["type"] = "Tillsvidare"
            rows.append(TargetRow(kind: "employment", key: "d", fields: employment))
            employment["type"] = nil
            rows.append(TargetRow(kind: "employment", key: "e", fields: employment))
            let refused = try await connector.write(Self.batch(rows))
            #expect(refused.count == rows.count)
            #expect(refused.values.allSatisfy { $0.kind == .rejected && !$0.message.contains("Tillsvidare") })
            #expect(await harness.standIn.held.posted.isEmpty)
        }
    }

    @Test func `a document that comes broken is asked for again, and one of another shape stops the write`() async throws {
        try await Harness.with { harness in
            let connector = try await harness.connector { _ in }
            for fault in [
                EdlevoClassicFaults { $0.truncatedDocument = 1 }, EdlevoClassicFaults { $0.htmlDocument = 1 },
                EdlevoClassicFaults { $0.disconnectedDocument = 1 }, EdlevoClassicFaults { $0.saysUTF16 = true },
            ] {
                try await harness.standIn.setFaults(fault)
                try await #expect(connector.write(Self.batch([harness.relation(7)])).isEmpty)
            }
            #expect(await harness.standIn.held.attributes.count == 1)
        }
    }

    @Test func `what Edlevo refuses is a failure of that record alone, without the server's words`() async throws {
        try await Harness.with { harness in
            let connector = try await harness.connector { _ in }
            let nobody = "00000000-0000-4000-8000-00000000000f"
            let rows = [
                TargetRow(kind: "contact", key: nobody, fields: ["person": nobody, "emailhome": "x@post.example"]),
                TargetRow(kind: "eppn", key: nobody, fields: ["person": nobody, "eppn": "x@edu.example"]),
                Self.absence(harness.persons[0], nobody), harness.object(2, version: 1),
            ]
            let refused = try await connector.write(Self.batch(rows))
            #expect(
                refused.mapValues(\.code) == [
                    RecordKey(.person, "record-0"): "row-refused", RecordKey(.person, "record-1"): "person-not-found",
                    RecordKey(.person, "record-2"): "row-refused",
                ])
            #expect(refused.values.allSatisfy { !$0.message.contains("not found") && !$0.message.contains("@") })
            #expect(try await harness.held() == [harness.object(2, version: 1)])
        }
    }

    // MARK: Licences

    @Test func `a licence key stands in no log line and no failure, whatever the answer`() async throws {
        try await Harness.with { harness in
            let lines = LogLines()
            let logger = Logger(label: "test", factory: { _ in lines })
            let secret = EdlevoClassicHarness.key
            let student = harness.persons[1]
            var settings: JSONValue = [
                "connection": [
                    "base_url": .string(try await harness.standIn.serverURL),
                    "license_keys": [["key": ["file": .string(try ServerUnderTest.secretFile(secret))]]],
                ],
                "request_timeout_seconds": 1, "school_types": ["GR"],
            ]
            var texts: [String] = []
            let faults: [(EdlevoClassicFaults, String)] = [
                (EdlevoClassicFaults { $0.refusesKeys = true }, "license-refused"),
                (EdlevoClassicFaults { $0.outage = .unavailable }, "server-error"),
                (EdlevoClassicFaults { $0.outage = .refusing }, "connection-refused"),
                (EdlevoClassicFaults { $0.delay = .seconds(3) }, "timed-out"),
                (EdlevoClassicFaults { $0.throttle = .init(every: 1, retryAfter: 900) }, "too-many-requests"),
            ]
            func attempts() async throws -> [ConnectorFailure] {
                var failures: [ConnectorFailure] = []
                let source = try EdlevoClassicConnector.make(
                    system: "edlevo", settings: settings, clock: harness.clock.clock, policy: RetryPolicy(), logger: logger)
                let target = try EdlevoClassicTarget.make(
                    system: "edlevo", settings: settings, clock: harness.clock.clock, policy: RetryPolicy(), logger: logger)
                for call in [
                    { try await source.probe() }, { try await source.read(.person, scope: .full) { _ in } },
                    { _ = try await target.write(Self.batch([harness.relation(1), Self.busCard(student)])) },
                ] as [() async throws -> Void] {
                    do {
                        try await call()
                    } catch let failure as ConnectorFailure {
                        failures.append(failure)
                    }
                }
                await source.shutdown()
                await target.shutdown()
                return failures
            }
            for (fault, code) in faults {
                try await harness.standIn.setFaults(fault)
                let failures = try await attempts()
                #expect(
                    failures.count == 3 && failures.allSatisfy { $0.code == code || $0.code == "client-closed" },
                    "\(code): \(failures)")
                texts += failures.map { "\($0) \($0.code) \(String(describing: $0.cause))" }
            }
            try await harness.standIn.setFaults(.none)
            await harness.standIn.close(services: [
                "GetPersonInfo", "GetCompulsorySchoolUnits", "GetCompulsorySchoolOrganization",
            ])
            let closed = try await attempts()
            #expect(closed.map(\.code) == Array(repeating: "license-lacks-service", count: 3))
            settings["connection"]?["path"] = "/elsewhere/{api}/{version}/{service}"
            let lost = try await attempts()
            #expect(lost.prefix(2).map(\.code) == Array(repeating: "service-not-found", count: 2))
            texts += (closed + lost).map { "\($0) \($0.code) \(String(describing: $0.cause))" }
            for text in texts + [lines.all] { #expect(!text.contains(secret)) }
            #expect(!lines.all.isEmpty)
        }
    }

    @Test func `the key is the one whose licence opens the interface and school type`() throws {
        let settings: JSONValue = [
            "connection": [
                "base_url": "https://edlevo.example",
                "license_keys": [
                    ["apis": ["organization"], "school_types": ["FS", "F"], "key": ["env": "KEY_ONE"]],
                    ["apis": ["person"], "key": ["env": "KEY_TWO"]], ["key": ["env": "KEY_THREE"]],
                ],
            ],
            "school_types": ["GR"],
        ]
        let server = try ClassicSourceSettings(system: "x", settings: settings).server
        func key(_ service: ClassicService) -> SecretReference.Place? { server.license(service)?.key.place }
        #expect(key(ClassicService(.organization, "X", .preschool)) == .environment("KEY_ONE"))
        #expect(key(ClassicService(.organization, "X", .compulsorySchool)) == .environment("KEY_THREE"))
        #expect(key(ClassicService(.person, "X")) == .environment("KEY_TWO"))
        #expect(
            server.url(ClassicService(.absence, "ReportAbsence"))
                == "https://edlevo.example/WE.Education.Integration.Host.Proxy/LES/Absence/v2/Absence/ReportAbsence")
    }

    @Test func `everything that is wrong in the settings is told at once`() {
        let settings: JSONValue = [
            "connection": [
                "base_url": "edlevo", "path": "/x", "license_keys": [["key": "plain-text-key", "apis": ["telephone"]]],
                "token": "x",
            ],
            "school_types": ["GRS"], "days_ahead": [0], "unit_ids": ["a"], "changes": true,
        ]
        let error = #expect(throws: SettingsError.self) { try ClassicSourceSettings(system: "x", settings: settings) }
        let paths = Set(error?.problems.map(\.path) ?? [])
        #expect(
            paths.isSuperset(of: [
                "connection.base_url", "connection.path", "connection.license_keys[0].key", "connection.license_keys[0].apis",
                "connection.token", "school_types", "days_ahead[0]", "changes",
            ]))
        #expect(!"\(String(describing: error))".contains("plain-text-key"))
    }
}
