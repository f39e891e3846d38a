import Foundation
import Reconciliation
import SchoolRecords
import Testing

@Suite("Fields held against what was agreed")
struct AgreedFieldsTests {
    static func line(
        _ field: String, _ nature: FieldLine.Nature = .exact, from path: String = "familyName", steps: [String] = [],
        codes: [String: String] = [:], system: String = "vega", kind: String = "pupil"
    ) -> FieldLine {
        FieldLine(
            system: system, direction: .target, entity: .person, kind: kind, field: field, nature: nature,
            origins: nature == .lost ? [] : [.init(.person, path)], steps: steps, codes: codes, rule: "vega/person.yaml:9",
            probedBy: ["pupil"])
    }

    private func flaws(_ agreed: [FieldLine], _ now: [FieldLine]) -> [String] {
        AgreedFields(lines: agreed).findings(now: now).map { "\($0.kind).\($0.field ?? "-") \($0.flaw.rawValue)" }
    }

    @Test func `what is as agreed is no finding, wherever in the file it stands`() throws {
        let lines = [Self.line("name"), Self.line("code", .converted, steps: ["codes"], codes: ["GR": "1"])]
        let data = try AgreedFields(lines: lines).data()
        let turned = try AgreedFields(lines: lines.reversed()).data()
        let agreed = try AgreedFields(data: data)
        #expect(!agreed.lines.contains { !$0.rule.isEmpty })
        #expect(agreed.findings(now: lines) == [])
        #expect(data == turned)
    }

    @Test func `a field that no rule fills any more is missing`() {
        #expect(self.flaws([Self.line("name")], [Self.line("name", .lost)]) == ["pupil.name field-missing"])
        #expect(self.flaws([Self.line("name"), Self.line("other")], [Self.line("other")]) == ["pupil.name field-missing"])
    }

    @Test func `a step that cuts, moves or changes is told by what it does`() {
        #expect(
            self.flaws([Self.line("name")], [Self.line("name", .shortened, steps: ["limit: 30"])]) == ["pupil.name shortened"])
        #expect(
            self.flaws([Self.line("from")], [Self.line("from", .altered, steps: ["add_days: -1"])]) == ["pupil.from date-shifted"]
        )
        #expect(self.flaws([Self.line("name")], [Self.line("name", .altered, steps: ["upper"])]) == ["pupil.name letter-case"])
        #expect(self.flaws([Self.line("name")], [Self.line("name", from: "givenName")]) == ["pupil.name other-rule"])
    }

    @Test func `an edited code is found, and a code that has come to the table is none`() {
        let agreed = Self.line("code", .converted, steps: ["codes"], codes: ["GR": "1", "GY": "2"])
        let more = Self.line("code", .converted, steps: ["codes"], codes: ["GR": "1", "GY": "2", "FS": "3"])
        let other = Self.line("code", .converted, steps: ["codes"], codes: ["GR": "9", "GY": "2"])
        #expect(self.flaws([agreed], [more]) == [])
        #expect(self.flaws([agreed], [other]) == ["pupil.code wrong-code"])
        #expect(AgreedFields(lines: [agreed]).findings(now: [other]).first?.found == "GR → 9")
    }

    @Test func `a field that is given without having been agreed is told, for a system that something was agreed of`() {
        let new = Self.line("number", from: "civicNo.value")
        #expect(self.flaws([Self.line("name")], [Self.line("name"), new]) == ["pupil.number not-agreed"])
        #expect(self.flaws([Self.line("name", system: "tempus")], [new]) == [])
    }

    @Test func `what was agreed of systems that aren't in use is no finding`() {
        #expect(self.flaws([Self.line("name"), Self.line("name", system: "tempus")], [Self.line("name")]) == [])
    }
}
