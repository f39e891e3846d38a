import Foundation
import Hub
import Messaging
import SchoolRecords

/// The part of the contract for programs that answer questions: exchange `knutpunkt.questions`.
enum ContractQuestions {
    static let question = Question(
        id: "22222222-2222-5222-8222-222222222201", wanted: .transportEligibility, system: "vega",
        about: RecordKey(.transportApplication, ContractExamples.id(of: .transportApplication)), time: "2026-08-17T06:00:00.000Z",
        answerBy: "2026-08-17T06:00:30.000Z", replyTo: QuestionBus.answerQueue(of: TransportQuestions.asker),
        trace: TraceContext("00-4bf92f3577b34da6a3ce929d0e0e4736-8222222222222201-01"),
        body: ContractExamples.record(of: .transportApplication).canonicalData)

    static let answer = Answer(
        question: question.id, kind: .transportEligibility, system: "vega", about: question.about.id,
        time: "2026-08-17T06:00:01.000Z", trace: question.trace,
        body: (["outcome": "granted", "distanceMetres": 4200, "limitMetres": 4000, "reasons": ["distance"]] as JSONValue)
            .canonicalData)

    private static let names = (question: "transporteligibility.question", answer: "transporteligibility.answer")

    /// By the names of their messages.
    static var examples: [(name: String, example: JSONValue)] {
        [
            (self.names.question, ContractExport.example(self.question.message, routingKey: self.question.routingKey)),
            (self.names.answer, ContractExport.example(self.answer.message, routingKey: self.question.replyTo)),
        ]
    }

    // MARK: AsyncAPI

    static var channels: [String: JSONValue] {
        [
            "question": self.channel(
                "question.transporteligibility.{system}", self.names.question, "question",
                "Questions to a system. Bind a queue of your own, or consume the hub's questions.<system>.",
                ["system": ["description": "The system that is asked, e.g. vega."]]),
            "answer": self.channel(
                "answers.{asker}", self.names.answer, "answers",
                "Answers: publish to the exchange under the routing key that the question's reply_to names.",
                ["asker": ["description": "Who asks, e.g. transport-answer."]]),
        ]
    }

    private static func channel(
        _ address: String, _ message: String, _ name: String, _ text: String, _ parameters: JSONValue
    ) -> JSONValue {
        [
            "address": .string(address), "description": .string(text), "parameters": parameters,
            "messages": [name: ["$ref": .string("#/components/messages/\(message)")]],
            "bindings": [
                "amqp": [
                    "is": "routingKey",
                    "exchange": [
                        "name": .string(QuestionBus.exchange), "type": "topic", "durable": true, "autoDelete": false,
                    ],
                    "bindingVersion": "0.3.0",
                ]
            ],
        ]
    }

    static var operations: [String: JSONValue] {
        func operation(_ action: String, _ channel: String, _ message: String, _ text: String) -> JSONValue {
            [
                "action": .string(action), "summary": .string(text), "channel": ["$ref": .string("#/channels/\(channel)")],
                "messages": [["$ref": .string("#/channels/\(channel)/messages/\(message)")]],
                "bindings": ["amqp": ["deliveryMode": 2, "mandatory": true, "bindingVersion": "0.3.0"]],
            ]
        }
        return [
            "send.question": operation("send", "question", "question", "The hub asks whether a pupil rides."),
            "receive.answer": operation("receive", "answer", "answers", "The hub takes the answer."),
        ]
    }

    static var messages: [String: JSONValue] {
        [
            self.names.question: self.message(
                self.question.type, "A question about an application", "question-headers",
                ["allOf": [["$ref": "schemas/transportapplication.schema.json"], ["required": ["meta"]]]],
                self.examples[0].example),
            self.names.answer: self.message(
                self.answer.type, "An answer to it", "answer-headers", ["$ref": "schemas/transportanswer.schema.json"],
                self.examples[1].example),
        ]
    }

    private static func message(
        _ type: String, _ title: String, _ headers: String, _ payload: JSONValue, _ example: JSONValue
    ) -> JSONValue {
        [
            "name": .string(type), "title": .string(title), "contentType": "application/json",
            "headers": [
                "schemaFormat": .string(AsyncAPIDocument.schemaFormat),
                "schema": ["$ref": .string("schemas/\(headers).schema.json")],
            ],
            "payload": ["schemaFormat": .string(AsyncAPIDocument.schemaFormat), "schema": payload],
            "examples": [example],
        ]
    }

    // MARK: Schemas

    static let schemas: [(name: String, schema: JSONValue)] = [
        (
            "question-headers",
            ContractQuestions.headers(
                "Headers of a question. AMQP reply_to is the routing key for the answer, correlation_id the question's id.",
                type: #"^se\.knutpunkt\.question\.[a-z]+\.v1$"#, source: "^/knutpunkt$",
                more: [
                    "cloudEvents_about": ["type": "string", "description": "The kind of record that the body is."],
                    "cloudEvents_answerby": [
                        "type": "string", "format": "date-time",
                        "description": "Until when the answer is waited for; one that comes later is used all the same.",
                    ],
                ])
        ),
        (
            "answer-headers",
            ContractQuestions.headers(
                "Headers of an answer. AMQP correlation_id is the question's id.",
                type: #"^se\.knutpunkt\.answer\.[a-z]+\.v1$"#, source: #"^/knutpunkt/\S+$"#, more: [:])
        ),
        (
            "transportanswer",
            [
                "$schema": .string(JSONSchema.dialect), "$id": "urn:knutpunkt:schema:transportanswer:v1",
                "title": "Transport answer",
                "description": "What the transport system says of an application; the hub adds the ids.",
                "type": "object", "required": ["outcome"],
                "properties": [
                    "outcome": ["type": "string", "enum": ["granted", "needsReview", "refused"]],
                    "distanceMetres": ["type": "integer", "minimum": 0, "description": "The way to school."],
                    "limitMetres": ["type": "integer", "minimum": 0],
                    "reasons": [
                        "type": "array",
                        "items": ["type": "string", "enum": .array(TransportReason.allCases.map { .string($0.rawValue) })],
                    ],
                    "review": ["type": "string", "enum": .array(TransportReview.allCases.map { .string($0.rawValue) })],
                ],
            ]
        ),
    ]

    private static func headers(
        _ text: String, type: String, source: String, more: [String: JSONValue]
    ) -> JSONValue {
        var properties: [String: JSONValue] = [
            "cloudEvents_specversion": ["type": "string", "const": "1.0"],
            "cloudEvents_id": ["type": "string", "minLength": 1, "description": "The same however often it is sent."],
            "cloudEvents_type": ["type": "string", "pattern": .string(type)],
            "cloudEvents_source": ["type": "string", "pattern": .string(source)],
            "cloudEvents_subject": [
                "type": "string", "minLength": 1, "description": "The id of the record that the question is about.",
            ],
            "cloudEvents_time": ["type": "string", "format": "date-time"],
        ]
        properties.merge(more) { own, _ in own }
        let required = properties.keys.sorted().map(JSONValue.string)
        properties["traceparent"] = ContractHeaders.traceparent
        return [
            "$schema": .string(JSONSchema.dialect),
            "$id": .string("urn:knutpunkt:schema:\(more.isEmpty ? "answer" : "question")-headers:v1"), "title": "Headers",
            "description": .string(text), "type": "object", "required": .array(required),
            "properties": .object(properties),
        ]
    }
}
