import SchoolRecords

/// A body's template whose references carry their address: `{value: "{unit}", $ref: SchoolUnits}` becomes
/// `{"value": "…", "$ref": "SchoolUnits/…"}`. Read back, a `$ref` is passed over: a server may write it otherwise or not at all.
struct SCIMTemplate: Sendable, Hashable {
    private static let reference = "$ref"

    /// With its references.
    let json: JSONValue
    private let plain: BodyTemplate

    init(_ json: JSONValue) {
        self.json = json
        self.plain = BodyTemplate(Self.withoutReferences(json))
    }

    /// The names of the fields that have a place.
    var fields: Set<String> { self.plain.fields }

    /// The fields that a body was filled with; `nil` when a fixed part of it is another than the template's.
    func fields(of body: JSONValue) -> [String: String]? { self.plain.fields(of: body) }

    /// The body without references, for comparing.
    func plain(_ fields: [String: String]) throws(BodyTemplate.Misfit) -> JSONValue { try self.plain.filled(fields) }

    /// The body as it is sent.
    func filled(_ fields: [String: String]) throws(BodyTemplate.Misfit) -> JSONValue {
        Self.withReferences(try self.plain(fields), self.json)
    }

    private static func withoutReferences(_ json: JSONValue) -> JSONValue {
        switch json {
        case .array(let elements): .array(elements.map(self.withoutReferences))
        case .object(let members):
            .object(members.filter { $0.key != self.reference }.mapValues(self.withoutReferences))
        default: json
        }
    }

    /// Elements that were left out would shift those after them, but only whole lists of one kind of element are ever left out.
    private static func withReferences(_ filled: JSONValue, _ template: JSONValue) -> JSONValue {
        switch (filled, template) {
        case (.array(let elements), .array(let templates)) where elements.count == templates.count:
            return .array(zip(elements, templates).map(self.withReferences))
        case (.object(var members), .object(let templates)):
            for (name, member) in members {
                if let template = templates[name] { members[name] = self.withReferences(member, template) }
            }
            if let path = templates[self.reference]?.stringValue, let value = members["value"]?.stringValue {
                members[self.reference] = .string("\(path)/\(value)")
            }
            return .object(members)
        default: return filled
        }
    }
}
