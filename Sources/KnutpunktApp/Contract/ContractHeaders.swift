import SchoolRecords

/// The headers of a record change, as a JSON Schema. Written apart from the code that sets them, so that a test which
/// holds messages to it says something.
enum ContractHeaders {
    static let traceparent: JSONValue = [
        "type": "string", "pattern": "^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$",
        "description":
            "W3C trace context: the trace goes on from the source or its notice, and is the same when the message is sent again.",
    ]

    static let schema = Self.schema(
        "headers", types: #"^se\.knutpunkt\.record\.[a-z]+\.(upserted|deleted)\.v1$"#, source: #"^/knutpunkt/\S+$"#,
        sourceText: "The system that the record comes from.", subject: "The record's id.",
        partitionKey: "As cloudEvents_subject.")

    static func schema(
        _ name: String, types: String, source: String, sourceText: String, subject: String, partitionKey: String
    ) -> JSONValue {
        [
            "$schema": .string(JSONSchema.dialect),
            "$id": .string("urn:knutpunkt:schema:\(name):v1"),
            "title": "Headers",
            "description": "CloudEvents 1.0 in binary mode on AMQP. All values are text.",
            "type": "object",
            "required": [
                "cloudEvents_id", "cloudEvents_partitionkey", "cloudEvents_sequence", "cloudEvents_source",
                "cloudEvents_specversion", "cloudEvents_subject", "cloudEvents_time", "cloudEvents_type",
            ],
            "properties": [
                "cloudEvents_specversion": ["type": "string", "const": "1.0"],
                "cloudEvents_id": [
                    "type": "string", "minLength": 1, "description": "The event; the same however often it is sent.",
                ],
                "cloudEvents_type": ["type": "string", "pattern": .string(types)],
                "cloudEvents_source": [
                    "type": "string", "pattern": .string(source), "description": .string(sourceText),
                ],
                "cloudEvents_subject": ["type": "string", "minLength": 1, "description": .string(subject)],
                "cloudEvents_time": [
                    "type": "string", "format": "date-time",
                    "pattern": #"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z$"#,
                    "description": "When the hub took the change, in UTC.",
                ],
                "cloudEvents_partitionkey": ["type": "string", "description": .string(partitionKey)],
                "cloudEvents_sequence": [
                    "type": "string", "pattern": "^[1-9][0-9]{0,18}$",
                    "description":
                        "Grows with every change of this record. Apply a message only when it is above the last applied.",
                ],
                "traceparent": Self.traceparent,
            ],
        ]
    }

    /// The body of a deletion.
    static let deletion: JSONValue = [
        "$schema": .string(JSONSchema.dialect),
        "$id": "urn:knutpunkt:schema:deletion:v1",
        "title": "Deletion",
        "description": "The record is gone; the sequence goes on if it comes back.",
        "type": "object",
        "required": ["id"],
        "properties": ["id": ["type": "string", "minLength": 1]],
        "maxProperties": 1,
    ]
}
