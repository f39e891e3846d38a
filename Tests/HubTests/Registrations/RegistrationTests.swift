import Foundation
import Hub
import SchoolRecords
import StandIns
import Testing

@Suite("Notices of the population register are held of those whom the hub knows")
struct RegistrationTests {
    @Test func `a stranger leaves nothing, and is found when the student register has the person`() async throws {
        try await RegistrationWorld.with { world in
            world.edlevo.remove(.person, Documents.id(12))
            try await world.readEdlevo()
            var stranger = RegistrationWorld.post(12)
            stranger.familyName = "Okändson"
            let report = try await world.notify(stranger, RegistrationWorld.post(11))
            #expect(report.parts["registration"]?.excluded == 1 && report.failed == 0)
            try await #expect(Array(world.registrations().keys) == [Documents.id(11)])
            try await #expect(world.hub.store.sourceMarks().isEmpty)
            let bytes = try world.bytes()
            for text in ["Okändson", RegistrationWorld.number(12)] { #expect(bytes.range(of: Data(text.utf8)) == nil, "\(text)") }
            world.edlevo.put(.person, Documents.person(12, unit: 2, modified: "2026-08-02T00:00:00Z"))
            try await world.readEdlevo(.changes)
            try await world.readNavet(.full)
            try await #expect(world.registrations()[Documents.id(12)]?.familyName == "Okändson")
        }
    }

    @Test func `nobody's record holds others' numbers, and nobody is gone for not being told of`() async throws {
        try await RegistrationWorld.with { world in
            try await world.readEdlevo()
            var child = RegistrationWorld.post(10)
            child.relations = [.init(RegistrationWorld.number(20), "V"), .init("20000101TF97", "V"), .init("20000101TF96", "MO")]
            try await world.notify(child, RegistrationWorld.post(11))
            let registration = try #require(try await world.registrations()[Documents.id(10)])
            #expect(registration.relations?.map(\.relationType) == [.guardian, .guardian])
            #expect(Set(registration.relations?.map { $0.person?.id } ?? []) == [nil, Documents.id(20)])
            #expect(registration.relations?.contains { $0.civicNo != nil } == false)
            try await world.notify(RegistrationWorld.post(11), mode: .full)
            try await #expect(world.registrations().count == 2)
            // A guardian who becomes protected is named by an opaque id.
            try await world.notify(RegistrationWorld.post(20, mark: "J"))
            let masked = try #require(try await world.registrations()[Documents.id(10)])
            let opaque = world.hub.store.opaqueKey(of: RecordKey(.person, Documents.id(20))).id
            #expect(Set(masked.relations?.map { $0.person?.id } ?? []) == [nil, opaque])
        }
    }

    @Test(
        "another number is told of once, and the registration stays the person's",
        arguments: [false, true])
    func number(isToldUnderTheFormer: Bool) async throws {
        try await RegistrationWorld.with { world in
            try await world.readEdlevo()
            try await world.notify(RegistrationWorld.post(10))
            let former = RegistrationWorld.number(10)
            var post = NavetPost(isToldUnderTheFormer ? former : "20130101TF98", givenName: "Prov", familyName: "Testsson10")
            post.reference = isToldUnderTheFormer ? "20130101TF98" : former
            if isToldUnderTheFormer { post.deregistration = "GN" }
            for _ in 0..<2 { try await world.notify(post, mode: .full) }
            let change = try #require(try await world.changes().first)
            #expect(change.changeType == .numberChanged && change.person.id == Documents.id(10))
            #expect(change.civicNo?.value == "20130101TF98" && change.formerCivicNo?.value == former)
            #expect(!change.id.contains("TF"))
            let sources = try await world.hub.store.records([RecordKey(.identityChange, change.id)]).values.map(\.source)
            #expect(sources == ["navet-identity"])
            // The student register follows, and says nothing new.
            var person = Documents.person(10, unit: 2, guardians: [20], modified: "2026-08-02T00:00:00Z")
            person["civicNo"] = ["value": "20130101TF98", "nationality": "SE"]
            world.edlevo.put(.person, person)
            try await world.readEdlevo(.changes)
            try await world.readNavet(.full)
            try await #expect(world.changes().count == 1)
            let registrations = try await world.registrations()
            #expect(Array(registrations.keys) == [Documents.id(10)])
            #expect(registrations[Documents.id(10)]?.familyName == "Testsson10")
        }
    }

    @Test func `of a protected person no number change is told`() async throws {
        try await RegistrationWorld.with { world in
            try await world.readEdlevo()
            var post = NavetPost("20130101TF98")
            post.reference = RegistrationWorld.number(10)
            post.secrecy = "J"
            try await world.notify(post)
            try await #expect(world.changes().isEmpty)
            try await #expect(!world.isOpen(10))
        }
    }
}
