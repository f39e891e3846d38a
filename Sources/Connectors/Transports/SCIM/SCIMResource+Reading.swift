import Foundation
import Mapping
import SchoolRecords

extension SCIMResource {
    /// The setting `resources`.
    static func read(_ reader: inout SettingsReader) -> [SCIMResource] {
        guard let elements = reader.value("resources")?.arrayValue, !elements.isEmpty else {
            reader.complain("resources", "must be a list of one resource or more, each with kind, path, schemas and body")
            return []
        }
        var kinds: Set<String> = []
        return elements.enumerated().map { position, element in
            let path = "resources[\(position)]"
            var part = SettingsReader(element)
            let resource = Self.resource(&part)
            Self.pass(part.problems, of: path, to: &reader)
            for kind in [resource.kind] + resource.lists.map(\.kind) where !kinds.insert(kind).inserted {
                reader.complain("\(path).kind", "\(kind) is there twice; a kind has one place")
            }
            return resource
        }
    }

    private static func pass(_ problems: [SettingProblem], of path: String, to reader: inout SettingsReader) {
        for problem in problems {
            reader.complain(problem.path.isEmpty ? path : "\(path).\(problem.path)", problem.message)
        }
    }

    private static func resource(_ reader: inout SettingsReader) -> SCIMResource {
        Self.allowOnly(["kind", "key", "path", "schemas", "delete", "required", "body", "lists"], &reader)
        let path = reader.text("path").trimmingCharacters(in: CharacterSet(charactersIn: "/"))
        if path.contains(where: { $0 == "?" || $0 == "#" || $0 == "{" || $0.isWhitespace }) {
            reader.complain("path", "must be a path such as Users, without query and places; the id comes after it")
        }
        let template = Self.template(&reader)
        for name in ["schemas", "id", "externalId", "meta"] where template.json[name] != nil {
            reader.complain("body", "must not hold \(name): the connector sets it")
        }
        var lists: [SCIMList] = []
        for (position, element) in (reader.value("lists")?.arrayValue ?? []).enumerated() {
            var part = SettingsReader(element)
            lists.append(Self.list(&part))
            Self.pass(part.problems, of: "lists[\(position)]", to: &reader)
        }
        let key = reader.text("key", default: "id")
        if template.fields.contains(key) { reader.complain("body", "must have no place for \(key): it is sent as externalId") }
        return SCIMResource(
            kind: reader.text("kind"), keyField: key, path: path, schemas: reader.texts("schemas"),
            isDeletable: reader.flag("delete", default: true), required: Self.required(&reader, template), body: template,
            lists: lists)
    }

    private static func list(_ reader: inout SettingsReader) -> SCIMList {
        Self.allowOnly(["kind", "of", "key", "path", "required", "body"], &reader)
        let template = Self.template(&reader, allowsText: true)
        let object = reader.text("of")
        let key = reader.texts("key")
        if !key.isEmpty, !key.contains(object) { reader.complain("key", "must have the field \(object) among its fields") }
        for field in key where field != object && !template.fields.contains(field) {
            reader.complain("key", "\(field) has no place in body")
        }
        if template.fields.contains(object) {
            reader.complain("body", "must have no place for \(object): it says whose list it is")
        }
        return SCIMList(
            kind: reader.text("kind"), object: object, key: key, path: reader.texts("path"),
            required: Self.required(&reader, template), body: template)
    }

    private static func required(_ reader: inout SettingsReader, _ template: SCIMTemplate) -> [String] {
        let required = reader.value("required") == nil ? [] : reader.texts("required")
        for field in required where !template.fields.contains(field) {
            reader.complain("required", "\(field) has no place in body")
        }
        return required
    }

    /// - Parameter allowsText: whether it may be a place alone, for a list of texts.
    private static func template(_ reader: inout SettingsReader, allowsText: Bool = false) -> SCIMTemplate {
        let body = reader.value("body") ?? .null
        let isText = allowsText && body.stringValue.flatMap { BodyPlace($0) } != nil
        if !isText, body.objectValue?.isEmpty ?? true {
            reader.complain("body", "must be names with values, as the system takes them")
        }
        BodyTemplate.complain(about: body, "body", &reader)
        return SCIMTemplate(body)
    }

    private static func allowOnly(_ names: [String], _ reader: inout SettingsReader) {
        for name in (reader.value("")?.objectValue ?? [:]).keys.sorted() where !names.contains(name) {
            reader.complain(name, "is no setting; known are \(names.joined(separator: ", "))")
        }
    }
}
