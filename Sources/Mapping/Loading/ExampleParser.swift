import SchoolRecords

/// Reads `examples:`.
struct ExampleParser {
    /// The day on which examples are run unless they name one.
    static let today = CalendarDate(year: 2026, month: 9, day: 1)

    static let keys = ["name", "today", "input", "output", "failure"] + keysOfTargets
    private static let keysOfTargets = ["looked_up", "waits_for", "withheld"]

    let system: String
    let direction: SystemDescription.Direction
    let entity: Entity
    let diagnostics: Diagnostics

    func parse(_ node: YAMLNode?, in root: YAMLNode) -> [Example] {
        guard let node else {
            self.diagnostics.warning(
                "the file has no examples", at: root.position, hint: "an example shows what goes in and what comes out")
            return []
        }
        guard let elements = node.elements else {
            self.diagnostics.error("'examples' is a list", at: node.position)
            return []
        }
        return elements.compactMap(self.example)
    }

    private func example(_ node: YAMLNode) -> Example? {
        guard node.pairs != nil else {
            self.diagnostics.error("an example is a mapping with input and output", at: node.position)
            return nil
        }
        let isTarget = self.direction == .target
        self.diagnostics.checkKeys(
            of: node,
            allowed: Self.keys.filter { isTarget || !Self.keysOfTargets.contains($0) },
            in: "an example")
        guard let input = node["input"], input.pairs != nil else {
            self.diagnostics.error("the example has no input", at: node.position)
            return nil
        }
        var today = Self.today
        if let day = node["today"] {
            guard let date = day.text.flatMap({ CalendarDate($0) }) else {
                self.diagnostics.error("'today' is no date of the form yyyy-MM-dd", at: day.position)
                return nil
            }
            today = date
        }
        guard let expectation = self.expectation(node), let lookedUp = self.lookedUp(node["looked_up"]) else { return nil }
        return Example(
            system: self.system, direction: self.direction, entity: self.entity, name: node["name"]?.text,
            position: node.position, today: today, input: input.json, lookedUp: lookedUp, expectation: expectation,
            waitsFor: node["waits_for"].map { self.keys($0) }, withheld: node["withheld"].map { self.keys($0) })
    }

    private func expectation(_ node: YAMLNode) -> Example.Expectation? {
        switch (node["output"], node["failure"]) {
        case (nil, let failure?):
            guard let code = failure.text else {
                self.diagnostics.error("'failure' is a failure's code, e.g. mandatory-missing", at: failure.position)
                return nil
            }
            return .failure(code)
        case (let output?, nil):
            if output.text == "nothing" || output.elements?.isEmpty == true { return .nothing }
            guard self.direction == .target else {
                guard output.pairs != nil else {
                    self.diagnostics.error("'output' is a record, or the word nothing", at: output.position)
                    return nil
                }
                return .record(output.json)
            }
            guard let elements = output.elements else {
                self.diagnostics.error("'output' is a list of rows, or the word nothing", at: output.position)
                return nil
            }
            let rows = elements.map(self.row)
            return rows.contains { $0 == nil } ? nil : .rows(rows.compactMap { $0 })
        default:
            self.diagnostics.error("an example has either 'output' or 'failure'", at: node.position)
            return nil
        }
    }

    /// `kind: {field: text, …}`
    private func row(_ node: YAMLNode) -> Example.ExpectedRow? {
        guard let pairs = node.pairs, pairs.count == 1, let kind = pairs[0].key.text, let fields = pairs[0].value.pairs,
            fields.allSatisfy({ $0.value.text != nil })
        else {
            self.diagnostics.error("a row is written as kind: {field: text, …}", at: node.position)
            return nil
        }
        return Example.ExpectedRow(
            kind: kind,
            fields: Dictionary(fields.map { ($0.key.text ?? "", $0.value.text ?? "") }, uniquingKeysWith: { first, _ in first }))
    }

    private func lookedUp(_ node: YAMLNode?) -> [RecordKey: LookedUp]? {
        guard let node else { return [:] }
        guard let pairs = node.pairs else {
            self.diagnostics.error("'looked_up' is a mapping of entity/id to records, missing or withheld", at: node.position)
            return nil
        }
        var lookedUp: [RecordKey: LookedUp] = [:]
        for (key, value) in pairs {
            guard let record = self.key(key) else { return nil }
            switch value.text {
            case "missing": lookedUp[record] = .missing
            case "withheld": lookedUp[record] = .withheld
            case nil where value.pairs != nil: lookedUp[record] = .found(value.json)
            default:
                self.diagnostics.error("a record, missing or withheld is expected", at: value.position)
                return nil
            }
        }
        return lookedUp
    }

    private func keys(_ node: YAMLNode) -> Set<RecordKey> { Set((node.elements ?? [node]).compactMap(self.key)) }

    private func key(_ node: YAMLNode) -> RecordKey? {
        let parts = (node.text ?? "").split(separator: "/", maxSplits: 1)
        guard parts.count == 2, let entity = Entity(rawValue: String(parts[0])) else {
            self.diagnostics.error(
                "a record is named entity/id", at: node.position,
                hint: "entities: \(Entity.allCases.map(\.rawValue).joined(separator: ", "))")
            return nil
        }
        return RecordKey(entity, String(parts[1]))
    }
}
