import ConnectorKit
import Foundation
import SchoolRecords
import StandIns
import Testing

@testable import Connectors

@Suite("Skolverket's test service gets what it should, as it wants it", .timeLimit(.minutes(2)))
struct DNPWritingTests {
    private typealias H = DNPHarness

    private static func write(_ record: String, set: [TargetRow] = [], removed: [TargetRow] = []) -> TargetWrite {
        TargetWrite(record: RecordKey(.person, record), sequence: 1, set: set, removed: removed)
    }

    private static func pupil(_ number: Int, eppn: String? = nil, unit: String = H.unit) -> [TargetRow] {
        let id = H.id(number, "a")
        let fields = [
            "id": id, "givenName": "Åke", "familyName": "Östlund", "civicNo": H.civicNo(number),
            "eppn": eppn ?? "e\(number)@edu.example",
        ]
        return [TargetRow(kind: "person", key: id, fields: fields), H.enrolment(id, unit: unit)]
    }

    private static func members(_ standIn: DNPStandIn, _ group: Int) async -> Set<String> {
        let document = await standIn.objects(.group)[H.id(group, "b")]
        return Set((document?["groupMemberships"]?.arrayValue ?? []).compactMap { $0["person"]?["id"]?.stringValue })
    }

    private static func clean(_ standIn: DNPStandIn) async {
        let seen = await standIn.statistics
        #expect(seen.errors.isEmpty && seen.warnings.isEmpty && seen.tooMany == 0 && seen.tooLarge == 0, "\(seen)")
        #expect(seen.mostWritesPerSecond <= 5 && seen.mostReadsPerSecond <= 10, "\(seen)")
    }

    @Test func `a school goes in one batch whatever the order of its records, within every limit`() async throws {
        try await H.with { harness in
            let connector = try await harness.connector { $0["page_limit"] = 100 }
            await harness.standIn.allow(units: [H.unit, H.otherUnit], tests: [H.test])
            let (group, duty) = (H.id(1, "b"), H.id(900, "d"))
            let lesson = [
                TargetRow(
                    kind: "activity", key: "\(group)|\(H.test)", fields: ["group": group, "test": H.test, "name": "9A MA"]),
                TargetRow(
                    kind: "teacher", key: "\(group)|\(H.test)|\(duty)",
                    fields: ["group": group, "test": H.test, "duty": duty]),
            ]
            var writes = [Self.write("lesson", set: lesson)]
            for group in 1...30 {
                let members = (1...25).map { H.member(group, H.id(group * 25 + $0, "a")) }
                writes.append(Self.write("group-\(group)", set: [H.group(group)] + members))
            }
            writes += (900...960).map { Self.write("duty-\($0)", set: [H.duty($0), H.person($0)]) }
            writes += (26...775).map { Self.write("pupil-\($0)", set: Self.pupil($0)) }
            try await #expect(connector.write(TargetBatch(id: "1-a", writes: writes)).isEmpty)
            #expect(await harness.standIn.objects(.person).count == 811)
            #expect(await harness.standIn.objects(.duty).count == 61)
            #expect(await harness.standIn.objects(.group).count == 30)
            #expect(await Self.members(harness.standIn, 7).count == 25)
            let sent = try #require(await harness.standIn.objects(.activity).values.first)
            #expect(sent["groups"] == [["id": .string(group)]])
            #expect(sent["organisation"]?["id"] == .string(H.unit) && sent["parentActivity"]?["id"] == .string(H.test))
            #expect(sent["teachers"]?.arrayValue?.count == 1)
            await Self.clean(harness.standIn)
            let seen = await harness.standIn.statistics
            #expect(seen.largestCall > 100_000 && seen.largestCall <= 200_000, "\(seen.largestCall)")
            #expect(seen.mostWritesPerSecond >= 3, "no slower than need be: \(seen)")
            await connector.shutdown()
        }
    }

    @Test func `what Skolverket has already isn't written again`() async throws {
        try await H.with { harness in
            let connector = try await harness.connector { _ in }
            let batch = TargetBatch(id: "1-a", writes: (1...5).map { Self.write("\($0)", set: Self.pupil($0)) })
            try await #expect(connector.write(batch).isEmpty)
            let calls = await harness.standIn.statistics.bulkCalls
            try await #expect(connector.write(batch).isEmpty)
            #expect(await harness.standIn.statistics.bulkCalls == calls)
            await connector.shutdown()
        }
    }

