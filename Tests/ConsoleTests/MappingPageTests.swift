import Foundation
import Hub
import Mapping
import SchoolRecords
import Testing

@testable import Console

@Suite("The console shows mappings, explains records and tries changes")
struct MappingPageTests {
    private static let markup = "<script>alert('x')</script>"
    private static let english = [("Accept-Language", "en")]

    /// A pupil at a school, in the register.
    private static func fill(_ world: ConsoleWorld) async throws {
        try await world.take([
            (.organisation, ["id": "school-1", "displayName": "Exempelskolan", "organisationType": "Skola"]),
            (
                .person,
                [
                    "id": "pupil-1", "givenName": "Prov", "familyName": "Registersson", "civicNo": ["value": "20130101TF01"],
                    "enrolments": [["enroledAt": ["id": "school-1"], "schoolType": "GR", "startDate": "2020-08-01"]],
                ]
            ),
        ])
    }

    /// A file of the world's disk with other text.
    private static func edit(_ world: ConsoleWorld, _ path: String, _ old: String, _ new: String) throws -> String {
        let file = try #require(world.files.value.first { $0.path == path })
        #expect(file.text.contains(old))
        return file.text.replacing(old, with: new)
    }

    @Test func `the list has each mapping with its direction, examples and problems, and can be narrowed`() async throws {
        try await ConsoleWorld.with { world in
            let all = try await world.get("/mappings")
            #expect(
                all.status == 200 && all.body.contains("/mappings/unikum/out/person") && all.body.contains("unikum/person.yaml"))
            #expect(all.body.contains("/mappings/edlevo/in/person") && all.body.contains("stämmer</span>"))
            let narrow = try await world.get("/mappings?system=unikum&way=out", headers: Self.english)
            #expect(narrow.body.contains("/mappings/unikum/out/duty") && !narrow.body.contains("/mappings/edlevo/in/person"))
            #expect(narrow.body.contains("to the system") && narrow.body.contains("hold</span>"))
            let csv = try await world.get("/mappings/list.csv?system=unikum&way=out")
            #expect(csv.body.contains("unikum,out,person,on,unikum/person.yaml"))
            #expect(csv.body.split(whereSeparator: \.isNewline).allSatisfy { !$0.hasPrefix("edlevo") })
        }
    }

    @Test func `an error in a file on the disk is told with file, line and column, while the version in force stays`()
        async throws
    {
        try await ConsoleWorld.with { world in
            let text = try Self.edit(world, "unikum/person.yaml", "rows:", "rowz:")
            world.files.value = world.files.value.map {
                $0.path == "unikum/person.yaml" ? MappingFile(path: $0.path, text: text) : $0
            }
            let list = try await world.get("/mappings?state=needs", headers: Self.english)
            #expect(list.body.contains("The hub goes on with the version in force") && list.body.contains("unikum/person.yaml"))
            let problems = try await world.get("/mappings/problems?severity=error")
            let place = try #require(problems.body.firstMatch(of: /unikum\/person\.yaml:([0-9]+):([0-9]+)/))
            #expect(Int(place.1) ?? 0 > 1)
            let csv = try await world.get("/mappings/problems.csv?severity=error")
            #expect(csv.body.contains("error,unikum/person.yaml,"))
            let other = try await world.get("/mappings/problems.csv?severity=error&system=edlevo")
            #expect(!other.body.contains("unikum/person.yaml"))
        }
    }

    @Test func `a mapping shows where each field comes from and where that stands, and what nothing fills`() async throws {
        try await ConsoleWorld.with { world in
            let page = try await world.get("/mappings/unikum/out/duty", headers: Self.english)
            #expect(page.status == 200 && page.body.contains("staff_in_school") && page.body.contains("unikum/duty.yaml:"))
            #expect(page.body.contains("person-&gt;civicNo.value") && page.body.contains("person.civicNo.value"))
            #expect(page.body.contains("codes/title_code.csv") && page.body.contains("identity_number: hyphenated12"))
            #expect(page.body.contains("unikum_role</code></th>") && page.body.contains("description when roles_from = duties"))
            #expect(page.body.contains("mandatory</span>") && page.body.contains("key</span>") && page.body.contains("no row"))
            #expect(page.body.contains("Fields of the record that the system isn&#39;t given"))
            let source = try await world.get("/mappings/edlevo/in/person")
            #expect(source.status == 200 && !source.body.contains("/explain\""))
            let csv = try await world.get("/mappings/unikum/out/duty/fields.csv")
            #expect(csv.body.contains("staff_in_school,from,yes,yes,person->civicNo.value"))
            for path in ["/mappings/unikum/up/duty", "/mappings/nothing/out/duty", "/mappings/unikum/out/nothing"] {
                #expect(try await world.get(path).status == 404, "\(path)")
            }
        }
    }

    @Test func `what a record gives is explained to who says why, without values unless they may see them`() async throws {
        try await ConsoleWorld.with { world in
            try await Self.fill(world)
            let path = "/mappings/unikum/out/person/explain"
            let nameless = try await world.post(path, ["csrf": "form-of-ada", "id": "pupil-1"])
            #expect(nameless.status == 422)
            #expect(try await world.store.auditEntries(AuditFilter()).isEmpty)
            let hidden = try await world.post(path, ["csrf": "form-of-ada", "id": "person/pupil-1", "reason": "case 7"])
            #expect(hidden.status == 200 && hidden.body.contains("student_in_school") && hidden.body.contains("•••"))
            #expect(!hidden.body.contains("Registersson") && !hidden.body.contains("TF01"))
            let shown = try await world.post(
                path, ["csrf": "form-of-ada", "id": "pupil-1", "reason": "case 8", "values": "yes"])
            #expect(shown.body.contains("Registersson"))
            let viewer = try await world.get("/mappings/unikum/out/person", as: "session=role-viewer")
            #expect(viewer.body.contains("name=\"reason\"") && !viewer.body.contains("name=\"values\""))
            let entries = try await world.store.auditEntries(AuditFilter())
            #expect(entries.map(\.action) == ["mapping.explain", "mapping.explain.values"])
            #expect(entries.map(\.reason) == ["case 7", "case 8"] && entries.allSatisfy { !$0.subject.contains("pupil-1") })
            let number = try await world.post(path, ["csrf": "form-of-ada", "id": "", "reason": "case 9"])
            #expect(number.status == 200 && number.body.contains("Sök inte med personnummer"))
            #expect(try await world.store.auditEntries(AuditFilter()).count == 2)
        }
    }

    @Test func `of a protected person nothing is explained, and that somebody asked is in the log`() async throws {
        try await ConsoleWorld.with { world in
            let key = RecordKey(.person, "hidden-1")
            let opaque = ConsoleWorld.key.opaqueKey(for: key)
            let body = Data(#"{"id": "hidden-1", "givenName": "Hemlig", "familyName": "Hemligsson"}"#.utf8)
            _ = try await world.store.take(
                [], withheld: [WithheldRecord(opaqueKey: opaque, key: key, body: body)], failures: [], source: "edlevo",
                time: HubClock.system.timestamp)
            for id in ["hidden-1", opaque.id] {
                let answer = try await world.post(
                    "/mappings/unikum/out/person/explain",
                    ["csrf": "form-of-ada", "id": id, "reason": "case 1", "values": "yes"])
                #expect(answer.status == 200 && !answer.body.contains("Hemlig") && !answer.body.contains("•••"), "\(id)")
            }
            let entries = try await world.store.auditEntries(AuditFilter())
            #expect(entries.map(\.subject) == ["\(opaque)", "\(opaque)"])
        }
    }

    @Test func `an edited file is tried against the register: who would change, field by field, and nothing is written`()
        async throws
    {
        try await ConsoleWorld.with { world in
            try await Self.fill(world)
            let files = world.files.value
            let page = try await world.get("/mappings/preview?file=unikum/person.yaml")
            #expect(page.body.contains("<textarea") && page.body.contains("student_in_school"))
            let text = try Self.edit(world, "unikum/person.yaml", "efternamn: {from: familyName", "efternamn: {from: givenName")
            let tried = try await world.post(
                "/mappings/preview", pairs: ["csrf": "form-of-ada", "file": "unikum/person.yaml", "text": text],
                as: ConsoleWorld.asAda, headers: Self.english)
            #expect(
                tried.status == 200 && tried.body.contains("person/pupil-1") && tried.body.contains("<code>efternamn</code> 1"))
            #expect(!tried.body.contains("Registersson") && tried.body.contains("examples don&#39;t hold any more"))
            #expect(world.files.value == files && tried.body.contains("efternamn: {from: givenName"))
            let same = try #require(files.first { $0.path == "unikum/person.yaml" }).text
            let crlf = same.replacing("\n", with: "\r\n")
            let unchanged = try await world.post(
                "/mappings/preview", pairs: ["csrf": "form-of-ada", "file": "unikum/person.yaml", "text": crlf],
                as: ConsoleWorld.asAda, headers: Self.english)
            #expect(unchanged.body.contains("The file is as the one in force."))
        }
    }

    @Test func `what is wrong in an edited file is told with its line, and only files that are there can be tried`() async throws
    {
        try await ConsoleWorld.with { world in
            let broken = "# \(Self.markup)\nrows:\n  - kind: \(Self.markup)\n"
            let answer = try await world.post(
                "/mappings/preview", pairs: ["csrf": "form-of-ada", "file": "unikum/person.yaml", "text": broken],
                as: ConsoleWorld.asAda)
            #expect(answer.status == 200 && answer.body.contains("unikum/person.yaml:3:") && !answer.body.contains(Self.markup))
            #expect(answer.body.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"))
            for name in ["../../etc/passwd", "/etc/passwd", "unikum/new.yaml", ""] {
                let foreign = try await world.post(
                    "/mappings/preview", pairs: ["csrf": "form-of-ada", "file": name, "text": "a: b"], as: ConsoleWorld.asAda)
                #expect(foreign.status == 404, "\(name)")
                let shown = try await world.get("/mappings/preview?file=\(Address.encoded(name))")
                #expect(name.isEmpty ? shown.status == 200 : shown.status == 404, "\(name)")
            }
            let long = try await world.post(
                "/mappings/preview",
                pairs: ["csrf": "form-of-ada", "file": "unikum/person.yaml", "text": String(repeating: "x", count: 800_000)],
                as: ConsoleWorld.asAda)
            #expect(long.status == 413)
        }
    }

    @Test func `codes of the register without a row are counted, what looks like no code isn't shown`() async throws {
        try await ConsoleWorld.with { world in
            try await Self.fill(world)
            let duty: JSONValue = [
                "id": "duty-1", "person": ["id": "pupil-1"], "dutyAt": ["id": "school-1"], "dutyRole": "Lärare",
                "description": "9998 Simhallsvakt", "startDate": "2020-08-01",
            ]
            try await world.take([(.duty, duty)])
            let asked = try await world.get("/mappings/codes")
            #expect(asked.status == 200 && asked.body.contains("Välj ett system") && !asked.body.contains("9998"))
            let page = try await world.get("/mappings/codes?system=unikum&show=missing")
            #expect(
                page.body.contains("9998") && page.body.contains("codes/title_code.csv") && !page.body.contains("Simhallsvakt"))
            let csv = try await world.get("/mappings/codes.csv?system=unikum&show=missing")
            #expect(csv.body.contains(",9998,no,1"))
            #expect(try await world.get("/mappings/codes?system=nothing").status == 404)
        }
    }
}
