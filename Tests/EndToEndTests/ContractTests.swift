import ConnectorKit
import Foundation
import Hub
import KnutpunktApp
import Logging
import Messaging
import RabbitMQBroker
import SchoolRecords
import StandIns
import Testing

/// The public message contract, on the wire of a broker that isn't the hub's own.
@Suite("Other people's consumers get what the contract says", .serialized)
struct ContractTests {
    @Test(.timeLimit(.minutes(5)))
    func `a consumer's own queue gets every record as a persistent CloudEvent with SS 12000 JSON`() async throws {
        try await TemporaryDirectory.with { directory in
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            try await PrivateNode.withPrivateNode(directory: directory + "/node", logger: logger) { node in
                var options = Rehearsal.Options(
                    scale: .small, seed: 11, directory: directory + "/hub", mappings: Program.mappings, executable: Program.path)
                options.brokerURL = node.url
                let broker = RabbitMQBroker(configuration: try RabbitMQConfiguration(url: node.url), logger: logger)
                try await broker.declare(
                    Topology(
                        exchanges: [.init(name: RecordChange.exchange, kind: .topic)],
                        queues: [.init(name: "reader.test", deliveryLimit: 10)],
                        bindings: [.init(exchange: RecordChange.exchange, queue: "reader.test", routingKey: "record.#")]))
                try await Rehearsal.with(options) { rehearsal in
                    try rehearsal.startHub()
                    try await rehearsal.waitUntilRunning()
                    try await rehearsal.settle()
                    let expected = try await rehearsal.context.status().records.values.reduce(0, +)
                    let changes = try await broker.withSubscription(to: "reader.test", prefetch: 1000) { subscription in
                        var seen: Set<RecordKey> = []
                        var lines = Data()
                        while seen.count < expected, let delivery = try await subscription.next() {
                            let incoming = delivery.incoming
                            let change = try RecordChange(incoming.message)
                            #expect(incoming.routingKey == change.routingKey)
                            #expect(incoming.message.contentType == "application/json")
                            #expect(incoming.message.id == change.id)
                            let body = try JSONValue(parsing: incoming.message.body)
                            #expect(try SchoolRecord.validate(change.key.entity, body) == body)
                            #expect(body["meta"]?["modified"]?.stringValue == change.time)
                            #expect(RFC3339.date(body["meta"]?["created"]?.stringValue ?? "") != nil)
                            #expect(body["id"]?.stringValue == change.key.id)
                            #expect(RFC3339.date(change.time) != nil)
                            lines += Self.line(incoming, body).canonicalData + Data("\n".utf8)
                            seen.insert(change.key)
                            delivery.acknowledge()
                        }
                        try lines.write(to: URL(fileURLWithPath: directory + "/messages.ndjson"))
                        return seen
                    }
                    #expect(changes.count == expected)
                    for person in rehearsal.municipality.protectedPersons { #expect(!changes.contains(person)) }
                }
                await broker.close()
            }
            try await Self.holdsToTheContract(directory)
        }
    }

    /// The messages against the contract that the program exports, by a validator that isn't ours.
    private static func holdsToTheContract(_ directory: String) async throws {
        let export = try await Program.run(["contract", "export", directory + "/contract"])
        #expect(export.status == 0, "\(export.errors)")
        let outcome = try await Program.script(
            "check_contract.py",
            [
                directory + "/contract", "--messages", directory + "/messages.ndjson",
                "--published", Program.scripts + "/fields.v1.txt",
            ] + Self.officialSchema)
        #expect(outcome.status == 0, "\(outcome.errors)")
        for entity in Entity.roster { #expect(outcome.output.contains("\(entity.rawValue).upserted: ")) }
    }

    @Test(.timeLimit(.minutes(3)))
    func `questions and answers on the wire of a broker keep the contract too`() async throws {
        try await TemporaryDirectory.with { directory in
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let mappings = directory + "/Mappings"
            try FileManager.default.createDirectory(atPath: mappings + "/vega", withIntermediateDirectories: true)
            try Data("connector: ss12000\ndirection: source\n".utf8).write(
                to: URL(fileURLWithPath: mappings + "/vega/system.yaml"))
            try Data("flows:\n  transport-answer: {system: vega}\n".utf8).write(
                to: URL(fileURLWithPath: mappings + "/flows.yaml"))
            let context = try await HubContext.open(
                HubConfiguration(dataDirectory: directory + "/data", mappingsDirectory: mappings), logger: logger)
            let application = try SchoolRecord.validate(
                .transportApplication,
                [
                    "id": "application-1", "child": ["id": "pupil-1"], "organisation": ["id": "school-1"],
                    "submittedAt": "2026-11-20T08:00:00Z", "startDate": "2026-12-01",
                ])
            _ = try await context.store.take(
                [
                    RecordState(
                        key: RecordKey(.transportApplication, "application-1"), owner: "pupil-1", body: application.canonicalData)
                ],
                withheld: [], failures: [], source: "eservice", time: "2026-11-20T08:00:00.000Z")
            try await PrivateNode.withPrivateNode(directory: directory + "/node", logger: logger) { node in
                let broker = RabbitMQBroker(configuration: try RabbitMQConfiguration(url: node.url), logger: logger)
                try await broker.declare(HubTopology.topology(targets: [:]))
                var topology = TransportQuestions.topology(answering: ["vega"], isAsking: true)
                topology.queues.append(.init(name: "reader.test", deliveryLimit: 10))
                topology.bindings.append(.init(exchange: QuestionBus.exchange, queue: "reader.test", routingKey: "#"))
                try await broker.declare(topology)
                let lines = try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        try await TransportQuestions(
                            broker: broker, store: context.store, mappings: context.mappings, logger: logger
                        ).run()
                    }
                    group.addTask { try await AnswerService(system: Oracle(), broker: broker, logger: logger).run() }
                    let lines = try await Self.firstTwo(broker)
                    group.cancelAll()
                    return lines
                }
                try lines.write(to: URL(fileURLWithPath: directory + "/messages.ndjson"))
                await broker.close()
            }
            let export = try await Program.run(["contract", "export", directory + "/contract"])
            #expect(export.status == 0, "\(export.errors)")
            let outcome = try await Program.script(
                "check_contract.py",
                [directory + "/contract", "--messages", directory + "/messages.ndjson"] + Self.officialSchema)
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.output.contains("question.question: 1 messages"))
            #expect(outcome.output.contains("answer.answers: 1 messages"))
        }
    }

    /// A question and its answer as lines for the validator; by AMQP's own properties they belong together.
    private static func firstTwo(_ broker: RabbitMQBroker) async throws -> Data {
        try await broker.withSubscription(to: "reader.test", prefetch: 10) { subscription in
            var lines = Data()
            var ids: [String?] = []
            while ids.count < 2, let delivery = try await subscription.next() {
                let incoming = delivery.incoming
                delivery.acknowledge()
                // Asked again under the same id, e.g. for a change that came meanwhile.
                if ids.count == 1, incoming.message.id == ids[0] { continue }
                ids.append(incoming.message.correlationID)
                #expect((incoming.message.replyTo == "answers.transport-answer") == (ids.count == 1))
                lines += Self.line(incoming, try JSONValue(parsing: incoming.message.body)).canonicalData + Data("\n".utf8)
            }
            #expect(Set(ids).count == 1)
            return lines
        }
    }

    /// Answers as a transport system does.
    private struct Oracle: AnsweringConnector {
        let system = "vega"
        let answers: Set<Entity> = [.transportEligibility]

        func answer(_ question: AskedQuestion) async throws -> JSONValue {
            ["outcome": "granted", "distanceMetres": 4200, "limitMetres": 4000, "reasons": ["distance"]]
        }

        func shutdown() async {}
    }

    /// AsyncAPI's own schema, where somebody has it: it isn't this project's to hand on.
    private static var officialSchema: [String] {
        ProcessInfo.processInfo.environment["KNUTPUNKT_ASYNCAPI_SCHEMA"].map { ["--asyncapi-schema", $0] } ?? []
    }

    private static func line(_ incoming: IncomingMessage, _ body: JSONValue) -> JSONValue {
        let headers = incoming.message.headers.mapValues { value -> JSONValue in
            switch value {
            case .string(let text): .string(text)
            case .integer(let number): .integer(number)
            case .bool(let flag): .bool(flag)
            }
        }
        return [
            "exchange": .string(incoming.exchange), "routingKey": .string(incoming.routingKey),
            "contentType": .string(incoming.message.contentType), "messageId": .string(incoming.message.id),
            "headers": .object(headers), "body": body,
        ]
    }

    @Test func `the contract is written whole, the same each time, and over nothing without being told to`() async throws {
        try await TemporaryDirectory.with { directory in
            let folder = directory + "/contract"
            let first = try await Program.run(["contract", "export", folder, "--json"])
            #expect(first.status == 0)
            let names = try JSONValue(parsing: Data(first.output.utf8))["files"]?.arrayValue?.compactMap {
                $0["path"]?.stringValue
            }
            let document = try Data(contentsOf: URL(fileURLWithPath: folder + "/asyncapi.json"))
            #expect(names?.allSatisfy { FileManager.default.fileExists(atPath: "\(folder)/\($0)") } == true)
            #expect(names?.contains("schemas/person.schema.json") == true)
            let again = try await Program.run(["contract", "export", folder])
            #expect(again.status == 78)
            #expect(again.errors.contains(folder))
            let forced = try await Program.run(["contract", "export", folder, "--force"])
            #expect(forced.status == 0)
            #expect(try Data(contentsOf: URL(fileURLWithPath: folder + "/asyncapi.json")) == document)
            let ontoFile = try await Program.run(["contract", "export", folder + "/asyncapi.json", "--force"])
            #expect(ontoFile.status == 78)
        }
    }
}
