import Hub
import Messaging
import SchoolRecords

/// The message contract as an AsyncAPI 3.0 document; the schemas of bodies and headers stand in files beside it.
struct AsyncAPIDocument {
    /// Of the contract, not of the program: the first number is the `v1` in every event's type.
    static let version = "1.2.0"

    let entities: [Entity]

    var json: JSONValue {
        var channels: [String: JSONValue] = [:]
        var operations: [String: JSONValue] = [:]
        var messages: [String: JSONValue] = [:]
        for entity in self.entities {
            channels[entity.rawValue] = Self.channel(entity)
            operations["send.\(entity.rawValue)"] = Self.operation(entity)
            for operation in Self.operations {
                messages[Self.name(entity, operation)] = Self.message(entity, operation)
            }
        }
        channels["deliver"] = self.queue(
            "deliver.{system}", about: "A receiving system's queue (deliver.<system>.<n> when it has several).",
            parameters: ["system": ["description": "A receiving system, e.g. unikum."]])
        channels["failed"] = self.queue(
            HubTopology.failedQueue, about: "What no consumer could settle.", parameters: nil)
        channels.merge(ContractRoles.channels) { own, _ in own }
        operations.merge(ContractRoles.operationsSent) { own, _ in own }
        messages.merge(ContractRoles.messages) { own, _ in own }
        channels.merge(ContractQuestions.channels) { own, _ in own }
        operations.merge(ContractQuestions.operations) { own, _ in own }
        messages.merge(ContractQuestions.messages) { own, _ in own }
        return [
            "asyncapi": "3.0.0",
            "id": "urn:knutpunkt:records",
            "info": Self.info,
            "defaultContentType": "application/json",
            "channels": .object(channels),
            "operations": .object(operations),
            "components": ["messages": .object(messages)],
        ]
    }

    private static let operations: [RecordChange.Operation] = [.upserted, .deleted]

    private static let info: JSONValue = [
        "title": "Knutpunkt: record changes",
        "version": .string(version),
        "description": .string(
            "Every record that the hub carries, whole, as soon as the hub has it. At least once; apply a message only when "
                + "its cloudEvents_sequence is above the last applied of that record. Persons with protected identity are "
                + "never published. Fields and kinds of record may come; unknown ones are to be left be."),
    ]

    static func name(_ entity: Entity, _ operation: RecordChange.Operation) -> String {
        "\(entity.rawValue).\(operation.rawValue)"
    }

    private static func channel(_ entity: Entity) -> JSONValue {
        var messages: [String: JSONValue] = [:]
        for operation in Self.operations {
            messages[operation.rawValue] = ["$ref": .string("#/components/messages/\(Self.name(entity, operation))")]
        }
        return [
            "address": .string("record.\(entity.rawValue).{operation}.{source}"),
            "title": .string(entity.standardName),
            "description": "The address is the routing key, in lower case. Bind a queue of your own to the exchange.",
            "parameters": [
                "operation": ["enum": ["upserted", "deleted"], "description": "What became of the record."],
                "source": ["description": "The system that the record comes from, e.g. edlevo."],
            ],
            "messages": .object(messages),
            "bindings": [
                "amqp": [
                    "is": "routingKey",
                    "exchange": [
                        "name": .string(RecordChange.exchange), "type": "topic", "durable": true, "autoDelete": false,
                    ],
                    "bindingVersion": "0.3.0",
                ]
            ],
        ]
    }

    private static func operation(_ entity: Entity) -> JSONValue {
        [
            "action": "send",
            "summary": .string("The hub tells of a change of a record of \(entity.standardName)."),
            "channel": ["$ref": .string("#/channels/\(entity.rawValue)")],
            "messages": .array(
                Self.operations.map { ["$ref": .string("#/channels/\(entity.rawValue)/messages/\($0.rawValue)")] }),
            "bindings": ["amqp": ["deliveryMode": 2, "mandatory": true, "bindingVersion": "0.3.0"]],
        ]
    }

    private static func message(_ entity: Entity, _ operation: RecordChange.Operation) -> JSONValue {
        let change = ContractExamples.change(of: entity, operation)
        return [
            "name": .string(change.type),
            "title": .string("\(entity.standardName) \(operation.rawValue)"),
            "contentType": "application/json",
            "headers": [
                "schemaFormat": .string(Self.schemaFormat),
                "schema": [
                    "allOf": [
                        ["$ref": "schemas/headers.schema.json"],
                        ["properties": ["cloudEvents_type": ["const": .string(change.type)]]],
                    ]
                ],
            ],
            "payload": [
                "schemaFormat": .string(Self.schemaFormat),
                "schema": operation == .upserted
                    ? ["allOf": [["$ref": .string("schemas/\(entity.rawValue).schema.json")], Self.published]]
                    : ["$ref": "schemas/deletion.schema.json"],
            ],
            "examples": [ContractExport.example(change)],
        ]
    }

    /// What every published record has besides: the hub's own times.
    private static let published: JSONValue = ["required": ["meta"]]

    static let schemaFormat = "application/schema+json;version=2020-12"

    private func queue(_ address: String, about text: String, parameters: JSONValue?) -> JSONValue {
        var channel: [String: JSONValue] = [
            "address": .string(address),
            "description": .string("\(text) The hub's own: don't consume from it."),
            "messages": .object(
                Dictionary(
                    uniqueKeysWithValues: self.entities.flatMap { entity in
                        Self.operations.map { operation in
                            let name = Self.name(entity, operation)
                            return (name, ["$ref": .string("#/components/messages/\(name)")] as JSONValue)
                        }
                    })),
            "bindings": [
                "amqp": [
                    "is": "queue",
                    "queue": ["name": .string(address), "durable": true, "exclusive": false, "autoDelete": false],
                    "bindingVersion": "0.3.0",
                ]
            ],
        ]
        channel["parameters"] = parameters
        return .object(channel)
    }
}
