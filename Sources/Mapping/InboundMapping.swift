public import SchoolRecords

/// Translates a source's documents of one entity into normalised records.
public struct InboundMapping: Sendable {
    /// The mapping file, relative to the mappings' directory.
    public var file: String { self.frame.file }
    let frame: MappingFrame
    let fields: [(name: String, rule: FieldRule)]

    /// Translates one document. Only fields that the file names come through.
    ///
    /// The same document, day and file always give the same record.
    ///
    /// - Parameter today: what `today` and `current` mean in the file.
    /// - Returns: the record, or `nil` when the file's `when` says that it isn't for the hub.
    /// - Throws: ``MappingFailure`` naming the line of the file.
    public func apply(_ document: JSONValue, today: CalendarDate) throws(MappingFailure) -> JSONValue? {
        try self.run(Evaluation(self.frame, record: JSONDocument(document), today: today, lookedUp: [:]))
    }

    /// The one way through a mapping, for those who want a record and for those who want it explained.
    func run(_ evaluation: Evaluation) throws(MappingFailure) -> JSONValue? {
        if let when = self.frame.when, !evaluation.holds(when) {
            evaluation.trace?.notForSystem()
            return nil
        }
        for rule in self.frame.lets {
            evaluation.bind(rule.slot, try evaluation.value(of: rule.expression))
            evaluation.trace?.named(rule.slot, at: rule.name)
        }
        evaluation.trace?.namesEnd()
        return try Self.object(self.fields, evaluation) ?? .object([:])
    }

    /// `nil` when nothing of it has a value, or when an element can't be without something it lacks.
    private static func object(
        _ fields: [(name: String, rule: FieldRule)], _ evaluation: Evaluation
    ) throws(MappingFailure) -> JSONValue? {
        var members = JSONObject()
        for (name, rule) in fields {
            switch rule {
            case .value(let expression):
                if let value = try evaluation.value(of: expression) {
                    members[name] = value.scalar
                } else if case .row = expression.requirement {
                    return nil
                }
            case .object(let inner): members[name] = try Self.object(inner, evaluation)
            case .list(let each, let element): members[name] = try Self.list(each, element, evaluation)
            }
        }
        return members.isEmpty ? nil : .object(members)
    }

    private static func list(
        _ each: EachRule, _ element: FieldRule, _ evaluation: Evaluation
    ) throws(MappingFailure) -> JSONValue? {
        var elements: [JSONValue] = []
        for found in try evaluation.harvest(.elements, each.path).elements {
            for value in each.values(of: found.value) {
                evaluation.bind(each.slot, value)
                if let place = found.place { evaluation.trace?.named(each.slot, at: place) }
                switch element {
                case .value(let expression):
                    if let value = try evaluation.value(of: expression) { elements.append(value.scalar) }
                case .object(let fields):
                    if let object = try Self.object(fields, evaluation) { elements.append(object) }
                case .list: break
                }
            }
        }
        return elements.isEmpty ? nil : .array(elements)
    }
}
