import Reconciliation
import SchoolRecords
import Testing

@Suite("The probe's records held against what arrives")
struct ProbeCheckTests {
    private static let lines = [
        AgreedFieldsTests.line("id", from: "id"), AgreedFieldsTests.line("name"),
        AgreedFieldsTests.line("from", from: "enrolments.startDate"),
        AgreedFieldsTests.line("phone", .converted, from: "phoneNumbers.value", steps: ["phone: national"]),
        AgreedFieldsTests.line("form", .converted, from: "enrolments.schoolType", codes: ["GR": "grund", "GY": "gymn"]),
    ]
    private static let pupil = ProbeCheck.Subject(
        name: "pupil", entity: .person,
        body: [
            "id": "p1", "familyName": "Provsson-Åström", "phoneNumbers": [["value": "+46 70-174 06 05"]],
            "enrolments": [["schoolType": "GR", "startDate": "2026-01-01"]],
        ])
    private static let whole = [
        "id": "p1", "name": "Provsson-Åström", "from": "2026-01-01", "phone": "0701740605", "form": "grund",
    ]

    private func mapped(_ fields: [String: String]?, lines: [FieldLine] = Self.lines) -> [String] {
        let check = ProbeCheck(agreed: AgreedFields(lines: lines), now: lines)
        let rows = fields.map { [HeldRow(kind: "pupil", key: "p1", fields: $0)] } ?? []
        return check.mapping(rows, of: Self.pupil, to: "vega", phase: .created)
            .map { "\($0.hop.rawValue) \($0.field ?? "-") \($0.flaw.rawValue)" }
    }

    private func changed(_ field: String, _ value: String?) -> [String: String] {
        var fields = Self.whole
        fields[field] = value
        return fields
    }

    @Test func `a row that says what the record says has nothing wrong`() {
        #expect(self.mapped(Self.whole) == [])
    }

    @Test(
        arguments: [
            ("name", nil, "mapping name field-missing"), ("name", "Provsson-Å", "mapping name shortened"),
            ("from", "2025-12-31", "mapping from date-shifted"), ("form", "gymn", "mapping form wrong-code"),
            ("phone", "0701740699", "mapping phone other-value"),
        ] as [(String, String?, String)])
    func `a mapping that loses or turns a value is found, whatever it says itself`(
        _ field: String, _ value: String?, _ finding: String
    ) {
        #expect(self.mapped(self.changed(field, value)) == [finding])
    }

    @Test func `a field of somebody of whom it wasn't agreed is told`() {
        let guardian = ProbeCheck.Subject(name: "guardian", entity: .person, body: Self.pupil.body)
        let check = ProbeCheck(agreed: AgreedFields(lines: Self.lines), now: Self.lines)
        let rows = [HeldRow(kind: "pupil", key: "p1", fields: ["id": "p1", "name": "Provsson-Åström"])]
        let told = check.mapping(rows, of: guardian, to: "vega", expecting: [], phase: .created)
        #expect(
            told.map { "\($0.field ?? "-") \($0.flaw.rawValue) \($0.found ?? "-")" } == [
                "id not-agreed guardian", "name not-agreed guardian",
            ])
    }

    @Test func `a row that the mapping doesn't make any more is missing as a whole`() {
        #expect(self.mapped(nil) == ["mapping - row-missing"])
    }

    @Test func `what was agreed to be cut is no finding, and what wasn't is`() {
        let agreed = Self.lines.map {
            $0.field == "name" ? AgreedFieldsTests.line("name", .shortened, steps: ["limit: 10"]) : $0
        }
        #expect(self.mapped(self.changed("name", "Provsson-Å"), lines: agreed) == [])
    }

    // MARK: What the system shows

    private func held(
        _ held: [String: String]?, carried: [String: String]? = Self.whole, before: [String: String] = [:],
        more: [HeldRow] = []
    ) -> [String] {
        func row(_ fields: [String: String]) -> HeldRow { HeldRow(kind: "pupil", key: "p1", fields: fields) }
        return ProbeCheck(agreed: nil, now: Self.lines).held(
            given: [row(Self.whole)], carried: carried.map { [row($0)] } ?? [], before: [row(before)],
            held: (held.map { [row($0)] } ?? []) + more, in: "vega", phase: .updated
        ).map { "\($0.hop.rawValue) \($0.field ?? "-") \($0.flaw.rawValue)" }
    }

    @Test func `what a system changes is told apart from what the connector changes`() {
        #expect(self.held(Self.whole) == [])
        #expect(self.held(self.changed("name", "PROVSSON-ÅSTRÖM")) == ["system name letter-case"])
        let carried = self.changed("name", "Provsson")
        #expect(self.held(carried, carried: carried) == ["connector name shortened"])
    }

    @Test func `a row that isn't shown, isn't changed, or is there twice is found`() {
        #expect(self.held(nil) == ["system - row-missing"])
        #expect(self.held(self.changed("name", "Förrsson"), before: ["name": "Förrsson"]) == ["system name not-updated"])
        #expect(self.held(Self.whole, more: [HeldRow(kind: "pupil", key: "p2", fields: Self.whole)]) == ["system - duplicated"])
        #expect(self.held(Self.whole, more: [HeldRow(kind: "pupil", key: "p1", fields: Self.whole)]) == ["system - duplicated"])
    }

    @Test func `a row that went with a change and is there still isn't deleted`() {
        let check = ProbeCheck(agreed: nil, now: Self.lines)
        let (new, old) = (
            HeldRow(kind: "pupil", key: "p2", fields: Self.whole), HeldRow(kind: "pupil", key: "p1", fields: Self.whole)
        )
        let told = check.held(given: [new], carried: [], before: [old], held: [new, old], in: "vega", phase: .updated)
        #expect(told.map(\.flaw) == [.notDeleted])
    }

    @Test func `what is left after a deletion is told once for each kind of row`() {
        let rows = ["p1", "p2"].map { HeldRow(kind: "pupil", key: $0, fields: [:]) }
        let left = ProbeCheck(agreed: nil, now: []).left(rows, in: "vega")
        #expect(left.map { "\($0.kind) \($0.flaw.rawValue)" } == ["pupil not-deleted"])
    }

    @Test func `of one field the first stretch on its way is told, and of a missing row no field`() {
        func finding(_ hop: ProbeFinding.Hop, _ flaw: Flaw, _ field: String?) -> ProbeFinding {
            ProbeFinding(system: "vega", hop: hop, flaw: flaw, phase: .created, kind: "pupil", field: field)
        }
        let found = ProbeFinding.first(of: [
            finding(.system, .shortened, "name"), finding(.mapping, .shortened, "name"), finding(.mapping, .rowMissing, nil),
            finding(.mapping, .fieldMissing, "from"),
        ])
        #expect(found.map { "\($0.hop.rawValue) \($0.field ?? "-")" } == ["mapping -", "mapping name"])
    }

    // MARK: The matrix

    @Test func `a cell that was never used says so, and a percentage that isn't whole never looks whole`() {
        var cell = InteropMatrix.Cell(system: "vega", entity: .person, direction: .target, isConfigured: true)
        #expect(cell.state == .neverExercised)
        cell.exercised = "2026-11-29T01:00:00.000Z"
        #expect(cell.state == .exercised && cell.failedPercent == nil)
        cell.agreement = InteropMatrix.Agreement(equal: 1999, differing: 1, at: "2026-11-29T01:00:00.000Z")
        #expect(cell.state == .differing)
        #expect(InteropMatrix(cells: [cell]).under(99.95).isEmpty && InteropMatrix(cells: [cell]).under(99.96).count == 1)
    }
}
