import Foundation
import Hub
import Mapping
import SchoolRecords
import StandIns
import Synchronization
import Testing

@Suite("Whom the population register marks is protected, whatever the student register says")
struct RegisteredMarkTests {
    @Test func `from the notice on, with all that is about the person, and until both say so`() async throws {
        try await RegistrationWorld.with { world in
            try await world.readEdlevo()
            try await world.notify(RegistrationWorld.post(10), RegistrationWorld.post(11))
            try await #expect(world.isOpen(10))
            try await #expect(world.registrations().count == 2)
            let report = try await world.notify(RegistrationWorld.post(10, mark: "J"))
            #expect(report.parts["registration"]?.withheld == 1 && report.failed == 0)
            try await #expect(!world.isOpen(10))
            try await #expect(world.isOpen(11))
            try await #expect(world.withheld() == [.person: 1, .registration: 1])
            try await #expect(Array(world.registrations().keys) == [Documents.id(11)])
            let entries = try await world.hub.store.auditEntries(AuditFilter())
            #expect(entries.filter { $0.action == "protect" }.map(\.person) == ["navet"])
            // Others name the person by an opaque id alone.
            let group = try await world.hub.store.records([RecordKey(.group, Documents.id(30))]).values.first
            #expect(group.map { String(decoding: $0.body, as: UTF8.self).contains(Documents.id(10)) } == false)
            // The student register calls nobody protected, and reads on.
            for mode in [Intake.Mode.full, .changes, .full] { try await world.readEdlevo(mode) }
            try await world.readNavet(.full)
            try await #expect(!world.isOpen(10))
            try await #expect(world.withheld() == [.person: 1, .registration: 1])
            // A notice that says nothing of a mark ends none.
            try await world.notify(RegistrationWorld.post(10))
            try await #expect(!world.isOpen(10))
            try await world.notify(RegistrationWorld.post(10, mark: "N"))
            try await #expect(world.isOpen(10))
            try await #expect(world.withheld() == [:])
            try await #expect(world.registrations().count == 2)
        }
    }

    @Test func `or until somebody's word ends the mark, which a notice that is read again outdoes`() async throws {
        try await RegistrationWorld.with { world in
            try await world.readEdlevo()
            try await world.notify(RegistrationWorld.post(10, mark: "J"))
            let protector = Protector(store: world.hub.store, key: world.hub.key, mappings: world.hub.mappings)
            let person = Documents.id(10)
            // Only this source's mark, and only where there is one.
            let other = try await protector.unprotect(person, markedBy: "skatteverket", by: "anna", reason: "case 1")
            #expect(other.isProtected && other.note == .notMarked)
            try await #expect(!world.isOpen(10))
            _ = try await protector.protect(person, level: .hub, by: "anna", reason: "case 1")
            let kept = try await protector.unprotect(person, markedBy: "navet", by: "anna", reason: "case 2")
            #expect(kept.isProtected && kept.note == .protectedBySource)
            let over = try await protector.unprotect(person, by: "anna", reason: "case 3")
            #expect(!over.isProtected && over.note == nil)
            try await #expect(world.isOpen(10))
            let entries = try await world.hub.store.auditEntries(AuditFilter())
            #expect(entries.contains { $0.action == "unmark-navet" && $0.person == "anna" && $0.reason == "case 2" })
            // The notice is still there: what has been read is read whole again.
            try await world.readNavet(.full)
            try await #expect(!world.isOpen(10))
        }
    }

    @Test func `somebody whom the hub doesn't know yet is never taken in the open`() async throws {
        try await RegistrationWorld.with { world in
            // Before anything has been read, and after.
            let early = try await world.notify(RegistrationWorld.post(11, mark: "J"), mode: .full)
            #expect(early.waiting == ["registration": ["person"]])
            world.edlevo.remove(.person, Documents.id(12))
            try await world.readEdlevo()
            try await #expect(!world.isOpen(11))
            try await #expect(world.isOpen(10))
            try await #expect(world.withheld() == [.person: 1])
            var hidden = RegistrationWorld.post(12)
            hidden.protectedRegistration = "J"
            try await world.notify(hidden)
            world.edlevo.put(.person, Documents.person(12, unit: 2, modified: "2026-08-02T00:00:00Z"))
            try await world.readEdlevo(.changes)
            try await #expect(!world.isOpen(12))
            let keys = [11, 12].map { RecordKey(.person, Documents.id($0)) }
            try await #expect(world.hub.store.records(keys).values.allSatisfy { !$0.isLive })
            let marks = try await world.hub.store.sourceMarks()
            #expect(Set(marks.map(\.level)) == [.secrecyMark, .protectedRegistration])
            #expect(marks.allSatisfy { $0.person != nil && !$0.number.contains("TF") })
            // Under another number the person is the same.
            var moved = Documents.person(12, unit: 2, modified: "2026-08-03T00:00:00Z")
            moved["civicNo"] = ["value": "20130101TF98", "nationality": "SE"]
            world.edlevo.put(.person, moved)
            for mode in [Intake.Mode.changes, .full] { try await world.readEdlevo(mode) }
            try await #expect(!world.isOpen(12))
            // The class named the other one before anybody knew.
            let bytes = try world.bytes()
            #expect(bytes.range(of: Data(Documents.id(11).utf8)) == nil)
            #expect(bytes.range(of: Data(Documents.id(10).utf8)) != nil, "others' ids are there to be found")
        }
    }

