import Reconciliation
public import SchoolRecords

extension QualityFile {
    /// The JSON Schema of the file, for editors that complete and check YAML.
    public static var schema: JSONValue {
        let rules = QualityRule.allCases.map { rule -> (String, JSONValue) in
            (
                rule.rawValue,
                [
                    "description": .string("\(rule.title.en). \(rule.consequence.en) Standard: \(rule.severity.rawValue)."),
                    "enum": .array(Self.words.map(JSONValue.string)),
                ]
            )
        }
        return [
            "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "quality.yaml", "type": "object",
            "additionalProperties": false,
            "properties": [
                "horizon_days": [
                    "description": "What begins within so many days isn't missing.", "type": "integer",
                    "minimum": .integer(Int64(Self.horizon.lowerBound)), "maximum": .integer(Int64(Self.horizon.upperBound)),
                    "default": .integer(Int64(QualitySettings.standardHorizonDays)),
                ],
                "rules": [
                    "description": "Rules that are switched off, or whose severity is another than the standard.",
                    "type": ["object", "null"], "additionalProperties": false,
                    "properties": .object(Dictionary(uniqueKeysWithValues: rules)),
                ],
            ],
        ]
    }
}
