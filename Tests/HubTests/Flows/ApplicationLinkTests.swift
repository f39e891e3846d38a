import Foundation
import Hub
import SchoolRecords
import Testing

@Suite("Applications that name the child by the number alone")
struct ApplicationLinkTests {
    /// A student register and a platform of e-services that knows neither its children nor its schools by its ids.
    private struct World {
        let hub: TestHub
        let edlevo = ScriptedSource()
        let platform = ScriptedSource(system: "openeplatform", entities: [.transportApplication])

        static func with(_ body: (World) async throws -> Void) async throws {
            try await TestHub.with { hub in
                let world = World(hub: hub)
                Documents.fill(world.edlevo)
                var unit = Documents.unit(2, of: 1)
                unit["schoolUnitCode"] = "00000001"
                world.edlevo.put(.organisation, unit)
                try await body(world)
            }
        }

        @discardableResult
        func readEdlevo(_ mode: Intake.Mode = .full) async throws -> IntakeReport {
            try await self.hub.intake(self.edlevo).run(mode)
        }

        @discardableResult
        func readPlatform(_ mode: Intake.Mode = .full) async throws -> IntakeReport {
            try await self.hub.intake(self.platform).run(mode)
        }

        static func number(_ person: Int) -> String { Documents.person(person)["civicNo"]?["value"]?.stringValue ?? "" }

        static func document(_ id: Int, number: String, school: String = "Exempelskolan") -> JSONValue {
            [
                "id": .string(Documents.id(id)), "submittedAt": "2026-11-20T09:04:01Z",
                "Values": [
                    "BarnetsUppgifter": ["Barnets_personummer": .string(number), "Barnets_fornamn": "Prov"],
                    "DatumAnsokan": ["StartDate": "2026-12-01"], "SkolaAnsokan": ["Value": [.string(school)]],
                    "VarforSkolskjuts": ["Value": ["Lång färdväg"]],
                ],
            ]
        }

        func applications() async throws -> [TransportApplication] {
            try await self.hub.store.liveRecords(of: .transportApplication, after: nil, limit: 100).map {
                try TransportApplication(json: JSONValue(parsing: $0.body))
            }
        }

        func failures() async throws -> [NewFailure] { try await self.hub.store.list(FailureFilter()).map(\.failure) }

        /// All that the database's files say as they are.
        func holds(_ text: String) throws -> Bool {
            try FileManager.default.contentsOfDirectory(atPath: self.hub.directory).contains { name in
                try Data(contentsOf: URL(fileURLWithPath: self.hub.directory + "/" + name)).range(of: Data(text.utf8)) != nil
            }
        }
    }

    @Test func `are the child's and the school's, and no number is kept`() async throws {
        try await World.with { world in
            try await world.readEdlevo()
            world.platform.put(.transportApplication, World.document(50, number: World.number(10)))
            let report = try await world.readPlatform()
            #expect(report.failed == 0)
            let application = try #require(try await world.applications().first)
            #expect(application.child?.id == Documents.id(10) && application.civicNo == nil)
            #expect(application.organisation?.id == Documents.id(2) && application.schoolUnitCode == nil)
            #expect(application.reasons == [.distance] && application.endDate.map { "\($0)" } == "2027-06-30")
            // Read again it is the same.
            try await #expect(world.readPlatform().parts["transportapplication"]?.unchanged == 1)
        }
    }

    @Test func `wait until the student register has been read, and fail as long as nobody has the number`() async throws {
        try await World.with { world in
            let stranger = World.number(12)
            world.edlevo.remove(.person, Documents.id(12))
            world.platform.put(.transportApplication, World.document(50, number: stranger))
            let early = try await world.readPlatform()
            #expect(early.waiting["transportapplication"]?.contains("person") == true)
            try await world.readEdlevo()
            try await #expect(world.readPlatform().failed == 1)
            let failure = try #require(try await world.failures().first)
            #expect(failure.code == "person-unknown" && failure.field == "civicNo" && failure.body == nil)
            #expect(failure.system == "openeplatform" && failure.key == RecordKey(.transportApplication, Documents.id(50)))
            #expect(!"\(failure)".contains(stranger))
            try #expect(!world.holds(stranger))
            // The child comes: the next full reading takes the application.
            world.edlevo.put(.person, Documents.person(12, unit: 2, modified: "2026-08-02T00:00:00Z"))
            try await world.readEdlevo(.changes)
            try await #expect(world.readPlatform().failed == 0)
            try await #expect(world.applications().map { $0.child?.id } == [Documents.id(12)])
            try await #expect(world.failures().isEmpty)
        }
    }

    @Test func `for a school that nobody has the code of fail, and a replay takes them when it is there`() async throws {
        try await World.with { world in
            world.edlevo.put(.organisation, Documents.unit(2, of: 1))
            try await world.readEdlevo()
            world.platform.put(.transportApplication, World.document(50, number: World.number(10)))
            try await #expect(world.readPlatform().failed == 1)
            try await #expect(world.failures().map(\.code) == ["school-unit-unknown"])
            var unit = Documents.unit(2, of: 1)
            unit["schoolUnitCode"] = "00000001"
            unit["meta"] = Documents.meta("2026-08-02T00:00:00Z")
            world.edlevo.put(.organisation, unit)
            try await world.readEdlevo(.changes)
            let ids = try await world.hub.store.list(FailureFilter()).map(\.id)
            try await #expect(world.hub.store.replay(ids) == 1)
            try await world.readPlatform(.changes)
            try await #expect(world.applications().count == 1)
            try await #expect(world.failures().isEmpty)
        }
    }

    @Test func `whose number two children have are nobody's`() async throws {
        try await World.with { world in
            var twin = Documents.person(12, unit: 2)
            twin["civicNo"] = ["value": .string(World.number(10))]
            world.edlevo.put(.person, twin)
            try await world.readEdlevo()
            world.platform.put(.transportApplication, World.document(50, number: World.number(10)))
            try await world.readPlatform()
            try await #expect(world.applications().isEmpty)
            try await #expect(world.failures().map(\.code) == ["person-unknown"])
        }
    }

    @Test func `for a protected child lie in the vault, also when it becomes so later`() async throws {
        try await World.with { world in
            world.edlevo.put(.person, Documents.person(11, unit: 2, marking: "Sekretessmarkering"))
            try await world.readEdlevo()
            world.platform.put(.transportApplication, World.document(50, number: World.number(11)))
            world.platform.put(.transportApplication, World.document(51, number: World.number(10)))
            let report = try await world.readPlatform()
            #expect(report.failed == 0 && report.parts["transportapplication"]?.withheld == 1)
            try await #expect(world.applications().map { $0.child?.id } == [Documents.id(10)])
            world.edlevo.put(
                .person, Documents.person(10, unit: 2, marking: "Sekretessmarkering", modified: "2026-08-02T00:00:00Z"))
            try await world.readEdlevo(.changes)
            try await #expect(world.applications().isEmpty)
            try await #expect(world.hub.store.withheldCounts()[.transportApplication] == 2)
            try await world.readPlatform()
            try await #expect(world.applications().isEmpty)
        }
    }
}
