/// Reads the fields of one JSON object, tolerant in form and strict in meaning; knows where it is for the errors.
///
/// `null` counts as left out. A number is taken where the standard has a text and the other way round, since servers
/// differ in that (SS 12000 itself has `municipalityCode` both ways).
struct FieldReader {
    let entity: Entity
    private let path: String
    private let members: [String: JSONValue]

    init(_ json: JSONValue, entity: Entity, path: String = "") throws(RecordError) {
        guard case .object(let members) = json else {
            throw RecordError(entity: entity, field: path, problem: "is no JSON object")
        }
        self.entity = entity
        self.path = path
        self.members = members
    }

    func error(_ name: String, _ problem: String) -> RecordError {
        RecordError(entity: self.entity, field: self.path(of: name), problem: problem)
    }

    private func path(of name: String) -> String { self.path.isEmpty ? name : "\(self.path).\(name)" }

    private func value(_ name: String) -> JSONValue? {
        guard let value = self.members[name], value != .null else { return nil }
        return value
    }

    func required<Value>(_ name: String, _ value: Value?) throws(RecordError) -> Value {
        guard let value else { throw self.error(name, "is missing") }
        return value
    }

    func text(_ name: String) throws(RecordError) -> String? {
        switch self.value(name) {
        case nil: return nil
        case .string(let text): return text
        case .integer(let value): return String(value)
        default: throw self.error(name, "is no text")
        }
    }

    /// A record's id in its normal form.
    func id(_ name: String) throws(RecordError) -> String? {
        guard let text = try self.text(name) else { return nil }
        guard !text.isEmpty else { throw self.error(name, "is empty") }
        return RecordKey.normalID(text)
    }

    func integer(_ name: String) throws(RecordError) -> Int? {
        switch self.value(name) {
        case nil: return nil
        case .integer(let value): return Int(value)
        case .number(let value):
            guard let whole = Int(exactly: value) else { throw self.error(name, "is no whole number") }
            return whole
        case .string(let text):
            guard let value = Int(text) else { throw self.error(name, "is no whole number") }
            return value
        default: throw self.error(name, "is no whole number")
        }
    }

    func boolean(_ name: String) throws(RecordError) -> Bool? {
        switch self.value(name) {
        case nil: return nil
        case .bool(let value): return value
        case .string("true"), .string("True"): return true
        case .string("false"), .string("False"): return false
        default: throw self.error(name, "is neither true nor false")
        }
    }

    /// A date, also when the server writes it with a midnight (`2020-08-01T00:00:00`).
    func date(_ name: String) throws(RecordError) -> CalendarDate? {
        guard let text = try self.text(name) else { return nil }
        let rest = text.dropFirst(10)
        guard rest.isEmpty || rest.hasPrefix("T00:00:00"), let date = CalendarDate(text.prefix(10)) else {
            throw self.error(name, "is no date of the form yyyy-MM-dd")
        }
        return date
    }

    func code<Code: CodeSet>(_ name: String, _ type: Code.Type = Code.self) throws(RecordError) -> Code? {
        guard let text = try self.text(name) else { return nil }
        guard let code = Code(code: text) else { throw self.error(name, "is no value of \(Code.name)") }
        return code
    }

    func codes<Code: CodeSet>(_ name: String, _ type: Code.Type = Code.self) throws(RecordError) -> [Code]? {
        guard let elements = try self.elements(name) else { return nil }
        var codes: [Code] = []
        codes.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            guard case .string(let text) = element, let code = Code(code: text) else {
                throw self.error("\(name)[\(index)]", "is no value of \(Code.name)")
            }
            codes.append(code)
        }
        return codes
    }

    func texts(_ name: String) throws(RecordError) -> [String]? {
        guard let elements = try self.elements(name) else { return nil }
        var texts: [String] = []
        for (index, element) in elements.enumerated() {
            guard case .string(let text) = element else { throw self.error("\(name)[\(index)]", "is no text") }
            texts.append(text)
        }
        return texts
    }

    func object<Value: RecordPart>(_ name: String, _ type: Value.Type = Value.self) throws(RecordError) -> Value? {
        guard let value = self.value(name) else { return nil }
        return try Value(FieldReader(value, entity: self.entity, path: self.path(of: name)))
    }

    func list<Value: RecordPart>(_ name: String, _ type: Value.Type = Value.self) throws(RecordError) -> [Value]? {
        guard let elements = try self.elements(name) else { return nil }
        var values: [Value] = []
        values.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            values.append(
                try Value(FieldReader(element, entity: self.entity, path: "\(self.path(of: name))[\(index)]")))
        }
        return values
    }

    func marking(_ name: String) -> SecurityMarking? {
        self.value(name).map { SecurityMarking(json: $0) }
    }

    private func elements(_ name: String) throws(RecordError) -> [JSONValue]? {
        guard let value = self.value(name) else { return nil }
        guard case .array(let elements) = value else { throw self.error(name, "is no list") }
        return elements
    }
}

extension FieldReader {
    /// Four digits; a server that sends a number has lost the leading zero.
    func municipalityCode(_ name: String) throws(RecordError) -> String? {
        guard let text = try self.text(name) else { return nil }
        guard text.utf8.count < 4, !text.isEmpty, CalendarDate.number(text.utf8) != nil else { return text }
        return String(repeating: "0", count: 4 - text.utf8.count) + text
    }

    /// SS 12000: 0 to 10.
    func schoolYear(_ name: String) throws(RecordError) -> Int? {
        guard let year = try self.integer(name) else { return nil }
        guard (0...10).contains(year) else { throw self.error(name, "is not between 0 and 10") }
        return year
    }
}
