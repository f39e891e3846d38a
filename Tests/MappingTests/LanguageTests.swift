import TestChance
import Mapping
import SchoolRecords
import Testing

@Suite("Values of many, days, and what has yet to begin")
struct LanguageTests {
    /// The one field of the one row that a value gives, or `nil` when it gives none.
    private func value(_ yaml: String, of record: JSONValue = OutboundTests.person) throws -> String? {
        try Files.outbound(
            "rows:\n  - {kind: k, key: id, fields: {id: {from: id, required: true}, x: \(yaml)}}"
        ).outbound().rows(record).first?.fields["x"]
    }

    @Test(arguments: [
        ("{count: emails}", "2"), ("{count: \"responsibles[relationType = Vårdnadshavare]\"}", "2"), ("{count: addresses}", "0"),
        ("{join: emails.value, with: ', '}", "hem@post.example, e1@elev.example"), ("{join: addresses.locality}", nil),
        ("{join: emails.type}", "Privat Skola elev"),
        ("{concat: [givenName, middleName, familyName]}", "Prov Provsson"),
        ("{concat: [familyName, {from: givenName, transform: upper}], with: ', '}", "Provsson, PROV"),
        ("{concat: [middleName]}", nil), ("{holds: \"enrolments[current] exists\"}", "true"),
        ("{holds: [givenName = Prov, middleName exists]}", "false"),
        ("{holds: {any: [givenName = Prov, middleName exists]}, transform: {words: {true: ja, false: nej}}}", "ja"),
        ("{from: givenName, when: givenName starts with Pr}", "Prov"), ("{from: givenName, when: givenName ends with x}", nil),
        ("{from: givenName, when: \"emails.type contains 'elev'\"}", nil),
        ("{from: givenName, when: familyName contains vss}", "Prov"),
    ])
    func `values are counted, joined, put together and tested`(yaml: String, expected: String?) throws {
        #expect(try self.value(yaml) == expected)
    }

    /// The day is 2026-09-01, so the school year is 2026-07-01 to 2027-06-30.
    @Test(arguments: [
        ("enrolments[current].schoolYear", "7"), ("enrolments[upcoming].schoolYear", "8"), ("enrolments[ended].schoolYear", "6"),
        ("enrolments[current on school_year_end].schoolYear", "7"), ("enrolments[current on school_year_start].schoolYear", "6"),
        ("enrolments[current on today - 2 days].schoolYear", "6"), ("enrolments[upcoming on today + 1 day].schoolYear", nil),
        ("enrolments[startDate > today].schoolYear", "8"), ("enrolments[startDate <= school_year_start].schoolYear", "6"),
        ("enrolments[endDate < today + 30 days].schoolYear", "6"),
        ("enrolments[schoolType in GR | GRA, current].schoolYear", "7"), ("enrolments[schoolType = GY, current].schoolYear", nil),
    ])
    func `lists are filtered by period, day, school year and school type`(path: String, expected: String?) throws {
        #expect(try self.value("\"\(path)\"") == expected)
    }

