import TestChance
import SchoolRecords

/// Documents of nonsense in the shape of records: now and then a field lacks or has another type.
enum RandomDocument {
    static func of(_ shape: FieldShape, _ random: inout SeededRandom) -> JSONValue {
        switch Int.random(in: 0..<30, using: &random) {
        case 0: return .null
        case 1: return ["x": .string(Self.secret(&random))]
        case 2: return [.string(Self.secret(&random))]
        default: break
        }
        switch shape {
        case .text:
            return Bool.random(using: &random)
                ? .string(Self.secret(&random)) : .string(Self.words.randomElement(using: &random) ?? "")
        case .integer: return .integer(.random(in: -1...1_000_000_000, using: &random))
        case .boolean: return .bool(.random(using: &random))
        case .date: return .string(["2026-08-01", "2020-01-01", "2027-01-01", "igår"].randomElement(using: &random) ?? "")
        case .list(let element):
            return .array((0..<Int.random(in: 0...3, using: &random)).map { _ in Self.of(element, &random) })
        case .object, .reference:
            var members: [String: JSONValue] = [:]
            for (name, field) in (shape.fields?.fields ?? [:]).sorted(by: { $0.key < $1.key })
            where Int.random(in: 0..<6, using: &random) > 0 {
                members[name] = Self.of(field, &random)
            }
            return .object(members)
        }
    }

    /// A document in which now and then a value has become another one, or is gone.
    static func damaged(_ json: JSONValue, _ random: inout SeededRandom) -> JSONValue {
        switch Int.random(in: 0..<40, using: &random) {
        case 0: return .null
        case 1: return ["x": .string(Self.secret(&random))]
        case 2: return [json, json]
        case 3: return .string(Self.secret(&random))
        case 4: return .number(-1.5e300)
        case 5: return .string(Self.words.randomElement(using: &random) ?? "")
        case 6: return .string("")
        default: break
        }
        switch json {
        case .array(let elements):
            return .array(elements.map { Self.damaged($0, &random) } + (Bool.random(using: &random) ? [] : elements))
        case .object(let members):
            var damaged: [String: JSONValue] = [:]
            for (name, value) in members where Int.random(in: 0..<20, using: &random) > 0 {
                damaged[name] = Self.damaged(value, &random)
            }
            return .object(damaged)
        default: return json
        }
    }

    /// A text that no file and no message has.
    private static func secret(_ random: inout SeededRandom) -> String {
        "hemlig \(UInt32.random(in: 0 ... .max, using: &random))"
    }

    private static let words = [
        "Skola", "Skolenhet", "Klass", "Avdelning", "Mentor", "Vårdnadshavare", "GR", "20130101TF01", "2752 Grundskollärare",
        "Privat",
    ]

    static func texts(in json: JSONValue) -> [String] {
        switch json {
        case .string(let text): text.hasPrefix("hemlig") || text.hasPrefix("2013") ? [text] : []
        case .array(let elements): elements.flatMap(Self.texts)
        case .object(let members): members.values.flatMap(Self.texts)
        default: []
        }
    }
}
