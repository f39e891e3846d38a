public import SchoolRecords

/// The JSON Schema (2020-12) of a mapping file, for editors that complete and check YAML. Made from the tables that the
/// files are read with. It can't say everything that `mapping check` finds: paths and conditions are texts to it.
public enum MappingSchema {
    /// The schema.
    public static var json: JSONValue {
        [
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "A mapping file of Knutpunkt: <system>/<entity>.yaml, <system>/in/<entity>.yaml, <system>/out/<entity>.yaml",
            "type": "object",
            "properties": Self.object(EntityFileLoader.keys + ["fields", "rows"], Self.file),
            "additionalProperties": false,
            "oneOf": [["required": ["fields"]], ["required": ["rows"]]],
            "$defs": [
                "purpose": Self.purpose, "condition": Self.condition, "value": Self.value, "transform": Self.transform,
                "each": Self.each, "row": Self.row, "field": Self.field, "future": Self.future, "example": Self.example,
                "scalar": ["type": ["string", "number", "boolean"]],
            ],
        ]
    }

    private static func ref(_ name: String) -> JSONValue { ["$ref": .string("#/$defs/\(name)")] }

    private static func list(_ element: JSONValue) -> JSONValue { ["type": "array", "items": element, "minItems": 1] }

    /// Each name with what is known of its value; a name that nothing is known of may have any.
    private static func object(_ names: [String], _ known: [String: JSONValue]) -> JSONValue {
        .object(Dictionary(names.map { ($0, known[$0] ?? true) }, uniquingKeysWith: { first, _ in first }))
    }

    private static func words(_ words: [String]) -> JSONValue { ["enum": .array(words.sorted().map(JSONValue.string))] }

    private static var file: [String: JSONValue] {
        [
            "purpose": Self.ref("purpose"), "when": Self.ref("condition"),
            "let": ["type": "object", "additionalProperties": Self.ref("value")],
            "fields": ["type": "object", "additionalProperties": Self.ref("field")],
            "rows": ["type": "array", "items": Self.ref("row")],
            "examples": ["type": "array", "items": Self.ref("example")],
        ]
    }

    private static var purpose: JSONValue {
        [
            "description": "Why the system is given this.",
            "anyOf": [
                ["type": "string"],
                [
                    "type": "object", "properties": ["sv": ["type": "string"], "en": ["type": "string"]],
                    "additionalProperties": false, "minProperties": 1,
                ],
            ],
        ]
    }

    private static var condition: JSONValue {
        let parts = Self.list(Self.ref("condition"))
        return [
            "description": "groupType in Klass | Avdelning · person exists · endDate >= today · current · a list: all hold",
            "anyOf": [
                ["type": "string"], parts,
                [
                    "type": "object", "properties": ["all": parts, "any": parts, "not": Self.ref("condition")],
                    "additionalProperties": false, "minProperties": 1, "maxProperties": 1,
                ],
            ],
        ]
    }

    private static var value: JSONValue {
        let known: [String: JSONValue] = [
            "from": ["type": "string"], "first": Self.list(Self.ref("value")), "constant": Self.ref("scalar"),
            "template": ["type": "string"], "setting": ["type": "string"], "count": ["type": "string"],
            "join": ["type": "string"], "concat": Self.list(Self.ref("value")), "holds": Self.ref("condition"),
            "with": ["type": "string"], "when": Self.ref("condition"), "default": Self.ref("scalar"),
            "transform": ["anyOf": [Self.ref("transform"), Self.list(Self.ref("transform"))]],
            "lookup": [
                "type": "object", "required": ["table", "find", "give"], "additionalProperties": false,
                "properties": [
                    "table": ["type": "string"], "find": ["type": "string"], "give": ["type": "string"],
                    "otherwise": [
                        "anyOf": [
                            Self.words(["fail", "nothing", "keep"]),
                            [
                                "type": "object", "properties": ["value": Self.ref("scalar")], "required": ["value"],
                                "additionalProperties": false,
                            ],
                        ]
                    ],
                ],
            ],
            "required": ["enum": [true, false, "row"]], "purpose": Self.ref("purpose"), "reversible": ["type": "boolean"],
        ]
        return [
            "description": "A path, or where the value comes from and what is done with it.",
            "anyOf": [
                ["type": "string"],
                [
                    "type": "object", "properties": Self.object(ExpressionParser.keys + ["reversible"], known),
                    "additionalProperties": false,
                    "oneOf": .array(ExpressionParser.sources.map { ["required": [.string($0)]] }),
                ],
            ],
        ]
    }

