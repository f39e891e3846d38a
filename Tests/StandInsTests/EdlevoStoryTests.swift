import Foundation
import SchoolRecords
import StandIns
import Testing

@Suite struct `A day in the Edlevo stand-in` {
    static func standIn(seed: UInt64 = 11) throws -> EdlevoStandIn {
        EdlevoStandIn(
            municipality: try SyntheticMunicipality(scale: .custom(children: 700), seed: seed, today: "2026-10-01"))
    }

    /// Everything a person is a member of on the day, by group.
    static func classes(of id: String, in standIn: EdlevoStandIn) async throws -> [JSONValue] {
        try await standIn.truth(.group).values.filter { group in
            guard group["groupType"] == "Klass" else { return false }
            return (group["groupMemberships"]?.arrayValue ?? []).contains { member in
                member["person"]?["id"]?.stringValue == id && (member["endDate"]?.stringValue ?? "9") >= "2026-10-01"
            }
        }
    }

    @Test func `a new pupil comes with a guardian and joins a class`() async throws {
        let standIn = try Self.standIn()
        let change = try await standIn.enrolNewPupil()
        let key = try #require(change.person)
        let pupil = try #require(await standIn.document(key))
        #expect(change.upserted.map(\.entity) == [.person, .person, .group])
        let guardian = try #require(pupil["responsibles"]?.arrayValue?.first?["person"]?["id"]?.stringValue)
        #expect(await standIn.document(RecordKey(.person, guardian)) != nil)
        #expect(pupil["enrolments"]?.arrayValue?.first?["startDate"] == "2026-10-01")
        #expect(try await Self.classes(of: key.id, in: standIn).count == 1)
        let number = try #require(pupil["civicNo"]?["value"]?.stringValue)
        #expect(number.wholeMatch(of: /[0-9]{8}U[A-Z][0-9]{2}/) != nil)
    }

    @Test func `a pupil changes class within the school`() async throws {
        let standIn = try Self.standIn()
        let change = try await standIn.changeClass()
        let key = try #require(change.person)
        #expect(change.upserted.map(\.entity) == [.group, .group])
        let now = try await Self.classes(of: key.id, in: standIn)
        #expect(now.map { $0["id"]?.stringValue } == [change.upserted[1].id])
        let before = try #require(await standIn.history(of: change.upserted[0]).first ?? nil)
        let after = try #require(await standIn.document(change.upserted[0]))
        #expect(before["organisation"] == after["organisation"])
        #expect(before["meta"]?["created"] == after["meta"]?["created"])
    }

    @Test func `a person is renamed, and both states are kept in order`() async throws {
        let standIn = try Self.standIn()
        let key = try #require(try await standIn.renamePerson().person)
        _ = try await standIn.renamePerson(key.id)
        let names = await standIn.history(of: key).map { $0?["familyName"]?.stringValue }
        #expect(names.count == 3 && Set(names).count == 3)
        #expect(names.last == (await standIn.document(key))?["familyName"]?.stringValue)
    }

    @Test func `a teacher gets a second duty with the title asked for`() async throws {
        let standIn = try Self.standIn()
        let change = try await standIn.addSecondDuty(titleCode: "3304")
        let duty = try #require(await standIn.document(change.upserted[0]))
        #expect(duty["dutyRole"] == "Kurator")
        #expect(duty["description"] == "3304 Skolkurator")
        let holder = try #require(change.person?.id)
        let duties = try await standIn.truth(.duty).values.filter { $0["person"]?["id"]?.stringValue == holder }
        #expect(duties.count == 2)
        #expect(Set(duties.map { $0["dutyAt"]?["id"] }).count == 2)
    }

