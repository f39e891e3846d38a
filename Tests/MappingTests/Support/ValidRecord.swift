import TestChance
import SchoolRecords

/// Records that the standard takes, made from their shape: most fields there, most of what has dates in force today.
enum ValidRecord {
    static func of(_ shape: RecordShape, _ random: inout SeededRandom) -> JSONValue {
        var members: [String: JSONValue] = [:]
        for (name, field) in shape.fields.sorted(by: { $0.key < $1.key })
        where shape.required.contains(name) || Int.random(in: 0..<5, using: &random) > 0 {
            members[name] =
                shape.name == "CivicNumber" && name == "value"
                ? .string("20130101TF\(Int.random(in: 10...99, using: &random))")
                : Self.value(name, field, shape.forms[name], &random)
        }
        return .object(members)
    }

    private static func value(_ name: String, _ field: FieldShape, _ form: FieldForm?, _ random: inout SeededRandom) -> JSONValue
    {
        switch field {
        case .text: return .string(Self.text(form, &random))
        case .integer:
            if case .range(let range)? = form { return .integer(Int64(Int.random(in: range, using: &random))) }
            return .integer(.random(in: 0...100, using: &random))
        case .boolean: return .bool(.random(using: &random))
        case .date:
            let years = name.hasPrefix("start") ? 2024...2025 : name.hasPrefix("end") ? 2027...2028 : 2000...2030
            let date = CalendarDate(
                year: .random(in: years, using: &random), month: .random(in: 1...12, using: &random),
                day: .random(in: 1...28, using: &random))
            return .string(date.description)
        case .list(let element):
            return .array(
                (0..<Int.random(in: 1...3, using: &random)).map { _ in Self.value(name, element, form, &random) })
        case .object, .reference: return field.fields.map { Self.of($0, &random) } ?? .null
        }
    }

    private static func text(_ form: FieldForm?, _ random: inout SeededRandom) -> String {
        switch form {
        case .id: "id-\(Int.random(in: 0...999, using: &random))"
        case .code(_, let values), .openCode(let values): values.randomElement(using: &random) ?? ""
        case .moment: "2026-09-0\(Int.random(in: 1...9, using: &random))T12:30:00+02:00"
        case .timeOfDay: "0\(Int.random(in: 0...9, using: &random)):45"
        case .range, nil: ["Prov", "Text \"å\"", "1234 5", "a\tb|c"].randomElement(using: &random) ?? ""
        }
    }
}
