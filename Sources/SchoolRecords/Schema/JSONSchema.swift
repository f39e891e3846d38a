/// JSON Schemas (2020-12) of the records, made from the same ``RecordShape`` that reading them follows.
///
/// A schema describes the normal form: what the hub writes. It leaves room for fields that come later, at every level;
/// reading takes more than it allows (older spellings, a number for a text).
public enum JSONSchema {
    /// The dialect that all schemas are written in.
    public static let dialect = "https://json-schema.org/draft/2020-12/schema"

    /// The name of an entity's schema: `urn:knutpunkt:schema:<entity>:v1`.
    public static func id(of entity: Entity) -> String { "urn:knutpunkt:schema:\(entity.rawValue):v1" }

    /// The schema of an entity's records, whole in itself: its parts stand under `$defs`.
    public static func schema(of entity: Entity) -> JSONValue {
        var parts: [String: JSONValue] = [:]
        var schema = Self.object(entity.shape, &parts)
        schema["$schema"] = .string(Self.dialect)
        schema["$id"] = .string(Self.id(of: entity))
        schema["title"] = .string(entity.standardName)
        schema["description"] = .string(
            entity.isStandard ? "A record as SS 12000:2020 names its fields." : "A record of the hub's own.")
        if !parts.isEmpty { schema["$defs"] = .object(parts) }
        return .object(schema)
    }

    private static func object(_ shape: RecordShape, _ parts: inout [String: JSONValue]) -> [String: JSONValue] {
        var properties: [String: JSONValue] = [:]
        for (name, field) in shape.kept { properties[name] = Self.schema(of: field, shape.forms[name], &parts) }
        var schema: [String: JSONValue] = ["type": "object", "properties": .object(properties)]
        if !shape.required.isEmpty { schema["required"] = .array(shape.required.sorted().map(JSONValue.string)) }
        return schema
    }

    private static func schema(
        of field: FieldShape, _ form: FieldForm?, _ parts: inout [String: JSONValue]
    ) -> JSONValue {
        switch field {
        case .text: Self.text(form)
        case .integer: Self.integer(form)
        case .boolean: ["type": "boolean"]
        case .date: ["type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"]
        case .list(let element): ["type": "array", "items": Self.schema(of: element, form, &parts)]
        case .object(let shape): Self.part(shape, &parts)
        case .reference(let entity): Self.reference(to: entity, field, &parts)
        }
    }

    private static func part(_ shape: RecordShape, _ parts: inout [String: JSONValue]) -> JSONValue {
        if parts[shape.name] == nil { parts[shape.name] = .object(Self.object(shape, &parts)) }
        return ["$ref": .string("#/$defs/\(shape.name)")]
    }

    private static func reference(
        to entity: Entity, _ field: FieldShape, _ parts: inout [String: JSONValue]
    ) -> JSONValue {
        guard let shape = field.fields else { return ["type": "object"] }
        var schema = Self.part(shape, &parts)
        schema["description"] = .string("Points to a record of \(entity.standardName).")
        return schema
    }

    private static func text(_ form: FieldForm?) -> JSONValue {
        switch form {
        case .id: ["type": "string", "minLength": 1]
        case .code(_, let values): ["type": "string", "enum": .array(values.map(JSONValue.string))]
        case .openCode(let values): ["type": "string", "examples": .array(values.map(JSONValue.string))]
        case .moment:
            [
                "type": "string", "format": "date-time",
                "pattern": #"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$"#,
            ]
        case .timeOfDay: ["type": "string", "pattern": "^[0-9]{2}:[0-9]{2}$"]
        case .range, nil: ["type": "string"]
        }
    }

    private static func integer(_ form: FieldForm?) -> JSONValue {
        guard case .range(let range)? = form else { return ["type": "integer"] }
        return [
            "type": "integer", "minimum": .integer(Int64(range.lowerBound)), "maximum": .integer(Int64(range.upperBound)),
        ]
    }
}