    @Test(arguments: [
        ("name", "ANNA-KARIN O'BRIEN", "Anna-Karin O'Brien"), ("name", "åsa öberg", "Åsa Öberg"),
        ("name", "McDonald", "McDonald"),
        ("first_word", " Anna Maria", "Anna"), ("initial", "åsa", "Å"), ("ascii", "Åsa Öberg-Ærø ß", "Asa Oberg-AEro ss"),
        ("name_uuid", "5567044268", "657ae6a4-2978-5fbe-b357-ba353c0f03b5"),
        ("name_uuid", "EKJURV", "f8bd4423-9693-51ed-a854-6e9984e6c2f7"),
        ("name_uuid", "MATMAT01", "505c5ee0-7be4-560d-9c27-10ab0d96ac9a"),
        ("email", " Prov@Skola.EXAMPLE ", "Prov@skola.example"), ("email", "ring i stället", nil), ("email", "a@b", nil),
        ("email", "a@b@c.example", nil), ("postal_code: plain", "SE-123 45", "12345"), ("postal_code: spaced", "12345", "123 45"),
        ("postal_code: plain", "0100 Oslo", "0100 Oslo"), ("number: {decimals: 1, separator: ','}", "79.95", "80,0"),
        ("number: {decimals: 2}", "7", "7.00"), ("number: {decimals: 0}", "-0,4", "0"),
        ("number: {decimals: 1}", "007.25", "7.3"),
        ("pad: 4", "17", "0017"), ("pad: 4", "12345", "12345"), ("last: 4", "20130101TF01", "TF01"),
        ("replace: {'-': '', a: b}", "a-a", "bb"), ("part: {number: 2, separator: ','}", "a, b, c", "b"),
        ("part: {number: -1, separator: ','}", "a, b, c", "c"), ("part: {number: 4, separator: ','}", "a, b, c", nil),
        ("add_days: 1", "2028-02-28", "2028-02-29"), ("add_days: -60", "2026-03-01", "2025-12-31"),
        ("school_year: short", "2026-06-30", "2025/26"), ("school_year: long", "2026-07-01", "2026/2027"),
        ("school_year: start", "2026-12-24T10:00:00Z", "2026-07-01"), ("school_year: end", "2026-12-24", "2027-06-30"),
    ])
    func `texts take each system's form`(transform: String, text: String, expected: String?) throws {
        let yaml = transform.contains(":") ? "{\(transform)}" : transform
        #expect(
            try self.value("{from: familyName, transform: \(yaml)}", of: ["id": "p", "familyName": .string(text)]) == expected)
    }

    @Test func `days are added as the calendar has them`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededRandom(seed: seed)
        for _ in 0..<300 {
            let days = Int.random(in: -90_000...90_000, using: &random)
            let there = try self.value(
                "{from: birthDate, transform: {add_days: \(days)}}", of: ["id": "p", "birthDate": "2026-02-28"])
            let back = try self.value(
                "{from: birthDate, transform: {add_days: \(-days)}}", of: ["id": "p", "birthDate": .string(there ?? "")])
            #expect(back == "2026-02-28", "seed \(seed)")
        }
    }

    // MARK: Rows of texts

    @Test func `a text is split into a row for each of its parts`() throws {
        let mapping = try Files.outbound(
            """
            rows:
              - kind: subject
                key: [person, subject]
                each: {subject: {split: familyName, by: ","}}
                fields: {person: {from: id, required: true}, subject: {from: subject, required: row}}
            """
        ).outbound()
        let rows = try mapping.rows(["id": "p1", "familyName": "MA, SV ,,  NO  A"])
        #expect(rows.map { $0.fields["subject"] } == ["MA", "SV", "NO A"])
    }

    @Test func `a source's text is split into the elements of a list`() throws {
        let mapping = try Files.inbound(
            """
            fields:
              id: {from: id, required: true}
              givenName: {constant: Prov}
              familyName: {constant: Provsson}
              eduPersonPrincipalNames:
                each: {login: {split: logins, by: ";"}}
                value: login
            """
        ).inbound()
        let record = try mapping.apply(["id": "p1", "logins": "a;b"], today: today)
        #expect(record?["eduPersonPrincipalNames"] == ["a", "b"])
    }

    // MARK: What has yet to begin

    private func projection(_ future: String, row: String = "") throws -> Projection {
        try Files.outbound(
            """
            rows:
              - kind: enrolled
                key: [who, year]
                each: {enrolment: "enrolments[current]"}
            \(row.isEmpty ? "" : "    future: \(row)\n")    fields:
                  who: {from: id, required: true}
                  year: {from: enrolment.schoolYear, required: true}
                  from: enrolment.startDate
                  now: enrolments[current].schoolYear
            """, system: Files.target + (future.isEmpty ? "" : "\nfuture: \(future)")
        ).outbound().projection(OutboundTests.person)
    }

    @Test(arguments: [
        ("", ["7"], 0), ("withhold", ["7"], 0), ("hold", ["7"], 1), ("send", ["7", "8"], 0), ("{send: 1}", ["7", "8"], 0),
    ])
    func `what begins later is withheld, held or sent, as the system says`(future: String, years: [String], held: Int) throws {
        let projection = try self.projection(future)
        #expect(projection.rows.map { $0.fields["year"] } == years)
        #expect(projection.held.count == held)
        #expect(projection.held.allSatisfy { $0.until == "2026-09-02" && $0.row.fields["year"] == "8" })
        // Inside of values `current` is the day's own, whatever is given ahead.
        #expect(projection.rows.allSatisfy { $0.fields["now"] == "7" })
    }

    @Test func `a row can say otherwise than its system`() throws {
        #expect(try self.projection("withhold", row: "send").rows.count == 2)
        #expect(try self.projection("send", row: "withhold").rows.count == 1)
    }

    @Test func `a record that begins later is held as a whole`() throws {
        let mapping = try Files.outbound(
            """
            when: current
            rows: [{kind: place, key: id, fields: {id: {from: id, required: true}}}]
            """, entity: .placement, system: Files.target + "\nfuture: hold"
        ).outbound(.placement)
        let projection = try mapping.projection(["id": "p", "startDate": "2026-10-01"])
        #expect(projection.rows.isEmpty && projection.held.map(\.until) == ["2026-10-01"])
        #expect(try mapping.projection(["id": "p", "startDate": "2026-10-01", "endDate": "2026-08-01"]).held.isEmpty)
    }

    @Test func `nothing is made ahead because something isn't there yet`() throws {
        let mapping = try Files.outbound(
            """
            rows: [{kind: left, key: id, when: {not: current}, fields: {id: {from: id, required: true}}}]
            """, entity: .placement, system: Files.target + "\nfuture: send"
        ).outbound(.placement)
        #expect(try mapping.projection(["id": "p", "startDate": "2026-10-01"]).rows.count == 1)
    }

    // MARK: Slips

    @Test(arguments: [
        ("{count: emals}", "unknown field 'emals'"), ("{join: emails}", "is an object, not a value"),
        ("{concat: []}", "'concat' needs a list of values"), ("{from: id, with: x}", "'with' stands beside 'join' or 'concat'"),
        ("{holds: givenNam exists}", "unknown field 'givenNam'"),
        ("\"enrolments[current on tomorrow].schoolYear\"", "stands alone or with 'on' and a day"),
        ("\"enrolments[startDate > today + 3].schoolYear\"", "'today + 3' is no day"),
        ("{from: id, when: givenName starts with}", "a text is expected after 'starts with'"),
        ("{from: id, transform: {postal_code: short}}", "plain or spaced is expected here"),
        ("{from: id, transform: {number: {decimals: 99}}}", "'decimals' from 0 to 9"),
        ("{from: id, transform: {pad: 0}}", "a number of characters from 1 to 200"),
        ("{from: id, transform: {replace: {}}}", "a mapping of texts"),
        ("{from: id, transform: {part: {number: 0, separator: x}}}", "a number from 1"),
        ("{from: id, transform: nam}", "did you mean 'name'?"),
        ("{from: id, transform: {school_year: middle}}", "one of short, long, start, end"),
        ("{from: givenName, reversible: maybe}", "'reversible' is true or false"),
        ("{from: givenName, transform: upper, reversible: true}", "'upper' loses how the value was written"),
        ("{from: emails.value, reversible: true}", "its path chooses from a list"),
        ("{from: givenName, default: x, reversible: true}", "'default' stands also for no value"),
        ("{constant: x, reversible: true}", "it isn't made from one field"), ("{from: id, purpose: []}", "'purpose' is a text"),
    ])
    func `slips are told with their place`(yaml: String, expected: String) {
        let lines = Files.outbound("rows:\n  - {kind: k, key: id, fields: {id: {from: id, required: true}, x: \(yaml)}}").lines
        #expect(lines.contains { $0.contains("out/person.yaml:2:") && $0.contains("error") && $0.contains(expected) }, "\(lines)")
    }

    @Test func `an unknown word for the future is told`() {
        let lines = Files.outbound(
            "rows: [{kind: k, key: id, future: later, fields: {id: {from: id, required: true}}}]",
            system: Files.target + "\nfuture: {send: -1}"
        ).lines
        #expect(
            lines == [
                "out/person.yaml:1:35: error: 'future' is withhold, hold, send or {send: days}",
                "out/system.yaml:4:9: error: 'future' is withhold, hold, send or {send: days}",
            ])
    }
}
