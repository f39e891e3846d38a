import Foundation
import Hub
import SchoolRecords

/// What a value of the API may be: the schema that the contract tells, and the check that the hub makes by it.
indirect enum APIKind: Sendable {
    /// - Parameters:
    ///   - least: characters (Unicode scalars).
    ///   - isWord: whether there must be something else in it than white space.
    case text(least: Int = 0, most: Int = 200, isWord: Bool = false)
    case choice([String])
    case integer(ClosedRange<Int64>)
    /// From 0 to 1.
    case share
    case number
    case boolean
    /// RFC 3339 in UTC.
    case instant
    case list(of: APIKind, most: Int? = nil)
    /// Any name → a value.
    case map(of: APIKind)
    case object([APIField])
    /// An object that the contract calls by a name.
    case shape(String, [APIField])
    /// Any JSON value.
    case any

    /// A word that a person wrote: not empty, and short.
    static let reason = APIKind.text(least: 1, most: 500, isWord: true)
    static let id = APIKind.text(least: 1, most: 200, isWord: true)
    static let number64 = APIKind.integer(1...Int64.max)
    static let count = APIKind.integer(0...Int64.max)

    var schema: JSONValue {
        switch self {
        case .text(let least, let most, let isWord):
            var schema: [String: JSONValue] = ["type": "string", "maxLength": .integer(Int64(most))]
            if least > 0 { schema["minLength"] = .integer(Int64(least)) }
            if isWord { schema["pattern"] = "\\S" }
            return .object(schema)
        case .choice(let names): return ["type": "string", "enum": .array(names.map { .string($0) })]
        case .integer(let range):
            var schema: [String: JSONValue] = ["type": "integer", "format": "int64", "minimum": .integer(range.lowerBound)]
            schema["maximum"] = .integer(range.upperBound)
            return .object(schema)
        case .share: return ["type": "number", "minimum": .integer(0), "maximum": .integer(1)]
        case .number: return ["type": "number"]
        case .boolean: return ["type": "boolean"]
        case .instant: return ["type": "string", "format": "date-time"]
        case .list(let kind, let most):
            var schema: [String: JSONValue] = ["type": "array", "items": kind.schema]
            if let most { schema["maxItems"] = .integer(Int64(most)) }
            return .object(schema)
        case .map(let kind): return ["type": "object", "additionalProperties": kind.schema]
        case .object(let fields): return APIField.schema(of: fields, isClosed: false)
        case .shape(let name, _): return ["$ref": .string("#/components/schemas/\(name)")]
        // The schema `true` says the same; not every tool knows it.
        case .any: return [:]
        }
    }

    /// The named shapes that it speaks of, with all that these speak of.
    var shapes: [String: [APIField]] {
        switch self {
        case .list(let kind, _), .map(let kind): return kind.shapes
        case .object(let fields):
            return fields.reduce(into: [:]) { $0.merge($1.kind.shapes) { first, _ in first } }
        case .shape(let name, let fields):
            return fields.reduce(into: [name: fields]) { $0.merge($1.kind.shapes) { first, _ in first } }
        default: return [:]
        }
    }

    /// What is wrong with a value that somebody sent.
    ///
    /// - Parameter pointer: where it stands (RFC 6901).
    func faults(in value: JSONValue, at pointer: String) -> [APIFault] {
        func wrong(_ sv: String, _ en: String) -> [APIFault] { [APIFault(pointer: pointer, sv: sv, en: en)] }
        switch self {
        case .text(let least, let most, let isWord):
            guard let text = value.stringValue else { return wrong("ska vara en text", "must be a text") }
            guard (least...most).contains(text.unicodeScalars.count) else {
                return wrong("ska ha \(least) till \(most) tecken", "must have \(least) to \(most) characters")
            }
            guard !isWord || !text.allSatisfy(\.isWhitespace) else { return wrong("får inte vara tom", "must not be empty") }
            return []
        case .choice(let names):
            guard let text = value.stringValue, names.contains(text) else {
                let all = names.joined(separator: ", ")
                return wrong("ska vara en av \(all)", "must be one of \(all)")
            }
            return []
        case .integer(let range):
            guard let number = value.integerValue, range.contains(number) else {
                return wrong(
                    "ska vara ett heltal från \(range.lowerBound) till \(range.upperBound)",
                    "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
            }
            return []
        case .boolean: return value.boolValue == nil ? wrong("ska vara true eller false", "must be true or false") : []
        case .instant:
            return value.stringValue.flatMap(RFC3339.date) == nil
                ? wrong("ska vara en tid enligt RFC 3339", "must be a time as RFC 3339 has it") : []
        case .list(let kind, let most):
            guard let elements = value.arrayValue else { return wrong("ska vara en lista", "must be a list") }
            if let most, elements.count > most { return wrong("får ha högst \(most)", "must have at most \(most)") }
            return elements.enumerated().flatMap { kind.faults(in: $1, at: "\(pointer)/\($0)") }
        case .object(let fields), .shape(_, let fields): return APIField.faults(in: value, of: fields, at: pointer)
        case .share, .number, .map, .any: return []
        }
    }

    /// A value that stands in an address, which knows texts alone.
    func value(of text: String) -> JSONValue? {
        switch self {
        case .integer: Int64(text).flatMap { String($0) == text ? .integer($0) : nil }
        case .boolean: text == "true" ? true : text == "false" ? false : nil
        default: .string(text)
        }
    }
}

/// A member of an object, or a parameter.
struct APIField: Sendable {
    let name: String
    let kind: APIKind
    var isRequired = false
    let note: String

    init(_ name: String, _ kind: APIKind, isRequired: Bool = false, _ note: String) {
        self.name = name
        self.kind = kind
        self.isRequired = isRequired
        self.note = note
    }

    /// - Parameter isClosed: whether there may be no other members. What the hub answers may have more in a later version.
    static func schema(of fields: [APIField], isClosed: Bool) -> JSONValue {
        var properties: [String: JSONValue] = [:]
        for field in fields {
            var schema = field.kind.schema
            // Beside a reference a description of its own stands since OpenAPI 3.1.
            if case .object(var members) = schema {
                members["description"] = .string(field.note)
                schema = .object(members)
            }
            properties[field.name] = schema
        }
        var schema: [String: JSONValue] = ["type": "object", "properties": .object(properties)]
        let required = fields.filter(\.isRequired).map(\.name)
        if !required.isEmpty { schema["required"] = .array(required.map { .string($0) }) }
        if isClosed { schema["additionalProperties"] = false }
        return .object(schema)
    }

    /// What is wrong with an object that somebody sent: members that there aren't are as wrong as missing ones.
    static func faults(in value: JSONValue, of fields: [APIField], at pointer: String) -> [APIFault] {
        guard let object = value.objectValue else {
            return [APIFault(pointer: pointer, sv: "ska vara ett objekt", en: "must be an object")]
        }
        var faults: [APIFault] = []
        let names = Set(fields.map(\.name))
        for (name, _) in object where !names.contains(name) {
            faults.append(
                APIFault(
                    pointer: "\(pointer)/\(APIFault.escaped(name))", sv: "finns inte här",
                    en: "is nothing that may stand here"))
        }
        for field in fields {
            let place = "\(pointer)/\(field.name)"
            if let value = object[field.name] {
                faults += field.kind.faults(in: value, at: place)
            } else if field.isRequired {
                faults.append(APIFault(pointer: place, sv: "saknas", en: "is missing"))
            }
        }
        return faults
    }
}
