import Foundation
import Hub
import Mapping
import Messaging
import SchoolRecords
import Synchronization
import Testing

@Suite("Nothing about a protected person is taken before the hub can know it")
struct ProtectedAtOnceTests {
    private func absence(_ number: Int, of pupil: Int) -> JSONValue {
        [
            "id": .string(Documents.id(number)), "student": ["id": .string(Documents.id(pupil))], "type": "Anmäld frånvaro",
            "startTime": "2026-08-24T07:00:00Z", "endTime": "2026-08-24T14:00:00Z", "meta": Documents.meta(),
        ]
    }

    private func placement(_ number: Int, of child: Int) -> JSONValue {
        [
            "id": .string(Documents.id(number)), "child": ["id": .string(Documents.id(child))],
            "placedAt": ["id": .string(Documents.id(2))], "schoolType": "FTH", "startDate": "2026-08-01",
            "meta": Documents.meta(),
        ]
    }

    private func schedule(_ number: Int, of placement: Int) -> JSONValue {
        [
            "id": .string(Documents.id(number)), "placement": ["id": .string(Documents.id(placement))], "startDate": "2026-08-24",
            "numberOfWeeks": 1, "temporary": false,
            "scheduleEntries": [["weekOffset": 0, "dayOfWeek": "Måndag", "startTime": "07:00", "endTime": "16:00"]],
            "meta": Documents.meta(),
        ]
    }

    private func protected(_ number: Int, modified: String = "2026-08-02T00:00:00Z") -> JSONValue {
        Documents.person(number, name: "Hemlig", unit: 2, marking: "Sekretessmarkering", modified: modified)
    }

    private func isLive(_ entity: Entity, _ number: Int, _ hub: TestHub) async throws -> Bool {
        let key = RecordKey(entity, Documents.id(number))
        return try await hub.store.records([key])[key]?.operation == .upserted
    }

    /// All that the database's files say as they are.
    private func bytes(of hub: TestHub) throws -> Data {
        try FileManager.default.contentsOfDirectory(atPath: hub.directory).sorted().reduce(into: Data()) { all, name in
            all.append(try Data(contentsOf: URL(fileURLWithPath: hub.directory + "/" + name)))
        }
    }

