public import SchoolRecords

extension MappingSchema {
    /// The JSON Schema (2020-12) of `roles.yaml`. That a role is one of the system's, and a title code one of the table's, is
    /// for `roles check` to say.
    public static var roles: JSONValue {
        [
            "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "The role policy of Knutpunkt: roles.yaml",
            "type": "object", "required": ["rules"], "additionalProperties": false,
            "properties": Self.named(
                RolesFile.keys,
                [
                    "settings": Self.closed(
                        RolesFile.settingKeys,
                        [
                            "unknown_title_code": Self.oneOf(RolePolicy.TitleRule.self),
                            "missing_title_code": Self.oneOf(RolePolicy.TitleRule.self),
                            "unruled_roles": Self.oneOf(RolePolicy.UnruledRoles.self),
                        ]),
                    "terms": [
                        "description": "A term's first and last day; others are halves of the school year.", "type": "object",
                        "additionalProperties": Self.closed(["first", "last"], [:], required: ["first", "last"]),
                    ],
                    "rules": ["type": "array", "items": ["$ref": "#/$defs/rule"]],
                    "denials": ["type": "array", "items": ["$ref": "#/$defs/denial"]],
                    "exclusions": ["type": "array", "items": ["$ref": "#/$defs/exclusion"]],
                ]),
            "$defs": [
                "rule": Self.closed(RolesFile.ruleKeys, Self.ruleParts, required: ["name", "from", "give"]),
                "denial": Self.closed(RolesFile.denialKeys, Self.denialParts, required: ["name", "from", "roles"]),
                "exclusion": Self.closed(RolesFile.exclusionKeys, Self.denialParts, required: ["name", "roles"]),
                "conditions": Self.conditions,
            ],
        ]
    }

    /// The JSON Schema of `roles/<system>.yaml`.
    public static var roleCatalog: JSONValue {
        let words: JSONValue = [
            "anyOf": [["type": "string"], Self.closed(["sv", "en"], ["sv": ["type": "string"], "en": ["type": "string"]])]
        ]
        return [
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "The roles of a system in Knutpunkt: roles/<system>.yaml", "type": "object", "required": ["roles"],
            "additionalProperties": false,
            "properties": Self.named(
                RoleCatalogFile.keys,
                [
                    "title": ["type": "string"], "source": ["type": "string"],
                    "holds_dates": [
                        "description": "Whether the system keeps from when to when a role holds.", "type": "boolean",
                    ],
                    "protected_persons": ["enum": ["allow", "block"]],
                    "unit_type": [
                        "description": "What the system calls a school: a role at a unit holds at the nearest one of it.",
                        "enum": .array(OrganisationType.allCases.map { .string($0.rawValue) }),
                    ],
                    "roles": [
                        "type": "object", "minProperties": 1,
                        "additionalProperties": Self.closed(
                            RoleCatalogFile.roleKeys,
                            [
                                "term": ["type": "string", "description": "The vendor's word."], "meaning": words, "gives": words,
                                "scopes": ["type": "array", "minItems": 1, "items": Self.oneOf(RoleScope.self)],
                                "privileged": ["type": "boolean"],
                                "comes_with_records": [
                                    "type": "boolean", "description": "Other mappings give it: no rule does.",
                                ],
                                "assumed": [
                                    "description": "What isn't public.", "type": "array",
                                    "items": ["enum": .array(RoleCatalogFile.assumable.map(JSONValue.string))],
                                ],
                            ], required: ["term", "scopes"]),
                    ],
                ]),
        ]
    }

    private static func named(_ names: [String], _ known: [String: JSONValue]) -> JSONValue {
        .object(Dictionary(names.map { ($0, known[$0] ?? true) }, uniquingKeysWith: { first, _ in first }))
    }

    private static func closed(_ names: [String], _ known: [String: JSONValue], required: [String] = []) -> JSONValue {
        var schema: [String: JSONValue] = [
            "type": "object", "properties": Self.named(names, known), "additionalProperties": false,
        ]
        if !required.isEmpty { schema["required"] = .array(required.map(JSONValue.string)) }
        return .object(schema)
    }

    private static func oneOf<Word: RawRepresentable<String> & CaseIterable>(_ type: Word.Type) -> JSONValue {
        ["enum": .array(type.allCases.map { .string($0.rawValue) })]
    }

    private static var ruleParts: [String: JSONValue] {
        let days: JSONValue = [
            "type": "integer", "minimum": .integer(Int64(RolesFile.days.lowerBound)),
            "maximum": .integer(Int64(RolesFile.days.upperBound)),
        ]
        return Self.denialParts.merging([
            "give": [
                "type": "array", "minItems": 1,
                "items": Self.closed(
                    RolesFile.giftKeys,
                    ["system": ["type": "string"], "role": ["type": "string"], "scope": Self.oneOf(RoleScope.self)],
                    required: RolesFile.giftKeys),
            ],
            "valid": Self.closed(RolesFile.dayKeys, ["days_before": days, "days_after": days]),
            "precedence": ["description": "Where roles must not meet, the higher one is kept.", "type": "integer"],
        ]) { _, new in new }
    }

    private static var denialParts: [String: JSONValue] {
        [
            "name": ["type": "string", "minLength": 1],
            "note": [
                "anyOf": [
                    ["type": "string"], Self.closed(["sv", "en"], ["sv": ["type": "string"], "en": ["type": "string"]]),
                ]
            ],
            "from": Self.oneOf(RoleBase.self), "when": ["$ref": "#/$defs/conditions"],
            "unless": ["$ref": "#/$defs/conditions"],
            "roles": ["description": "system/role", "type": "array", "items": ["type": "string", "pattern": "^[^/]+/.+$"]],
            "within": Self.oneOf(RoleReach.self),
        ]
    }

    private static var conditions: JSONValue {
        var known: [String: JSONValue] = [:]
        for fact in RoleFact.allCases {
            if fact.isNumber {
                let number: JSONValue = ["type": "integer"]
                known[fact.rawValue] = [
                    "anyOf": [number, Self.closed(RoleConditionParser.bounds, ["at_least": number, "at_most": number])]
                ]
            } else {
                let word: JSONValue =
                    fact.codes.map { ["enum": .array($0.map(JSONValue.string))] } ?? ["type": ["string", "number"]]
                known[fact.rawValue] = ["anyOf": [word, ["type": "array", "minItems": 1, "items": word]]]
            }
        }
        return Self.closed(RoleFact.allCases.map(\.rawValue), known)
    }
}