    @Test func `a title code that Edlevo doesn't know gives Annan personal`() async throws {
        let standIn = try Self.standIn()
        let change = try await standIn.addStaff(titleCode: "9876")
        let key = try #require(change.upserted.last)
        let duty = try #require(await standIn.document(key))
        #expect(duty["dutyRole"] == "Annan personal")
        #expect(duty["description"]?.stringValue?.hasPrefix("9876 ") ?? false)
        #expect(duty["person"]?["id"]?.stringValue == change.person?.id)
    }

    @Test func `a pupil leaves: everything ends the day before, the person stays`() async throws {
        let standIn = try Self.standIn()
        let change = try await standIn.pupilLeaves()
        let key = try #require(change.person)
        let pupil = try #require(await standIn.document(key))
        #expect(
            pupil["enrolments"]?.arrayValue?.allSatisfy { ($0["endDate"]?.stringValue ?? "9") < "2026-10-01" } ?? false)
        #expect(try await Self.classes(of: key.id, in: standIn).isEmpty)
        for placement in try await standIn.truth(.placement).values
        where placement["child"]?["id"]?.stringValue == key.id {
            #expect((placement["endDate"]?.stringValue ?? "9") < "2026-10-01")
        }
    }

    @Test func `a pupil taken out leaves nothing behind that refers to them`() async throws {
        let standIn = try Self.standIn()
        let change = try await standIn.removePupil()
        let key = try #require(change.person)
        #expect(await standIn.document(key) == nil)
        for entity in Entity.roster {
            for record in await standIn.records(of: entity) {
                #expect(record.data.range(of: Data(key.id.utf8)) == nil)
            }
        }
    }

    @Test func `a marking is set and taken back`() async throws {
        let standIn = try Self.standIn()
        let key = try #require(try await standIn.renamePerson().person)
        _ = try await standIn.setSecurityMarking(.secrecyMark, of: key.id)
        #expect(await standIn.document(key)?["securityMarking"] == "Sekretessmarkering")
        _ = try await standIn.setSecurityMarking(.none, of: key.id)
        #expect(
            await standIn.history(of: key).map { $0?["securityMarking"] }.suffix(2) == ["Sekretessmarkering", "Ingen"])
    }

    @Test func `every change is stamped later than all before, even when the clock stands still or goes back`()
        async throws
    {
        let clock = SettableClock()
        let standIn = EdlevoStandIn(municipality: try `A synthetic municipality`.small(), clock: { clock.now })
        var stamps: [String] = []
        for step in 0..<6 {
            if step == 3 { clock.advance(-500_000_000) }
            let key = try #require(try await standIn.renamePerson().person)
            #expect(await standIn.latestChange(of: .person) != nil)
            stamps.append(try #require(await standIn.document(key)?["meta"]?["modified"]?.stringValue))
        }
        #expect(stamps == stamps.sorted() && Set(stamps).count == stamps.count)
    }

    @Test func `the same seed tells the same story`() async throws {
        let (first, second) = (try Self.standIn(), try Self.standIn())
        for standIn in [first, second] {
            _ = try await standIn.enrolNewPupil()
            _ = try await standIn.changeClass()
            _ = try await standIn.pupilLeaves()
        }
        for entity in Entity.roster {
            var (one, other) = (try await first.truth(entity), try await second.truth(entity))
            for id in one.keys { one[id]?["meta"] = nil }
            for id in other.keys { other[id]?["meta"] = nil }
            #expect(one == other)
        }
    }

    @Test func `what can't be done says so`() async throws {
        let standIn = try Self.standIn()
        await #expect(throws: StandInError.self) { try await standIn.renamePerson("nobody") }
        await #expect(throws: StandInError.self) { try await standIn.pupilLeaves("nobody") }
        await #expect(throws: StandInError.self) { try await standIn.upsert(.person, ["givenName": "X"]) }
        await #expect(throws: StandInError.self) { try await standIn.upsert(.person, "text") }
        await #expect(throws: StandInError.self) { try await standIn.port }
        #expect(await standIn.history(of: RecordKey(.person, "nobody")).isEmpty)
    }
}
