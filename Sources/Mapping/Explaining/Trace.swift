import SchoolRecords

/// Listens to an evaluation and writes its explanation. The evaluation is the one that every record goes through; with a
/// trace it does nothing else, it only tells.
final class Trace {
    private(set) var explanation: Explanation
    /// The place in the record that the evaluation is at.
    private var trail: [String] = []
    private var places: [Int: String] = [:]
    private var open: [ExplainedField] = []
    private var row: ExplainedRow?

    init(_ frame: MappingFrame, today: String) {
        self.explanation = Explanation(system: frame.system, entity: frame.entity.rawValue, file: frame.file, today: today)
    }

    // MARK: Places

    /// The way from the record's root, e.g. `enrolments[1].schoolYear`.
    var place: String {
        let text = self.trail.joined()
        return text.hasPrefix(".") ? String(text.dropFirst()) : text
    }

    func enter(_ step: String) { self.trail.append(step) }
    func leave() { self.trail.removeLast() }

    /// Begins a path; the trail so far is given back to be restored.
    func begin(_ root: RecordPath.Root) -> [String] {
        let saved = self.trail
        self.trail =
            switch root {
            case .record: []
            case .slot(let slot): [self.places[slot] ?? ""]
            }
        return saved
    }

    func restore(_ trail: [String]) { self.trail = trail }

    func named(_ slot: Int, at place: String) { self.places[slot] = place }

    /// The way to a value is closed by a record that isn't at hand.
    func blocked(by key: RecordKey, isWithheld: Bool) { self.block = (isWithheld ? "withheld" : "waits", key.description) }

    /// What closed the way last.
    private var block: (code: String, what: String)?

    // MARK: Values

    func begin(_ expression: Expression) {
        let place = expression.position
        self.open.append(
            ExplainedField(
                name: expression.field, rule: "\(place.file):\(place.line):\(place.column)", source: expression.sourceText))
    }

    func found() { self.change { $0.found.append(self.place) } }

    func step(_ rule: String, row: String? = nil, _ value: JSONValue?) {
        self.change { $0.steps.append(.init(rule: rule, row: row, value: value.flatMap(Evaluation.text))) }
    }

    func because(_ code: String, _ what: String, _ position: Position) {
        let reason = Explanation.Reason(code: code, what: what, place: "\(position.file):\(position.line)")
        if self.open.isEmpty {
            if self.row != nil { self.row?.reason = reason } else { self.explanation.reason = reason }
        } else {
            self.change { $0.reason = reason }
        }
    }

    private func change(_ body: (inout ExplainedField) -> Void) {
        guard !self.open.isEmpty else { return }
        body(&self.open[self.open.count - 1])
    }

    func end(_ value: JSONValue?, isBlocked: Bool = false) {
        guard var field = self.open.popLast() else { return }
        field.value = value.flatMap(Evaluation.text)
        if isBlocked, value == nil, field.reason == nil, let block = self.block {
            field.reason = .init(code: block.code, what: block.what, place: field.rule)
        }
        if !self.open.isEmpty {
            self.change { $0.tried.append(field) }
        } else if self.row != nil {
            self.row?.fields.append(field)
        } else {
            self.explanation.fields.append(field)
        }
    }

    /// What was told as fields so far was about names.
    func namesEnd() {
        self.explanation.names = self.explanation.fields
        self.explanation.fields = []
    }

    // MARK: Rows

    func begin(_ rule: RowRule) {
        var row = ExplainedRow(kind: rule.kind, rule: "\(rule.position.file):\(rule.position.line)")
        for each in rule.each { row.at[each.name] = self.places[each.slot] }
        self.row = row
    }

    /// There was nothing to go through.
    func nothing(in each: EachRule, of rule: RowRule) {
        self.begin(rule)
        self.because("empty-list", each.path.text, rule.position)
        self.end(.leftOut)
    }

    func end(_ outcome: ExplainedRow.Outcome, key: String? = nil, isBlocked: Bool = false) {
        guard var row = self.row else { return }
        if isBlocked, let block = self.block { row.reason = .init(code: block.code, what: block.what, place: row.rule) }
        row.outcome = outcome
        row.key = key
        if outcome == .leftOut, row.reason == nil {
            row.reason = row.fields.lazy.compactMap(\.reason).first { $0.code == "waits" || $0.code == "withheld" }
        }
        self.explanation.rows.append(row)
        self.row = nil
    }

    func held(_ until: String, _ rule: RowRule) { self.because("future", until, rule.position) }

    // MARK: The whole

    func notForSystem() { self.explanation.outcome = .notForSystem }

    func failed(_ failure: MappingFailure) {
        while !self.open.isEmpty { self.end(nil) }
        if self.row != nil { self.end(.leftOut) }
        self.explanation.outcome = .failed
        self.explanation.failure = .init(
            code: failure.code, field: failure.field, place: "\(failure.file):\(failure.line):\(failure.column)",
            message: failure.message, runbook: failure.runbook)
    }

    func references(missing: Set<RecordKey>, withheld: Set<RecordKey>) {
        self.explanation.waitsFor = missing.sorted().map(\.description)
        self.explanation.withheld = withheld.sorted().map(\.description)
    }
}
