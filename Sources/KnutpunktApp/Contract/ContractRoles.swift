import Messaging
import SchoolRecords

/// The part of the contract for roles that the hub gives and takes away: exchange `knutpunkt.roles`.
enum ContractRoles {
    private static let operations: [RecordChange.Operation] = [.upserted, .deleted]

    private static func word(_ operation: RecordChange.Operation) -> String {
        operation == .upserted ? "granted" : "revoked"
    }

    private static func name(_ operation: RecordChange.Operation) -> String { "role.\(Self.word(operation))" }

    private static func change(_ operation: RecordChange.Operation) -> RecordChange {
        let record = ContractExamples.change(of: .roleGrant, operation)
        return RecordChange(
            id: record.id, key: record.key, operation: operation, source: RoleGrant.source, sequence: record.sequence,
            time: record.time, trace: record.trace, body: ContractExamples.record(of: .roleGrant).canonicalData)
    }

    /// By the names of their messages.
    static var examples: [(name: String, example: JSONValue)] {
        Self.operations.map { (Self.name($0), ContractExport.example(Self.change($0))) }
    }

    static var channels: [String: JSONValue] {
        [
            "role": [
                "address": "role.{operation}.{system}",
                "title": "Roles",
                "description":
                    "Roles that the hub gives and takes away. A role is one system's business: only its own queue is bound.",
                "parameters": [
                    "operation": ["enum": ["granted", "revoked"], "description": "What became of the role."],
                    "system": ["description": "The receiving system, e.g. unikum."],
                ],
                "messages": .object(
                    Dictionary(
                        uniqueKeysWithValues: Self.operations.map {
                            (Self.word($0), ["$ref": .string("#/components/messages/\(Self.name($0))")])
                        })),
                "bindings": [
                    "amqp": [
                        "is": "routingKey",
                        "exchange": [
                            "name": .string(RoleAddress.exchange), "type": "topic", "durable": true, "autoDelete": false,
                        ],
                        "bindingVersion": "0.3.0",
                    ]
                ],
            ]
        ]
    }

    static var operationsSent: [String: JSONValue] {
        [
            "send.role": [
                "action": "send",
                "summary": "The hub gives a role, or takes one away.",
                "channel": ["$ref": "#/channels/role"],
                "messages": .array(
                    Self.operations.map { ["$ref": .string("#/channels/role/messages/\(Self.word($0))")] }),
                "bindings": ["amqp": ["deliveryMode": 2, "mandatory": true, "bindingVersion": "0.3.0"]],
            ]
        ]
    }

    static var messages: [String: JSONValue] {
        Dictionary(
            uniqueKeysWithValues: Self.operations.map { operation in
                let change = Self.change(operation)
                let message: JSONValue = [
                    "name": .string(change.type),
                    "title": .string("Role \(Self.word(operation))"),
                    "contentType": "application/json",
                    "headers": [
                        "schemaFormat": .string(AsyncAPIDocument.schemaFormat),
                        "schema": [
                            "allOf": [
                                ["$ref": "schemas/role-headers.schema.json"],
                                ["properties": ["cloudEvents_type": ["const": .string(change.type)]]],
                            ]
                        ],
                    ],
                    "payload": [
                        "schemaFormat": .string(AsyncAPIDocument.schemaFormat),
                        "schema": ["allOf": [["$ref": "schemas/rolegrant.schema.json"], ["required": ["meta"]]]],
                    ],
                    "examples": [ContractExport.example(change)],
                ]
                return (Self.name(operation), message)
            })
    }

    /// The headers of a role change.
    static let headers: JSONValue = ContractHeaders.schema(
        "role-headers", types: #"^se\.knutpunkt\.role\.(granted|revoked)\.v1$"#, source: "^/knutpunkt/roles$",
        sourceText: "The hub itself.", subject: "The grant's id: the same for the same person, system, role and scope.",
        partitionKey: "`<system>/<person's id>`: all role changes of a person in a system keep their order.")
}