    private static var transform: JSONValue {
        [
            "anyOf": [
                Self.words(Array(TransformParser.plain.keys)),
                [
                    "type": "object", "properties": Self.object(TransformParser.withArgument, Self.arguments),
                    "additionalProperties": false, "minProperties": 1, "maxProperties": 1,
                ],
            ]
        ]
    }

    /// What each transform takes; a test holds the names against the parser's.
    static var arguments: [String: JSONValue] {
        func whole(_ least: Int64, _ most: Int64) -> JSONValue {
            ["type": "integer", "minimum": .integer(least), "maximum": .integer(most)]
        }
        return [
            "limit": ["type": "integer", "minimum": 1], "phone": Self.words(["national", "international"]),
            "identity_number": Self.words(Transform.NumberForm.allCases.map(\.rawValue)), "date": ["type": "string"],
            "parse_date": ["type": "string"], "words": ["type": "object", "minProperties": 1],
            "postal_code": Self.words(["plain", "spaced"]), "pad": whole(1, 200), "last": whole(1, 200),
            "number": [
                "type": "object", "required": ["decimals"], "additionalProperties": false,
                "properties": ["decimals": whole(0, 9), "separator": ["type": "string"]],
            ],
            "replace": ["type": "object", "minProperties": 1], "add_days": whole(-100_000, 100_000),
            "part": [
                "type": "object", "required": ["number", "separator"], "additionalProperties": false,
                "properties": ["number": whole(-1000, 1000), "separator": ["type": "string", "minLength": 1]],
            ],
            "school_year": Self.words(Transform.SchoolYearForm.allCases.map(\.rawValue)),
        ]
    }

    private static var each: JSONValue {
        [
            "description": "A name for the element, and the list that the rule goes through.", "type": "object",
            "minProperties": 1,
            "additionalProperties": [
                "anyOf": [
                    ["type": "string"],
                    [
                        "type": "object", "properties": ["split": ["type": "string"], "by": ["type": "string", "minLength": 1]],
                        "required": ["split", "by"], "additionalProperties": false,
                    ],
                ]
            ],
        ]
    }

    private static var row: JSONValue {
        let known: [String: JSONValue] = [
            "kind": ["type": "string"], "each": Self.ref("each"), "when": Self.ref("condition"),
            "key": ["anyOf": [["type": "string"], Self.list(["type": "string"])]],
            "fields": ["type": "object", "additionalProperties": Self.ref("value")], "purpose": Self.ref("purpose"),
            "future": Self.ref("future"),
        ]
        return [
            "type": "object", "properties": Self.object(RowRuleParser.keys, known), "required": ["kind", "key", "fields"],
            "additionalProperties": false,
        ]
    }

    private static var field: JSONValue {
        [
            "anyOf": [
                Self.ref("value"),
                [
                    "type": "object", "required": ["each"], "additionalProperties": false,
                    "properties": [
                        "each": Self.ref("each"), "value": Self.ref("value"),
                        "fields": ["type": "object", "additionalProperties": Self.ref("field")],
                    ],
                ],
            ]
        ]
    }

    private static var future: JSONValue {
        [
            "description": "What becomes of what has yet to begin.",
            "anyOf": [
                Self.words(["withhold", "hold", "send"]),
                [
                    "type": "object", "properties": ["send": ["type": "integer", "minimum": 1]], "required": ["send"],
                    "additionalProperties": false,
                ],
            ],
        ]
    }

    private static var example: JSONValue {
        [
            "type": "object", "required": ["input"], "additionalProperties": false,
            "properties": Self.object(
                ExampleParser.keys,
                [
                    "name": ["type": "string"], "input": ["type": "object"], "looked_up": ["type": "object"],
                    "failure": ["type": "string"], "waits_for": ["type": "array"], "withheld": ["type": "array"],
                ]),
        ]
    }
}
