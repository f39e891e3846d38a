import Mapping
import SchoolRecords
import Testing

@Suite("Transforms and code tables")
struct TransformTests {
    private static let table = """
        # remark
        code,name,"role, long",short

        2752,Grundskollärare,Lärare,L
        K171,"Lärare ""i"" fritidshem",Fritids,
        """

    /// What a transform makes of a text: the value, `nil` for none, or the failure's code.
    private func result(_ text: String, _ yaml: String) throws -> String? {
        let mapping = try Files.outbound(
            "rows: [{kind: k, key: id, fields: {id: {constant: 1}, x: {from: givenName, \(yaml)}}}]",
            others: ["codes/t.csv": Self.table]
        ).outbound()
        do {
            return try mapping.rows(["givenName": .string(text)]).first?.fields["x"]
        } catch let failure as MappingFailure {
            return "!\(failure.code)"
        }
    }

    @Test(
        arguments: [
            ("  a  b ", "trim", "a  b"), ("åBc", "upper", "ÅBC"), ("ÅBc", "lower", "åbc"),
            (" a \t b\nc ", "single_line", "a b c"),
            ("123 45", "digits", "12345"), ("abcdef", "{limit: 3}", "abc"), ("   ", "trim", nil),
            ("2752 Grundskollärare", "leading_code", "2752"), ("401010: X", "leading_code", "401010"),
            ("K171, Y", "leading_code", "K171"),
            ("E032", "leading_code", "E032"), ("Lärare", "leading_code", nil), ("7A klass", "leading_code", nil),
            ("1-7 lärare", "leading_code", nil), ("20130101 barn", "leading_code", nil), ("12ab3 x", "leading_code", nil),
            ("070-174 06 05", "{phone: national}", "0701740605"), ("+46 (0)70-1740605", "{phone: national}", "0701740605"),
            ("0046701740605", "{phone: national}", "0701740605"), ("+358 40 1234567", "{phone: national}", "+358401234567"),
            ("070-174 06 05", "{phone: international}", "+46701740605"),
            ("+46 70 174 06 05", "{phone: international}", "+46701740605"),
            ("ring  mamma", "{phone: national}", "ring mamma"), ("12", "{phone: national}", "12"),
            ("2026-08-01", "{date: yyyyMMdd}", "20260801"), ("2026-08-01T10:00:00Z", "{date: dd.MM.yy}", "01.08.26"),
            ("2026-13-01", "{date: yyyy}", "!transform-failed"), ("igår", "{date: yyyy}", "!transform-failed"),
            ("01/08 2026", "{parse_date: dd/MM yyyy}", "2026-08-01"),
            ("31/02 2026", "{parse_date: dd/MM yyyy}", "!transform-failed"),
            ("20130101TF01", "{identity_number: hyphenated12}", "20130101-TF01"),
            ("20130101TF01", "{identity_number: digits10}", "130101TF01"),
            ("130101-TF01", "{identity_number: digits12}", "20130101TF01"),
            ("20130101TF01", "{identity_number: hyphenated10}", "130101-TF01"),
            ("nej", "{identity_number: digits12}", "!transform-failed"),
            ("ja", "{words: {ja: true, nej: false}}", "true"),
            ("kanske", "{words: {ja: true, nej: false}}", "!value-without-code"),
            (" 7 ", "integer", "7"), ("sju", "integer", "!transform-failed"), ("Ja", "boolean", "true"),
            ("x", "boolean", "!transform-failed"),
            (" 070-174 06 05 ", "[trim, digits, {limit: 4}]", "0701"),
        ] as [(String, String, String?)])
    func `a transform does what its name says`(text: String, yaml: String, expected: String?) throws {
        #expect(try self.result(text, "transform: \(yaml)") == expected)
    }

    @Test(
        arguments: [
            ("2752", "find: code, give: name", "Grundskollärare"), ("K171", "find: code, give: name", "Lärare \"i\" fritidshem"),
            ("2752", "find: code, give: 'role, long'", "Lärare"), ("Lärare", "find: 'role, long', give: code", "2752"),
            ("K171", "find: code, give: short", nil), ("9998", "find: code, give: name", "!value-without-code"),
            ("9998", "find: code, give: name, otherwise: fail", "!value-without-code"),
            ("9998", "find: code, give: name, otherwise: nothing", nil),
            ("9998", "find: code, give: name, otherwise: keep", "9998"),
            ("9998", "find: code, give: name, otherwise: {value: Annan}", "Annan"),
        ] as [(String, String, String?)])
    func `a code table is read in both directions`(text: String, lookup: String, expected: String?) throws {
        #expect(try self.result(text, "lookup: {table: t, \(lookup)}") == expected)
    }

    @Test func `of several values the first that the table has something for is taken`() throws {
        let mapping = try Files.outbound(
            "rows: [{kind: k, key: id, fields: {id: {constant: 1}, x: {from: schoolTypes, lookup: {table: t, find: a, give: b}}}}]",
            entity: .organisation, others: ["codes/t.csv": "a,b\nFTH,\nGR,grund\n"]
        ).outbound(.organisation)
        #expect(try mapping.rows(["schoolTypes": ["FTH", "GR"]]).first?.fields["x"] == "grund")
        #expect(throws: MappingFailure.self) { try mapping.rows(["schoolTypes": ["FTH", "GY"]]) }
    }
}
