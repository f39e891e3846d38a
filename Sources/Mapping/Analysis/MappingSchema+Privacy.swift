public import SchoolRecords

extension MappingSchema {
    /// The JSON Schema (2020-12) of `privacy.yaml`. That a system is one that is given something is for `mapping check` to say.
    public static var privacy: JSONValue {
        let family: JSONValue = ["enum": .array(PrivacyFile.familyWords.map(JSONValue.string))]
        return [
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "What systems may be given of protected persons in Knutpunkt: privacy.yaml", "type": "object",
            "additionalProperties": false,
            "properties": [
                "systems": [
                    "type": "object",
                    "additionalProperties": [
                        "anyOf": [
                            ["const": "withhold"],
                            [
                                "type": "object", "additionalProperties": false,
                                "properties": .object(
                                    Dictionary(
                                        uniqueKeysWithValues: ProtectionLevel.allCases.map {
                                            ($0.rawValue, ["$ref": "#/$defs/level"] as JSONValue)
                                        })),
                            ],
                        ]
                    ],
                ],
                "family": [
                    "type": "object", "additionalProperties": false,
                    "properties": .object(
                        Dictionary(uniqueKeysWithValues: PrivacyFile.familyKeys.map { ($0, family) })),
                ],
            ],
            "$defs": [
                "level": [
                    "anyOf": [
                        ["$ref": "#/$defs/clearance"],
                        [
                            "type": "object", "additionalProperties": false, "minProperties": 1,
                            "properties": .object(
                                Dictionary(
                                    uniqueKeysWithValues: PersonKind.allCases.map {
                                        ($0.rawValue, ["$ref": "#/$defs/clearance"] as JSONValue)
                                    })),
                        ],
                    ]
                ],
                "clearance": [
                    "anyOf": [
                        ["const": "withhold"], Self.closedForm("withhold", [:], required: []),
                        Self.closedForm(
                            "masked", ["fields": Self.fields(Clearance.neutralFields), "class_lists": ["type": "boolean"]],
                            required: ["fields"]),
                        Self.closedForm(
                            "fictitious", ["fields": Self.fields(Clearance.neutralFields), "class_lists": ["type": "boolean"]],
                            required: ["fields"]),
                        Self.closedForm(
                            "cleared",
                            [
                                "fields": Self.fields(
                                    Dictionary(
                                        uniqueKeysWithValues: Clearance.entities.map { ($0, Set($0.shape.fields.keys)) })),
                                "class_lists": ["type": "boolean"],
                            ], required: ["legal_basis"]),
                    ]
                ],
            ],
        ]
    }

    private static func closedForm(_ form: String, _ properties: [String: JSONValue], required: [String]) -> JSONValue {
        var all = properties
        all["give"] = ["const": .string(form)]
        if form != "withhold" {
            all["legal_basis"] = ["type": "string", "minLength": .integer(Int64(PrivacyFile.shortestBasis))]
        }
        return [
            "type": "object", "additionalProperties": false, "properties": .object(all),
            "required": .array((["give"] + required).map(JSONValue.string)),
        ]
    }

    private static func fields(_ known: [Entity: Set<String>]) -> JSONValue {
        let entities = known.map { entity, names in
            (
                entity.rawValue,
                ["type": "array", "items": ["enum": .array(names.sorted().map(JSONValue.string))]] as JSONValue
            )
        }
        return [
            "type": "object", "additionalProperties": false, "required": ["person"],
            "properties": .object(Dictionary(uniqueKeysWithValues: entities)),
        ]
    }
}
