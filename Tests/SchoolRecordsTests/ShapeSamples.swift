import TestChance
import SchoolRecords

/// Valid records made from a shape alone: what the model says of itself, tried against what it reads and writes.
struct ShapeSamples {
    var random: SeededRandom
    /// Share of the fields that may be left out and are there, in percent.
    var share = 100

    mutating func record(_ shape: RecordShape) -> JSONValue {
        var members: [String: JSONValue] = [:]
        for (name, field) in shape.fields.sorted(by: { $0.key < $1.key })
        where shape.required.contains(name) || Int.random(in: 0..<100, using: &self.random) < self.share {
            members[name] = self.value(field, shape.forms[name])
        }
        return .object(members)
    }

    private mutating func value(_ field: FieldShape, _ form: FieldForm?) -> JSONValue {
        switch field {
        case .text: self.text(form)
        case .integer:
            if case .range(let range)? = form {
                .integer(Int64(Int.random(in: range, using: &self.random)))
            } else {
                .integer(.random(in: -1000...1_000_000, using: &self.random))
            }
        case .boolean: .bool(.random(using: &self.random))
        case .date: .string(self.date)
        case .list(let element):
            .array((0..<Int.random(in: 1...2, using: &self.random)).map { _ in self.value(element, form) })
        case .object, .reference: field.fields.map { self.record($0) } ?? .null
        }
    }

    private mutating func text(_ form: FieldForm?) -> JSONValue {
        switch form {
        case .id: .string(Samples.id(Int.random(in: 10...99, using: &self.random)))
        case .code(_, let values), .openCode(let values): .string(values.randomElement(using: &self.random) ?? "")
        case .moment: .string("\(self.date)T12:30:0\(Int.random(in: 0...9, using: &self.random)).5+02:00")
        case .timeOfDay: .string("0\(Int.random(in: 0...9, using: &self.random)):45")
        case .range, nil: .string("Text \"å\" \(Int.random(in: 0..<1000, using: &self.random))")
        }
    }

    private var date: String {
        mutating get {
            CalendarDate(
                year: Int.random(in: 1900...2100, using: &self.random), month: Int.random(in: 1...12, using: &self.random),
                day: Int.random(in: 1...31, using: &self.random)
            ).description
        }
    }
}
