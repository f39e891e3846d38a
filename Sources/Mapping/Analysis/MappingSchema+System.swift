public import SchoolRecords

extension MappingSchema {
    /// The schema of what is the same in every `system.yaml`; the rest is its connector's.
    public static var system: JSONValue {
        [
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "A system of Knutpunkt: <system>/system.yaml",
            "type": "object",
            "properties": [
                "connector": ["type": "string"], "direction": ["enum": ["source", "target"]], "enabled": ["type": "boolean"],
                "source": Self.side, "target": Self.side, "limits": Self.reference, "processing": Self.processing,
            ],
            "$defs": ["limits": Self.limits, "part": Self.part([:]), "bound": Self.bound(most: 100)],
        ]
    }

    private static var processing: JSONValue {
        let text: JSONValue = [
            "anyOf": [
                ["type": "string"],
                [
                    "type": "object", "properties": ["sv": ["type": "string"], "en": ["type": "string"]],
                    "additionalProperties": false,
                ],
            ]
        ]
        return [
            "description": "By what right the system has personal data, and how long it keeps it.", "type": "object",
            "properties": ["legal_basis": text, "retention": text], "additionalProperties": false,
        ]
    }

    private static var reference: JSONValue { ["$ref": "#/$defs/limits"] }

    private static var side: JSONValue {
        [
            "type": "object",
            "properties": ["connector": ["type": "string"], "enabled": ["type": "boolean"], "limits": Self.reference],
        ]
    }

    private static var limits: JSONValue {
        let names: JSONValue = .array(Entity.allCases.map { .string($0.rawValue) })
        return Self.part([
            "entities": [
                "description": "A source's entities that have limits of their own.", "type": "object",
                "propertyNames": ["enum": names], "additionalProperties": ["$ref": "#/$defs/part"],
            ],
            "kinds": [
                "description": "A receiving system's kinds of row that have limits of their own.", "type": "object",
                "additionalProperties": ["$ref": "#/$defs/part"],
            ],
        ])
    }

    private static func part(_ more: [String: JSONValue]) -> JSONValue {
        var properties: [String: JSONValue] = [
            "creates": [
                "description": "New ones; off for no limit.",
                "anyOf": [["enum": ["off", false]], Self.bound(most: 1000)],
            ],
            "updates": ["$ref": "#/$defs/bound"], "deletes": ["$ref": "#/$defs/bound"],
            "protection_ends": ["$ref": "#/$defs/bound"],
            "window_hours": [
                "description": "What went through within so many hours is added; 0 looks at each reading by itself.",
                "type": "integer", "minimum": 0, "maximum": .integer(LimitsReader.maximumHours),
            ],
        ]
        properties.merge(more) { _, new in new }
        return [
            "description": "How many changes go through without a person.", "type": "object",
            "properties": .object(properties), "additionalProperties": false,
        ]
    }

    private static func bound(most percent: Int64) -> JSONValue {
        [
            "description": "A share of what there is, and a number that always goes through.", "type": "object",
            "properties": [
                "percent": ["type": "number", "minimum": 0, "maximum": .integer(percent)],
                "at_least": ["type": "integer", "minimum": 0, "maximum": 1_000_000],
            ],
            "required": ["percent", "at_least"], "additionalProperties": false,
        ]
    }
}