    @Test func `a pupil who comes, moves, gets another EPPN and leaves`() async throws {
        try await H.with { harness in
            let connector = try await harness.connector { _ in }
            func send(_ writes: [TargetWrite]) async throws {
                try await #expect(connector.write(TargetBatch(id: "1-a", writes: writes)).isEmpty)
            }
            try await send(
                [Self.write("1", set: Self.pupil(1)), Self.write("2", set: Self.pupil(2, unit: H.otherUnit))]
                    + (1...2).map { Self.write("group-\($0)", set: [H.group($0), H.member($0, H.id($0, "a"))]) })
            // A third comes to the first group: it goes whole.
            try await send([
                Self.write("3", set: Self.pupil(3)), Self.write("group-1", set: [H.member(1, H.id(3, "a"))]),
            ])
            #expect(await Self.members(harness.standIn, 1) == [H.id(1, "a"), H.id(3, "a")])
            // The first moves to the other group, with the other's enrolment.
            try await send([
                Self.write("group-1", removed: [H.member(1, H.id(1, "a"))]),
                Self.write("group-2", set: [H.member(2, H.id(1, "a"))]),
                Self.write(
                    "1", set: [H.enrolment(H.id(1, "a"), unit: H.otherUnit)], removed: [H.enrolment(H.id(1, "a"))]),
            ])
            #expect(await Self.members(harness.standIn, 1) == [H.id(3, "a")])
            #expect(await Self.members(harness.standIn, 2) == [H.id(1, "a"), H.id(2, "a")])
            var person = await harness.standIn.objects(.person)[H.id(1, "a")]
            #expect(person?["enrolments"]?.arrayValue?.map { $0["enroledAt"]?["id"] } == [.string(H.otherUnit)])
            // Two change EPPNs with one another, a third gets a new one.
            try await send([
                Self.write("1", set: [Self.pupil(1, eppn: "ny1@edu.example")[0]]),
                Self.write("2", set: [Self.pupil(2, eppn: "e1@edu.example")[0]]),
            ])
            person = await harness.standIn.objects(.person)[H.id(2, "a")]
            #expect(person?["eduPersonPrincipalNames"]?.arrayValue == ["e1@edu.example"])
            #expect(person?["enrolments"]?.arrayValue?.count == 1, "the enrolment stays")
            // The third leaves; the group is empty then, and stays.
            try await send([
                Self.write("3", removed: Self.pupil(3)), Self.write("group-1", removed: [H.member(1, H.id(3, "a"))]),
            ])
            #expect(await harness.standIn.objects(.person)[H.id(3, "a")] == nil)
            #expect(await Self.members(harness.standIn, 1).isEmpty)
            #expect(await harness.standIn.objects(.group).count == 2)
            // What is gone may be deleted again.
            try await send([Self.write("3", removed: Self.pupil(3))])
            await connector.shutdown()
        }
    }

    @Test func `a group is told where it is by most of its members`() async throws {
        try await H.with { harness in
            let connector = try await harness.connector { _ in }
            let pupils = [Self.pupil(1, unit: H.otherUnit), Self.pupil(2), Self.pupil(3)]
            var writes = pupils.enumerated().map { Self.write("\($0.offset)", set: $0.element) }
            writes.append(Self.write("group", set: [H.group(1)] + (1...3).map { H.member(1, H.id($0, "a")) }))
            try await #expect(connector.write(TargetBatch(id: "1-a", writes: writes)).isEmpty)
            let group = await harness.standIn.objects(.group)[H.id(1, "b")]
            #expect(group?["organisation"]?["id"] == .string(H.unit))
            let empty = TargetBatch(id: "2-a", writes: [Self.write("empty", set: [H.group(2)])])
            let refused = try await connector.write(empty)
            #expect(refused.values.map(\.code) == ["required-field-missing"])
            await connector.shutdown()
        }
    }

    @Test func `who is refused keeps nobody else out, and a group comes again without them`() async throws {
        try await H.with { harness in
            let connector = try await harness.connector { _ in }
            let writes = [
                Self.write("1", set: Self.pupil(1)), Self.write("2", set: Self.pupil(2, eppn: "ost2@edu.example")),
                Self.write("group", set: [H.group(1)] + (1...2).map { H.member(1, H.id($0, "a")) }),
            ]
            let refused = try await connector.write(TargetBatch(id: "1-a", writes: writes))
            #expect(refused[RecordKey(.person, "2")]?.kind == .rejected)
            #expect(refused[RecordKey(.person, "group")]?.kind == .transient)
            #expect(refused.count == 2)
            #expect(await Self.members(harness.standIn, 1) == [H.id(1, "a")])
            await Self.clean(harness.standIn)
            await connector.shutdown()
        }
    }

