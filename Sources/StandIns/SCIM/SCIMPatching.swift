import Foundation
import SchoolRecords

/// What a PATCH (RFC 7644, 3.5.2) makes of an object: `add`, `replace` and `remove` at `attribute`, `urn:…:attribute`, and
/// `attribute[value eq "…"]`.
enum SCIMPatching {
    private struct Place {
        var schema: String?
        let attribute: String
        /// The element of a list, by its `value`.
        var element: String?

        /// `nil` for a path of another form.
        init?(_ path: String) {
            var text = path
            if text.hasSuffix("]"), let bracket = text.firstIndex(of: "[") {
                let filter = String(text[text.index(after: bracket)...].dropLast())
                guard let (attribute, value) = SCIMStandIn.comparison(filter), attribute == "value" else { return nil }
                self.element = value
                text = String(text[..<bracket])
            }
            if text.hasPrefix("urn:"), let colon = text.lastIndex(of: ":") {
                self.schema = String(text[..<colon])
                text = String(text[text.index(after: colon)...])
            }
            guard !text.isEmpty, !text.contains("[") else { return nil }
            self.attribute = text
        }
    }

    /// `nil` for a body that is no PATCH, or names what isn't there.
    static func apply(_ body: Data, to object: JSONValue) -> JSONValue? {
        guard let document = try? JSONValue(parsing: body),
            document["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            let operations = document["Operations"]?.arrayValue, !operations.isEmpty
        else { return nil }
        var object = object
        for operation in operations {
            guard let path = operation["path"]?.stringValue, let place = Place(path) else { return nil }
            var part = place.schema.map { object[$0] ?? [:] } ?? object
            guard let changed = self.changed(part[place.attribute], operation, place) else { return nil }
            part[place.attribute] = changed.isNull ? nil : changed
            guard let schema = place.schema else {
                object = part
                continue
            }
            object[schema] = part.objectValue?.isEmpty ?? true ? nil : part
        }
        return object
    }

    /// What an attribute becomes, `null` for nothing.
    private static func changed(_ before: JSONValue?, _ operation: JSONValue, _ place: Place) -> JSONValue? {
        switch operation["op"]?.stringValue?.lowercased() {
        case "remove":
            guard let before else { return nil }
            guard let value = place.element else { return .null }
            let rest = (before.arrayValue ?? []).filter { $0["value"]?.stringValue != value }
            guard rest.count < before.arrayValue?.count ?? 0 else { return nil }
            return rest.isEmpty ? .null : .array(rest)
        case "add":
            guard let value = operation["value"], place.element == nil else { return nil }
            if let before = before?.arrayValue, let added = value.arrayValue { return .array(before + added) }
            return value
        case "replace":
            guard place.element == nil else { return nil }
            return operation["value"]
        default: return nil
        }
    }
}