    @Test func `a reading that was under way takes nobody in who was marked meanwhile`() async throws {
        try await RegistrationWorld.with { world in
            world.edlevo.remove(.person, Documents.id(12))
            try await world.readEdlevo()
            world.edlevo.put(.person, Documents.person(12, unit: 2, modified: "2026-08-02T00:00:00Z"))
            world.edlevo.state.withLock { state in
                // Once, before the persons are read: the reading has begun without the mark.
                state.afterPage = {
                    world.edlevo.state.withLock { $0.afterPage = nil }
                    _ = try await world.notify(RegistrationWorld.post(12, mark: "J"))
                }
            }
            try await world.readEdlevo(.full)
            try await #expect(!world.isOpen(12))
            try await #expect(world.withheld()[.person] == 1)
            try await world.readEdlevo(.full)
            try await #expect(!world.isOpen(12))
            try await #expect(world.withheld()[.person] == 1)
        }
    }

    @Test func `marks add up: each is taken away by who has set it`() async throws {
        try await RegistrationWorld.with { world in
            try await world.readEdlevo()
            let protector = Protector(store: world.hub.store, key: world.hub.key, mappings: world.hub.mappings)
            _ = try await protector.protect(Documents.id(10), level: .hub, by: "a", reason: "b")
            try await world.notify(RegistrationWorld.post(10, mark: "J"))
            let unmarked = try await protector.unprotect(Documents.id(10), by: "a", reason: "b")
            #expect(unmarked.isProtected && unmarked.note == .protectedBySource)
            try await #expect(!world.isOpen(10))
            _ = try await protector.protect(Documents.id(10), level: .hub, by: "a", reason: "b")
            try await world.notify(RegistrationWorld.post(10, mark: "N"))
            try await #expect(!world.isOpen(10), "the hub's own mark stands")
            _ = try await protector.unprotect(Documents.id(10), by: "a", reason: "b")
            try await #expect(world.isOpen(10))
            // And the student register's.
            world.edlevo.put(
                .person,
                Documents.person(10, unit: 2, marking: "Sekretessmarkering", guardians: [20], modified: "2026-08-02T00:00:00Z"))
            try await world.readEdlevo(.changes)
            try await world.notify(RegistrationWorld.post(10, mark: "J"))
            try await world.notify(RegistrationWorld.post(10, mark: "N"))
            try await #expect(!world.isOpen(10))
        }
    }

    @Test func `a mark stays under another number`() async throws {
        try await RegistrationWorld.with { world in
            try await world.readEdlevo()
            try await world.notify(RegistrationWorld.post(10, mark: "J"))
            var renumbered = NavetPost("20130101TF98", givenName: "Prov", familyName: "Testsson10")
            renumbered.reference = RegistrationWorld.number(10)
            try await world.notify(renumbered)
            // The student register removes the person and makes another of the new number.
            world.edlevo.remove(.person, Documents.id(10))
            var person = Documents.person(99, unit: 2, modified: "2026-08-02T00:00:00Z")
            person["civicNo"] = ["value": "20130101TF98", "nationality": "SE"]
            world.edlevo.put(.person, person)
            try await world.readEdlevo(.full)
            try await #expect(!world.isOpen(99))
            try await #expect(!world.isOpen(10))
        }
    }

    @Test func `what a system is given goes by the stricter of the marks`() async throws {
        try await RegistrationWorld.with { world in
            try await world.readEdlevo()
            try await world.notify(RegistrationWorld.post(10, mark: "J"))
            let marks = try await world.hub.store.sourceMarks()
            #expect(marks.map(\.level) == [.secrecyMark])
            var both = RegistrationWorld.post(10, mark: "J")
            both.protectedRegistration = "J"
            try await world.notify(both)
            try await #expect(world.hub.store.sourceMarks().map(\.level) == [.protectedRegistration])
        }
    }
}
