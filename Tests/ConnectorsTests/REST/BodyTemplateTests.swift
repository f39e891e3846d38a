@testable import Connectors
import SchoolRecords
import TestChance
import Testing

@Suite("A template makes JSON bodies of rows and reads them back")
struct BodyTemplateTests {
    private static let template = BodyTemplate([
        "student": ["id": "{student}"], "minutes": "{minutes:integer}", "share": "{share:number}", "valid": "{valid:boolean}",
        "entries": "{entries:json}", "type": "Anmäld frånvaro", "owners": [["id": "{owner}"]],
    ])

    @Test func `fields stand where the template says, in the form it says`() throws {
        let body = try Self.template.filled([
            "student": "åsa", "minutes": "40", "share": "0.5", "valid": "true", "entries": #"[{"a":1}]"#, "owner": "o",
        ])
        #expect(
            body == [
                "student": ["id": "åsa"], "minutes": 40, "share": .number(0.5), "valid": true, "entries": [["a": 1]],
                "type": "Anmäld frånvaro", "owners": [["id": "o"]],
            ])
    }

    @Test func `what holds only places of missing fields is left out`() throws {
        #expect(try Self.template.filled(["minutes": "1"]) == ["minutes": 1, "type": "Anmäld frånvaro"])
    }

    @Test(arguments: [("minutes", "4.5"), ("share", "half"), ("valid", "ja"), ("entries", "[1")])
    func `a text of another form is told with its field, without its value`(_ field: String, _ text: String) throws {
        let misfit = #expect(throws: BodyTemplate.Misfit.self) { try Self.template.filled([field: text]) }
        #expect(misfit?.field == field)
    }

    @Test func `a body with another fixed part is not of this kind`() {
        #expect(Self.template.fields(of: ["student": ["id": "x"], "type": "Beviljad ledighet"]) == nil)
    }

    @Test(arguments: 1...50 as ClosedRange<UInt64>)
    func `what was filled in is what is read back`(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let texts = ["", "å", "{student}", "null", "0", "x y"]
        var fields: [String: String] = [:]
        if Bool.random(using: &random) { fields["student"] = texts.randomElement(using: &random) }
        if Bool.random(using: &random) { fields["minutes"] = String(Int64.random(in: .min ... .max, using: &random)) }
        if Bool.random(using: &random) { fields["valid"] = String(Bool.random(using: &random)) }
        if Bool.random(using: &random) { fields["entries"] = #"[{"a":"å"},null,2]"# }
        if Bool.random(using: &random) { fields["owner"] = texts.randomElement(using: &random) }
        #expect(Self.template.fields(of: try Self.template.filled(fields)) == fields, "seed \(seed)")
    }
}
