package import SchoolRecords

/// A place in the template of a JSON body where a field of a row goes: a text that is `{field}` or `{field:type}`.
package struct BodyPlace: Sendable, Hashable {
    /// What the field's text becomes in JSON.
    package enum Form: String, Sendable, CaseIterable {
        case text
        case integer
        case number
        case boolean
        /// JSON as it stands in the text, for lists and objects.
        case json
    }

    package let field: String
    package let form: Form

    /// `nil` for a text that is no place.
    package init?(_ text: String) {
        guard text.hasPrefix("{"), text.hasSuffix("}"), text.utf8.count > 2 else { return nil }
        let parts = text.dropFirst().dropLast().split(separator: ":", omittingEmptySubsequences: false)
        guard let field = parts.first, !field.isEmpty, parts.count <= 2,
            let form = parts.count == 1 ? .text : Form(rawValue: String(parts[1])),
            !field.contains(where: { $0 == "{" || $0 == "}" || $0.isWhitespace })
        else { return nil }
        self.field = String(field)
        self.form = form
    }

    /// The places in a template.
    package static func all(in template: JSONValue) -> Set<BodyPlace> {
        switch template {
        case .string(let text): Set([BodyPlace(text)].compactMap { $0 })
        case .array(let elements): elements.reduce(into: []) { $0.formUnion(self.all(in: $1)) }
        case .object(let members): members.values.reduce(into: []) { $0.formUnion(self.all(in: $1)) }
        default: []
        }
    }
}
