import Foundation
import StandIns
import Testing

@Suite struct `The Unikum stand-in` {
    static let pupil = "20130101-TF01"
    static let guardian = "19850101-TF02"

    static func load(_ folder: DropFolder, batch: String = "b1") throws {
        try folder.objects(
            batch,
            [
                DropFolder.school("s1"), DropFolder.schoolClass("c1"), DropFolder.person(Self.pupil),
                DropFolder.person(Self.guardian, given: "Åsa"),
            ])
        try folder.relations(
            batch,
            [
                DropFolder.relation("add", "school_in_org", "s1", "org"),
                DropFolder.relation("add", "class_in_school", "c1", "s1"),
                DropFolder.relation("add", "student_in_school", Self.pupil, "s1"),
                DropFolder.relation("add", "student_in_class", Self.pupil, "c1"),
                DropFolder.relation("add", "guardian_for", Self.guardian, Self.pupil),
            ])
    }

    @Test func `takes a batch, holds its rows, and puts the files away`() async throws {
        try await DropFolder.with { folder, unikum in
            try Self.load(folder)
            try await unikum.waitUntil { $0.statistics.files == 2 }
            let key = unikum.format.relationKey(from: Self.guardian, to: Self.pupil)
            #expect(await unikum.holds("guardian_for", key))
            #expect(await !unikum.holds("guardian_for", "x"))
            #expect(await unikum.row("guardian_for", key)?.fields == ["from": Self.guardian, "to": Self.pupil])
            let person = await unikum.row("person", Self.guardian)
            #expect(person?.fields["givenName"] == "Åsa" && person?.fields["personalNumber"] == Self.guardian)
            #expect(person?.fields["phone"] == nil && person?.fields["rowType"] == nil)
            #expect(await unikum.rows("person").map(\.key) == [Self.guardian, Self.pupil])
            #expect(
                await unikum.kinds == [
                    "class", "class_in_school", "guardian_for", "person", "school", "school_in_org", "student_in_class",
                    "student_in_school",
                ])
            #expect(await unikum.statistics.heldRows == 9)
            #expect(
                await unikum.rows().map(\.kind) == [
                    "class", "class_in_school", "guardian_for", "person", "person",
                    "school", "school_in_org", "student_in_class", "student_in_school",
                ])
            #expect(try await unikum.isIdle)
            #expect(await unikum.rejections.isEmpty)
            let log = await unikum.log
            #expect(log.map(\.part) == [.objects, .relations] && log.allSatisfy { $0.batch == "b1" && !$0.isRepeat })
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.drop).isEmpty)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.archive).count == 2)
        }
    }

    @Test func `knows a batch that comes again from one with nothing new`() async throws {
        try await DropFolder.with { folder, unikum in
            try Self.load(folder)
            try await unikum.waitUntil { $0.statistics.files == 2 }
            try Self.load(folder)
            try await unikum.waitUntil { $0.statistics.files == 4 }
            #expect(await unikum.statistics.repeatedFiles == 2)
            #expect(await unikum.needlessRows.isEmpty)
            #expect(await unikum.conflictingRepeats.isEmpty)
            try Self.load(folder, batch: "b2")
            try await unikum.waitUntil { $0.statistics.files == 6 }
            #expect(await unikum.needlessRows.count == 9)
            try folder.objects("b2", [DropFolder.school("s2")])
            try await unikum.waitUntil { $0.statistics.files == 7 }
            #expect(await unikum.conflictingRepeats.count == 1)
        }
    }

    @Test func `a batch that comes again with less is no conflict, and what was left out may come once more`() async throws {
        try await DropFolder.with { folder, unikum in
            let (first, second) = (DropFolder.school("s1"), DropFolder.school("s2"))
            for (number, (batch, rows)) in [("b1", [first, second]), ("b1", [first]), ("b2", [second])].enumerated() {
                try folder.objects(batch, rows)
                try await unikum.waitUntil { $0.statistics.files == number + 1 }
            }
            #expect(await unikum.conflictingRepeats.isEmpty)
            #expect(await unikum.needlessRows.isEmpty)
            try folder.objects("b3", [first])
            try await unikum.waitUntil { $0.statistics.files == 4 }
            #expect(await unikum.needlessRows.map(\.key) == ["s1"])
        }
    }

    @Test func `sees a row go back to an earlier state`() async throws {
        try await DropFolder.with { folder, unikum in
            for (number, family) in ["Alkvistaker", "Barkhammarander", "Alkvistaker"].enumerated() {
                try folder.objects("b\(number)", [DropFolder.person(Self.pupil, family)])
                try await unikum.waitUntil { $0.statistics.files == number + 1 }
            }
            #expect(await unikum.revertedRows.map(\.key) == [Self.pupil])
            #expect(await unikum.states("person", Self.pupil).count == 3)
            #expect(await unikum.needlessRows.isEmpty)
        }
    }

    @Test(arguments: [
        ("column-count", "Astrid\tAlkvistaker\tuser"), ("row-type", "Astrid\tAlkvistaker\tperson"),
        ("required-field", DropFolder.person("")), ("required-field", DropFolder.person("20130101-TF01", "")),
        ("number-form", DropFolder.person("20130101TF01")), ("number-form", DropFolder.person("130101-TF01")),
        ("number-form", DropFolder.person("20130101-T001")),
        ("school-form", DropFolder.schoolClass("c1").replacing("grundskola", with: "dagis")),
        ("age", DropFolder.schoolClass("c1").replacing("13", with: "tretton")),
        ("boolean", DropFolder.person("20130101-TF01").replacing("true", with: "ja")),
        ("unused-column", DropFolder.person("20130101-TF01").replacing("7\t\t\tuser", with: "7\tx\t\tuser")),
    ]) func `refuses an object row that Unikum would refuse, and takes the rest`(code: String, row: String) async throws {
        try await DropFolder.with { folder, unikum in
            try folder.objects("b1", [DropFolder.school("s1"), row, DropFolder.school("s2")])
            try await unikum.waitUntil { $0.statistics.files == 1 }
            #expect(await unikum.rejections.map(\.code) == [code])
            #expect(await unikum.rejections.map(\.line) == [2])
            #expect(
                await unikum.rejections.allSatisfy {
                    !$0.description.contains("2013") && !$0.description.contains("Alkvist")
                })
            #expect(await unikum.rows("school").count == 2)
            #expect(await unikum.statistics.heldRows == 2)
        }
    }

    @Test(arguments: [
        ("column-count", "add\tguardian_for\tx"), ("relation", DropFolder.relation("add", "friend_of", "a", "b")),
        ("operation", DropFolder.relation("set", "student_in_school", "20130101-TF01", "s1")),
        ("required-field", DropFolder.relation("add", "student_in_school", "", "s1")),
        ("unknown-person", DropFolder.relation("add", "student_in_school", "20130101-TF99", "s1")),
        ("unknown-school", DropFolder.relation("add", "student_in_school", "20130101-TF01", "s9")),
        ("unknown-class", DropFolder.relation("add", "student_in_class", "20130101-TF01", "s1")),
        ("class-in-two-schools", DropFolder.relation("add", "class_in_school", "c1", "s2")),
    ]) func `refuses a relation row that Unikum would refuse`(code: String, row: String) async throws {
        try await DropFolder.with { folder, unikum in
            try Self.load(folder, batch: "a")
            try folder.objects("b", [DropFolder.school("s2")])
            try folder.relations("b", [row])
            try await unikum.waitUntil { $0.statistics.files == 4 }
            #expect(await unikum.rejections.map(\.code) == [code])
            #expect(await unikum.statistics.heldRows == 10)
        }
    }

    @Test func `removes and adds in the order of the rows`() async throws {
        try await DropFolder.with { folder, unikum in
            try Self.load(folder, batch: "a")
            try folder.objects("b", [DropFolder.school("s2"), DropFolder.schoolClass("c2", "7B")])
            try folder.relations(
                "b",
                [
                    DropFolder.relation("remove", "class_in_school", "c1", "s1"),
                    DropFolder.relation("add", "class_in_school", "c1", "s2"),
                    DropFolder.relation("remove", "student_in_class", Self.pupil, "c1"),
                    DropFolder.relation("add", "student_in_class", Self.pupil, "c2"),
                ])
            try await unikum.waitUntil { $0.statistics.files == 4 }
            #expect(await unikum.rejections.isEmpty)
            #expect(await unikum.rows("student_in_class").map { $0.fields["to"] } == ["c2"])
            #expect(await unikum.rows("class_in_school").map { $0.fields["to"] } == ["s2"])
        }
    }

    @Test func `passes over dot-files and names it doesn't know`() async throws {
        try await DropFolder.with { folder, unikum in
            for name in [".b1-1-objects.txt", "readme.txt", "-1-objects.txt", "b0-1-objects.txt.tmp"] {
                try folder.put(name, Data("junk\n".utf8))
            }
            try Self.load(folder)
            try await unikum.waitUntil { $0.statistics.files == 2 }
            #expect(await unikum.rejections.isEmpty)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.drop).count == 4)
        }
    }

    @Test func `reads the form it is told: header, semicolons, Latin-1, other columns and names`() async throws {
        var format = UnikumFormat()
        format.hasHeader = true
        format.objectDelimiter = ";"
        format.encoding = .latin1
        format.relationColumns = [.relation, .from, .to, .operation]
        format.objectsSuffix = "_objekt.csv"
        format.relationsSuffix = "_relationer.csv"
        try await DropFolder.with(format: format) { folder, unikum in
            let rows = ["kolumner", DropFolder.school("s1", "Öhultskolan"), DropFolder.person(Self.pupil)]
            let text = rows.joined(separator: "\r\n").replacing("\t", with: ";")
            try folder.put("b1_objekt.csv", try #require(text.data(using: .isoLatin1)))
            try folder.put("b1_relationer.csv", Data("kolumner\r\nstudent_in_school\t\(Self.pupil)\ts1\tadd\r\n".utf8))
            try await unikum.waitUntil { $0.statistics.files == 2 }
            #expect(await unikum.rejections.isEmpty)
            #expect(await unikum.row("school", "s1")?.fields["name"] == "Öhultskolan")
            #expect(await unikum.rows("student_in_school").count == 1)
        }
    }

    @Test func `refuses a whole file that is not in its encoding`() async throws {
        try await DropFolder.with { folder, unikum in
            try folder.put("b1-1-objects.txt", Data([0x41, 0xF6, 0x0A]))
            try await unikum.waitUntil { $0.statistics.files == 1 }
            #expect(await unikum.rejections.map(\.code) == ["encoding"])
            #expect(await unikum.rejections.map(\.line) == [0])
        }
    }

    @Test func `goes away with its folder and comes back with what waited in it`() async throws {
        try await DropFolder.with { folder, unikum in
            try Self.load(folder)
            try await unikum.waitUntil { $0.statistics.files == 2 }
            await unikum.stopCollecting()
            try folder.objects("b2", [DropFolder.school("s2")])
            try await unikum.goDown()
            #expect(await unikum.isDown)
            await #expect(throws: StandInError.self) { try await unikum.isIdle }
            #expect(throws: (any Error).self) { try folder.objects("b3", [DropFolder.school("s3")]) }
            try await unikum.comeBack()
            #expect(try await !unikum.isIdle)
            #expect(await unikum.statistics.files == 2)
            await unikum.resumeCollecting()
            try await unikum.waitUntil { $0.statistics.files == 3 }
            #expect(await unikum.holds("school", "s2"))
        }
    }

    @Test func `takes the load of a whole municipality in a few seconds`() async throws {
        try await DropFolder.with { folder, unikum in
            let begun = ContinuousClock.now
            for batch in 0..<120 {
                let numbers = (0..<400).map { index in
                    "\(19_000_101 + batch)-\(["TF", "TG", "TH", "TJ"][index / 100])\(index / 10 % 10)\(index % 10)"
                }
                let name = "b\(1000 + batch)"
                try folder.objects(name, [DropFolder.school("s1")] + numbers.map { DropFolder.person($0) })
                try folder.relations(name, numbers.map { DropFolder.relation("add", "student_in_school", $0, "s1") })
            }
            try await unikum.waitUntil { $0.statistics.files == 240 }
            #expect(await unikum.rejections.isEmpty)
            #expect(await unikum.statistics.heldRows == 96_001)
            #expect(ContinuousClock.now - begun < .seconds(60))
        }
    }
}