    @Test func `what names persons waits for the persons, whichever source is asked first`() async throws {
        try await TestHub.with { hub in
            let edlevo = ScriptedSource()
            Documents.fill(edlevo)
            edlevo.put(.person, self.protected(11))
            let skola24 = ScriptedSource(system: "skola24", entities: [.absence])
            for (number, pupil) in [(90, 10), (91, 11)] { skola24.put(.absence, self.absence(number, of: pupil)) }
            let early = try await hub.intake(skola24).run(.full)
            #expect(early.waiting == ["absence": ["person"]])
            #expect(early.parts.isEmpty && !early.isWhole)
            #expect(skola24.state.withLock { $0.scopes.isEmpty }, "the source isn't even asked")
            _ = try await hub.intake(edlevo).run(.full)
            let report = try await hub.intake(skola24).run(.full)
            #expect(report.waiting.isEmpty && report.isWhole)
            #expect(try await self.isLive(.absence, 90, hub))
            #expect(try await !self.isLive(.absence, 91, hub))
            let bytes = try self.bytes(of: hub)
            for real in [11, 91] { #expect(bytes.range(of: Data(Documents.id(real).utf8)) == nil, "\(real)") }
            #expect(bytes.range(of: Data(Documents.id(90).utf8)) != nil, "others' ids are there to be found")
        }
    }

    @Test func `employees wait for the persons and the school units that they are linked with`() async throws {
        try await TestHub.with { hub in
            let personnel = ScriptedSource(system: "hr", entities: [.employee])
            #expect(try await hub.intake(personnel).run(.full).waiting == ["employee": ["organisation", "person"]])
            let edlevo = ScriptedSource()
            Documents.fill(edlevo)
            _ = try await hub.intake(edlevo).run(.full)
            #expect(try await hub.intake(personnel).run(.full).isWhole)
        }
    }

    @Test func `what is about a child through its placement goes to the vault with it`() async throws {
        try await TestHub.with { hub in
            let edlevo = ScriptedSource()
            Documents.fill(edlevo)
            edlevo.put(.person, self.protected(11))
            for (number, child) in [(60, 10), (61, 11)] { edlevo.put(.placement, self.placement(number, of: child)) }
            let tempus = ScriptedSource(system: "tempus", entities: [.attendanceSchedule])
            for (number, placement) in [(70, 60), (71, 61)] {
                tempus.put(.attendanceSchedule, self.schedule(number, of: placement))
            }
            #expect(try await hub.intake(tempus).run(.full).waiting == ["attendanceschedule": ["person", "placement"]])
            _ = try await hub.intake(edlevo).run(.full)
            _ = try await hub.intake(tempus).run(.full)
            #expect(try await self.isLive(.attendanceSchedule, 70, hub))
            #expect(try await hub.store.withheldCounts() == [.person: 1, .placement: 1, .attendanceSchedule: 1])
            let bytes = try self.bytes(of: hub)
            for real in [11, 61, 71] { #expect(bytes.range(of: Data(Documents.id(real).utf8)) == nil, "\(real)") }
            // What the source has no more leaves the vault too.
            tempus.remove(.attendanceSchedule, Documents.id(71))
            _ = try await hub.intake(tempus).run(.full)
            #expect(try await hub.store.withheldCounts() == [.person: 1, .placement: 1])
        }
    }

    @Test func `protected later it goes along, and released it all comes back at once`() async throws {
        try await TestHub.with { hub in
            let edlevo = ScriptedSource()
            Documents.fill(edlevo)
            edlevo.put(.placement, self.placement(61, of: 11))
            let tempus = ScriptedSource(system: "tempus", entities: [.attendanceSchedule])
            tempus.put(.attendanceSchedule, self.schedule(71, of: 61))
            _ = try await hub.intake(edlevo).run(.full)
            _ = try await hub.intake(tempus).run(.full)
            edlevo.put(.person, self.protected(11))
            _ = try await hub.intake(edlevo).run(.changes)
            #expect(try await hub.store.withheldCounts() == [.person: 1, .placement: 1, .attendanceSchedule: 1])
            for (entity, number) in [(Entity.placement, 61), (.attendanceSchedule, 71)] {
                #expect(try await !self.isLive(entity, number, hub))
            }
            edlevo.put(.person, Documents.person(11, unit: 2, modified: "2026-08-03T00:00:00Z"))
            _ = try await hub.intake(edlevo).run(.changes)
            #expect(try await hub.store.withheldCounts() == [:])
            for (entity, number) in [(Entity.person, 11), (.placement, 61), (.attendanceSchedule, 71)] {
                #expect(try await self.isLive(entity, number, hub), "\(entity)")
            }
            // The same by the hub's own mark.
            let protector = Protector(store: hub.store, key: hub.key, mappings: hub.mappings)
            _ = try await protector.protect(Documents.id(11), level: .secrecyMark, by: "a", reason: "b")
            #expect(try await hub.store.withheldCounts() == [.person: 1, .placement: 1, .attendanceSchedule: 1])
            _ = try await protector.unprotect(Documents.id(11), by: "a", reason: "b")
            #expect(try await hub.store.withheldCounts() == [:])
            #expect(try await self.isLive(.attendanceSchedule, 71, hub))
        }
    }

    @Test func `a reading that was under way when somebody became protected takes nothing of them`() async throws {
        try await TestHub.with { hub in
            let edlevo = ScriptedSource()
            Documents.fill(edlevo)
            edlevo.put(.placement, self.placement(61, of: 11))
            _ = try await hub.intake(edlevo).run(.full)
            let skola24 = ScriptedSource(system: "skola24", entities: [.absence])
            skola24.put(.absence, self.absence(91, of: 11))
            let tempus = ScriptedSource(system: "tempus", entities: [.attendanceSchedule])
            tempus.put(.attendanceSchedule, self.schedule(71, of: 61))
            edlevo.put(.person, self.protected(11))
            let mark: @Sendable () async throws -> Void = { _ = try await hub.intake(edlevo).run(.changes) }
            for (source, entity, number) in [(skola24, Entity.absence, 91), (tempus, .attendanceSchedule, 71)] {
                source.state.withLock { $0.afterPage = mark }
                _ = try await hub.intake(source).run(.full)
                #expect(try await !self.isLive(entity, number, hub), "\(entity)")
                #expect(try await hub.store.withheldCounts()[entity] == 1)
                // Once more from the beginning, for the other one.
                edlevo.put(.person, Documents.person(11, unit: 2, modified: "2026-08-03T00:00:00Z"))
                _ = try await hub.intake(edlevo).run(.changes)
                edlevo.put(.person, self.protected(11, modified: "2026-08-04T00:00:00Z"))
            }
        }
    }

    @Test func `no other source's word ends a protection`() async throws {
        let directory = FileManager.default.temporaryDirectory.path + "/knutpunkt-second-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let shipped = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../Mappings")
            .standardized
        try FileManager.default.copyItem(atPath: shipped.path, toPath: directory)
        try FileManager.default.copyItem(atPath: directory + "/edlevo", toPath: directory + "/second")
        let load = MappingSet.load(directory: directory) { _, settings in settings }
        let set = try #require(load.set, "\(load.diagnostics)")
        try await TestHub.with(mappings: set) { hub in
            let edlevo = ScriptedSource()
            Documents.fill(edlevo)
            edlevo.put(.person, self.protected(11))
            _ = try await hub.intake(edlevo).run(.full)
            let other = ScriptedSource(system: "second", entities: [.person])
            other.put(.person, Documents.person(11, name: "Öppen", unit: 2))
            for _ in 0..<2 { _ = try await hub.intake(other).run(.full) }
            #expect(try await !self.isLive(.person, 11, hub))
            #expect(try await hub.store.vaultRecords().map(\.source) == ["edlevo"])
        }
    }
}
