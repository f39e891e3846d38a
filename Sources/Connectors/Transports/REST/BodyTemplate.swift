import Foundation
import Mapping
import SchoolRecords

/// The JSON body of one kind of row, with places for its fields: the same template fills bodies and reads them back.
///
/// ```yaml
/// student: {id: "{student}"}
/// minutes: "{minutes:integer}"
/// type: Anmäld frånvaro
/// ```
struct BodyTemplate: Sendable, Hashable {
    /// A field whose text is none of the form that its place asks for. Holds no value.
    struct Misfit: Error, Hashable {
        let field: String
        let form: BodyPlace.Form
    }

    let json: JSONValue
    /// The names of the fields that have a place.
    let fields: Set<String>

    init(_ json: JSONValue) {
        self.json = json
        self.fields = Set(BodyPlace.all(in: json).map(\.field))
    }

    // MARK: Filling

    /// The body of a row. A place whose field the row lacks is left out, and with it an object or a list of nothing but such
    /// places.
    func filled(_ fields: [String: String]) throws(Misfit) -> JSONValue {
        try Self.filled(self.json, fields) ?? [:]
    }

    private static func filled(_ template: JSONValue, _ fields: [String: String]) throws(Misfit) -> JSONValue? {
        switch template {
        case .string(let text):
            guard let place = BodyPlace(text) else { return template }
            return try fields[place.field].map { text throws(Misfit) in try self.value(text, place) }
        case .array(let elements):
            var filled: [JSONValue] = []
            for element in elements { if let value = try self.filled(element, fields) { filled.append(value) } }
            return filled.isEmpty && !elements.isEmpty ? nil : .array(filled)
        case .object(let members):
            var filled: [String: JSONValue] = [:]
            for (name, member) in members { filled[name] = try self.filled(member, fields) }
            return filled.isEmpty && !members.isEmpty ? nil : .object(filled)
        default: return template
        }
    }

    private static func value(_ text: String, _ place: BodyPlace) throws(Misfit) -> JSONValue {
        let value: JSONValue? =
            switch place.form {
            case .text: .string(text)
            case .integer: Int64(text).map(JSONValue.integer)
            case .number: Int64(text).map(JSONValue.integer) ?? Double(text).flatMap { $0.isFinite ? .number($0) : nil }
            case .boolean: Bool(text).map(JSONValue.bool)
            case .json: try? JSONValue(parsing: Data(text.utf8))
            }
        guard let value else { throw Misfit(field: place.field, form: place.form) }
        return value
    }

    // MARK: Reading back

    /// The fields that a body was filled with; `nil` when a fixed part of it is another than the template's.
    func fields(of body: JSONValue) -> [String: String]? {
        var fields: [String: String] = [:]
        return Self.read(self.json, body, into: &fields) ? fields : nil
    }

    private static func read(_ template: JSONValue, _ value: JSONValue?, into fields: inout [String: String]) -> Bool {
        let value = value.flatMap { $0.isNull ? nil : $0 }
        switch template {
        case .string(let text):
            guard let place = BodyPlace(text) else { return value == template }
            fields[place.field] = value.flatMap { self.text($0, place.form) }
            return true
        case .array(let elements):
            return elements.enumerated().allSatisfy { position, element in
                let list = value?.arrayValue ?? []
                return self.read(element, position < list.count ? list[position] : nil, into: &fields)
            }
        case .object(let members):
            return members.allSatisfy { name, member in self.read(member, value?[name], into: &fields) }
        default: return value == (template.isNull ? nil : template)
        }
    }

    private static func text(_ value: JSONValue, _ form: BodyPlace.Form) -> String? {
        if form == .json { return String(decoding: value.canonicalData, as: UTF8.self) }
        return switch value {
        case .string(let text): text
        case .integer(let number): String(number)
        case .number(let number): String(number)
        case .bool(let flag): String(flag)
        default: nil
        }
    }
}
