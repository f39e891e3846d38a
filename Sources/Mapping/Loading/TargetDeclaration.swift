import SchoolRecords

/// What a system's `system.yaml` says about the rows it takes, so that a mapping can be held against it.
struct TargetDeclaration {
    struct Kind {
        /// `nil` when any field may be given.
        var fields: [String]?
        var required: [String]
    }

    /// `nil` when the file declares no rows.
    let kinds: [String: Kind]?

    /// From `objects.rows` (ordered field names; `""` and `<type>` are no fields), `objects.required`, and
    /// `relations.types`, whose rows have the fields `from` and `to`; from `resources` and their `lists`, whose fields are the places in
    /// their `body`; and from `files` with a `kind`, whose fields are their `columns` and
    /// what they are grouped by.
    init(_ settings: JSONValue) {
        var kinds: [String: Kind] = [:]
        let required = settings["objects"]?["required"]
        for (name, fields) in settings["objects"]?["rows"]?.objectValue ?? [:] {
            let names = (fields.arrayValue ?? []).compactMap(\.stringValue).filter { !$0.isEmpty && $0 != "<type>" }
            kinds[name] = Kind(fields: names, required: (required?[name]?.arrayValue ?? []).compactMap(\.stringValue))
        }
        for type in settings["relations"]?["types"]?.arrayValue ?? [] {
            if let name = type.stringValue { kinds[name] = Kind(fields: ["from", "to"], required: ["from", "to"]) }
        }
        for resource in settings["resources"]?.arrayValue ?? [] {
            guard let name = resource["kind"]?.stringValue, let body = resource["body"] else { continue }
            // In SCIM the key is outside of the body.
            let key = resource["schemas"] == nil ? [] : [resource["key"]?.stringValue ?? "id"]
            kinds[name] = Kind(
                fields: (BodyPlace.all(in: body).map(\.field) + key).sorted(),
                required: (resource["required"]?.arrayValue ?? []).compactMap(\.stringValue))
            for list in resource["lists"]?.arrayValue ?? [] {
                guard let name = list["kind"]?.stringValue, let body = list["body"] else { continue }
                let object = [list["of"]?.stringValue].compactMap { $0 }
                kinds[name] = Kind(
                    fields: (BodyPlace.all(in: body).map(\.field) + object).sorted(),
                    required: object + (list["required"]?.arrayValue ?? []).compactMap(\.stringValue))
            }
        }
        for file in settings["files"]?.arrayValue ?? [] {
            guard let name = file["kind"]?.stringValue else { continue }
            let columns = (file["columns"]?.arrayValue ?? []).compactMap(\.stringValue).filter { !$0.isEmpty }
            // What divides rows between files needn't stand in them.
            let group = file["group_by"]?.stringValue.map { columns.contains($0) ? [] : [$0] } ?? []
            kinds[name] = Kind(
                fields: columns + group,
                required: (file["required"]?.arrayValue ?? []).compactMap(\.stringValue))
        }
        self.kinds = kinds.isEmpty ? nil : kinds
    }
}