    @Test func `a group whose members Skolverket has lost is sent again a few times, then it fails`() async throws {
        try await H.with { harness in
            let connector = try await harness.connector { _ in }
            try await #expect(
                connector.write(TargetBatch(id: "1-a", writes: (1...2).map { Self.write("\($0)", set: Self.pupil($0)) })).isEmpty)
            await harness.standIn.remove(.person, H.id(2, "a"))
            let batch = TargetBatch(
                id: "2-a", writes: [Self.write("group", set: [H.group(1)] + (1...2).map { H.member(1, H.id($0, "a")) })])
            var kinds: [ConnectorFailure.Kind?] = []
            for _ in 1...4 { kinds.append(try await connector.write(batch).values.first?.kind) }
            #expect(kinds == [.transient, .transient, .transient, .rejected])
            try await #expect(
                connector.write(TargetBatch(id: "3-a", writes: [Self.write("2", set: Self.pupil(2))])).isEmpty)
            try await #expect(connector.write(batch).isEmpty)
            #expect(await Self.members(harness.standIn, 1).count == 2)
            await connector.shutdown()
        }
    }

    @Test func `staff need an address, and a pupil is no staff under the same EPPN`() async throws {
        try await H.with { harness in
            let connector = try await harness.connector { _ in }
            var silent = H.person(2).fields
            (silent["email"], silent["emailType"]) = (nil, nil)
            let writes = [
                Self.write("1", set: [H.person(1), H.duty(1)]),
                Self.write("2", set: [TargetRow(kind: "person", key: H.id(2, "a"), fields: silent), H.duty(2)]),
                Self.write("3", set: [H.person(3), H.enrolment(H.id(3, "a")), H.duty(3)]),
                Self.write("4", set: [H.duty(4)]),
            ]
            let refused = try await connector.write(TargetBatch(id: "1-a", writes: writes))
            #expect(
                refused.mapValues(\.code) == [
                    RecordKey(.person, "2"): "required-field-missing", RecordKey(.person, "3"): "eppn-unusable",
                    RecordKey(.person, "4"): "relation-end-missing",
                ])
            #expect(await harness.standIn.objects(.duty).keys.sorted() == [H.id(1, "d")])
            await Self.clean(harness.standIn)
            await connector.shutdown()
        }
    }

    @Test func `what Skolverket refuses fails alone, with its code and without a value`() async throws {
        try await H.with { harness in
            let connector = try await harness.connector { _ in }
            let taken = Self.pupil(3, eppn: "e99@edu.example")
            await harness.standIn.put(.person, H.pupil(99))
            let writes = [
                Self.write("1", set: Self.pupil(1)), Self.write("2", set: Self.pupil(2, unit: H.test)),
                Self.write("3", set: taken),
                Self.write("4", set: [H.member(8, H.id(1, "a"))]),
            ]
            let refused = try await connector.write(TargetBatch(id: "1-a", writes: writes))
            #expect(
                refused.mapValues(\.code) == [
                    RecordKey(.person, "2"): "not-found", RecordKey(.person, "3"): "conflict",
                    RecordKey(.person, "4"): "relation-end-missing",
                ])
            #expect(refused[RecordKey(.person, "3")]?.message.contains("9009, eppn") == true)
            for failure in refused.values { #expect(!failure.message.contains("e99") && !failure.message.contains("Östlund")) }
            #expect(await harness.standIn.objects(.person).count == 2)
            await connector.shutdown()
        }
    }

    @Test func `a temporary error comes again, an overload is waited out`() async throws {
        try await H.with { harness in
            let connector = try await harness.connector { _ in }
            try await harness.standIn.setFaults(
                DNPFaults {
                    $0.temporaryErrorEvery = 3
                    $0.overloadedEvery = 4
                })
            let batch = TargetBatch(id: "1-a", writes: (1...5).map { Self.write("\($0)", set: Self.pupil($0)) })
            let refused = try await connector.write(batch)
            #expect(refused.values.map(\.kind) == [.transient] && refused.values.first?.retryAfter == 60)
            #expect(await harness.standIn.objects(.person).count == 4)
            await connector.shutdown()
        }
    }

    @Test func `a call that is too large all the same is halved`() async throws {
        try await H.with { harness in
            let connector = try await harness.connector {
                $0["call_kilobytes"] = 1000
                $0["page_limit"] = 100
            }
            let long = String(repeating: "Nn", count: 150)
            let writes = (1...500).map { number in
                Self.write(
                    "\(number)",
                    set: Self.pupil(number).map { row in
                        let more = row.kind == "person" ? ["middleName": long] : [:]
                        return TargetRow(kind: row.kind, key: row.key, fields: row.fields.merging(more) { $1 })
                    })
            }
            try await #expect(connector.write(TargetBatch(id: "1-a", writes: writes)).isEmpty)
            let seen = await harness.standIn.statistics
            #expect(seen.tooLarge == 1 && seen.errors.isEmpty)
            #expect(await harness.standIn.objects(.person).count == 500)
            await connector.shutdown()
        }
    }

    @Test func `EPPNs that change hands in one batch do so at the second try`() async throws {
        try await H.with { harness in
            let connector = try await harness.connector { _ in }
            func batch(_ names: [String]) -> TargetBatch {
                TargetBatch(
                    id: "1-a",
                    writes: names.enumerated().map {
                        Self.write("\($0.offset)", set: Self.pupil($0.offset + 1, eppn: $0.element))
                    })
            }
            try await #expect(connector.write(batch(["e1@edu.example", "e2@edu.example"])).isEmpty)
            try await #expect(connector.write(batch(["e2@edu.example", "e3@edu.example"])).isEmpty)
            let names = await harness.standIn.objects(.person).values.compactMap {
                $0["eduPersonPrincipalNames"]?.arrayValue?.first?.stringValue
            }
            #expect(names.sorted() == ["e2@edu.example", "e3@edu.example"])
            let refused = try await connector.write(
                TargetBatch(
                    id: "2-a",
                    writes: [4, 5].map { Self.write("\($0)", set: Self.pupil($0, eppn: "same@edu.example")) }))
            #expect(refused.values.map(\.code) == ["eppn-unusable", "eppn-unusable"])
            await connector.shutdown()
        }
    }
}
