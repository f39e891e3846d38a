public import SchoolRecords

/// Translates normalised records of one entity into rows of a receiving system.
public struct OutboundMapping: Sendable {
    /// The mapping file, relative to the mappings' directory.
    public var file: String { self.frame.file }
    let frame: MappingFrame
    let rows: [RowRule]
    /// What becomes of what has yet to begin, for rows that say nothing of their own.
    let future: FuturePolicy
    /// The systems and flows whose records the system gets; `nil` for all.
    let sources: Set<String>?

    /// Whether the system gets records of a source. Its own it never gets back.
    public func takes(from source: String) -> Bool {
        source != self.frame.system && self.sources?.contains(source) != false
    }

    /// Whether a rule of the mapping can set this field of rows of this kind.
    public func sets(_ field: String, of kind: String) -> Bool {
        self.rows.contains { rule in rule.kind == kind && rule.fields.contains { $0.name == field } }
    }

    /// The kinds of rows that it can make.
    public var kinds: Set<String> { Set(self.rows.map(\.kind)) }

    /// Translates one record. Reads nothing by itself: other records are given, or asked for.
    ///
    /// The same record, day, look-ups and file always give the same result. A row that needs a record which is
    /// missing or withheld is left out, the others are made.
    ///
    /// - Parameters:
    ///   - today: what `today` and `current` mean in the file.
    ///   - lookedUp: every record looked up so far; begin with none.
    /// - Throws: ``MappingFailure`` naming the line of the file.
    public func apply(
        _ record: JSONDocument, today: CalendarDate, lookedUp: [RecordKey: LookedUp]
    ) throws(MappingFailure) -> OutboundResult {
        try self.run(Evaluation(self.frame, record: record, today: today, lookedUp: lookedUp))
    }

    /// The same for a record that is at hand as a value.
    public func apply(
        _ record: JSONValue, today: CalendarDate, lookedUp: [RecordKey: LookedUp]
    ) throws(MappingFailure) -> OutboundResult {
        try self.apply(JSONDocument(record), today: today, lookedUp: lookedUp)
    }

    /// The one way through a mapping, for those who want rows and for those who want them explained.
    func run(_ evaluation: Evaluation) throws(MappingFailure) -> OutboundResult {
        var rows = RowCollector()
        var isForUs = true
        evaluation.future = self.future
        if let when = self.frame.when { isForUs = evaluation.holds(when) && !evaluation.isBlocked }
        if isForUs {
            evaluation.future = .withhold
            for rule in self.frame.lets {
                evaluation.isBlocked = false
                let value = try evaluation.value(of: rule.expression)
                evaluation.bind(rule.slot, value, isBlocked: evaluation.isBlocked)
                evaluation.trace?.named(rule.slot, at: rule.name)
            }
            evaluation.trace?.namesEnd()
            let held = evaluation.heldUntil
            for rule in self.rows {
                evaluation.heldUntil = held
                try self.make(rule, 0, evaluation, &rows)
            }
        }
        if !isForUs { evaluation.trace?.notForSystem() }
        evaluation.trace?.references(missing: evaluation.missing, withheld: evaluation.withheld)
        guard evaluation.needs.isEmpty else { return .needs(evaluation.needs) }
        return .rows(
            Projection(
                rows: rows.rows, held: rows.held, references: evaluation.references, missing: evaluation.missing,
                withheld: evaluation.withheld))
    }

    private func make(
        _ rule: RowRule, _ depth: Int, _ evaluation: Evaluation, _ rows: inout RowCollector
    ) throws(MappingFailure) {
        if depth < rule.each.count {
            let each = rule.each[depth]
            evaluation.isBlocked = false
            evaluation.future = rule.future ?? self.future
            let elements = try evaluation.harvest(.elements, each.path).elements
            evaluation.future = .withhold
            var isEmpty = true
            for element in elements {
                for value in each.values(of: element.value) {
                    isEmpty = false
                    evaluation.bind(each.slot, value)
                    evaluation.heldUntil = element.heldUntil
                    if let place = element.place { evaluation.trace?.named(each.slot, at: place) }
                    try self.make(rule, depth + 1, evaluation, &rows)
                }
            }
            if isEmpty { evaluation.trace?.nothing(in: each, of: rule) }
            return
        }
        evaluation.isBlocked = false
        evaluation.trace?.begin(rule)
        if let when = rule.when {
            evaluation.future = rule.future ?? self.future
            let holds = evaluation.holds(when)
            evaluation.future = .withhold
            guard holds, !evaluation.isBlocked else {
                evaluation.trace?.end(.leftOut, isBlocked: evaluation.isBlocked)
                return
            }
        }
        var fields = rule.blank
        var isComplete = true
        var absent: [Int] = []
        for (index, (name, expression)) in rule.fields.enumerated() {
            evaluation.isBlocked = false
            if let text = try evaluation.value(of: expression)?.text {
                fields.values[rule.places[index]] = text
                continue
            }
            absent.append(index)
            if evaluation.isBlocked {
                isComplete = false
            } else if case .row = expression.requirement {
                evaluation.trace?.because("no-value", name, expression.position)
                evaluation.trace?.end(.leftOut)
                return
            }
        }
        guard isComplete else {
            evaluation.trace?.end(.leftOut)
            return
        }
        let key = rule.key(of: fields)
        if absent.count * 2 > rule.fields.count {
            fields = fields.filter { !$0.value.isEmpty }
        } else {
            for index in absent { fields[rule.fields[index].name] = nil }
        }
        let row = OutputRow(kind: rule.kind, key: key, fields: fields, line: rule.position.line)
        if let until = evaluation.heldUntil {
            rows.hold(FutureRow(row: row, until: until))
            evaluation.trace?.held(until, rule)
            evaluation.trace?.end(.held, key: key)
            return
        }
        let count = rows.rows.count
        guard rows.add(row) else {
            throw MappingFailure(
                code: .conflictingRows, system: self.frame.system, entity: self.frame.entity, file: self.file,
                line: rule.position.line, column: rule.position.column, field: rule.kind,
                message:
                    "\(self.file):\(rule.position.line): two rows of kind \(rule.kind) have the same key and different fields.")
        }
        evaluation.trace?.end(rows.rows.count == count ? .repeated : .made, key: key)
    }
}
