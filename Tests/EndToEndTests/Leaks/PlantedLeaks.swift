import Console
import CoreMetrics
import Foundation
import Hub
import KnutpunktApp
import LeakScan
import Logging
import Messaging
import RabbitMQBroker
import SchoolRecords
import StandIns
import Testing

/// Leaks of ten kinds, each put where such a leak would be, one after the other: the scanner has to find each, there and of whom it is.
enum PlantedLeaks {
    static func check(_ world: inout LeakWorld) async throws {
        let directory = world.rehearsal.options.directory
        let scanner = LeakScanner(world.canaries.tokens)
        let canary = try #require(world.canaries.canary("pupil", .secrecyMark))
        let context = world.rehearsal.context
        func text(_ field: String) throws -> String { try #require(canary.texts.first { $0.field == field }?.text) }
        func expect(_ what: String, _ path: String, _ fields: Set<String>, isInName: Bool = false) {
            let search = LeakSearch(scanner)
            search.search(path: path)
            let found = search.report.findings.filter { $0.owner == canary.label && $0.isInName == isInName }
            #expect(Set(found.map(\.field)).isSuperset(of: fields), "\(what): \(LeakTests.lines(search.report.findings))")
            #expect(found.allSatisfy { $0.place.hasPrefix(path) }, "\(what)")
        }
        func expect(_ what: String, in bytes: some Sequence<UInt8>, _ fields: Set<String>) {
            let hits = scanner.hits(in: bytes).filter { $0.token.owner == canary.label }
            #expect(Set(hits.map(\.token.field)).isSuperset(of: fields), "\(what)")
        }

        // 2. An error's text, as operators are shown it.
        try await context.store.record(
            [
                NewFailure(
                    stage: .delivery, system: "unikum", key: RecordKey(.person, "planted"), sequence: 1, kind: "mapping",
                    code: "value-without-code", field: nil, place: nil, message: "the code \(try text("givenName")) has no row",
                    body: Data("{}".utf8))
            ], time: HubClock.system.timestamp)
        let failure = try #require(try await context.store.list(FailureFilter()).first { $0.failure.key?.id == "planted" })
        let shown = try await Program.run(["failed", "show", "\(failure.id)", "--config", directory + "/knutpunkt.yaml"])
        expect("error text", in: (shown.output + shown.errors).utf8, ["givenName"])

        // 3. A routing key, on the hub's own broker.
        try await Self.publish(try text("principalName"), in: world)
        expect("routing key", context.configuration.dataDirectory + "/rabbitmq", ["principalName"])

        // 4. A label of a metric.
        let metrics = PrometheusMetrics()
        metrics.makeCounter(label: "delivered", dimensions: [("record", try text("email"))]).increment(by: 1)
        expect("metric label", in: metrics.text.utf8, ["email"])

        // 5. A file's name, in a system's folder; the name itself isn't told.
        let named = directory + "/unikum-archive/\(try text("familyName").lowercased()).txt"
        try Data("nothing".utf8).write(to: URL(fileURLWithPath: named))
        expect("file name", directory + "/unikum-archive", ["familyName"], isInName: true)

        // 6. A trace, 7. the payload of a failed message, past the seals of the store.
        let store = context.configuration.dataDirectory + "/knutpunkt.sqlite"
        await world.rehearsal.stopHub()
        try await Self.script(store, "UPDATE record SET trace = ? WHERE rowid = (SELECT min(rowid) FROM record)", try text("id"))
        try await Self.script(
            store, "UPDATE failure SET body = ? WHERE record_id = 'planted'",
            String(decoding: canary.document.canonicalData, as: UTF8.self))
        expect("trace and failed payload", store, ["id", "givenName", "familyName", "civicNo", "email", "address", "phone"])

        // 1. A log line, by the handler of the hub's own lines.
        let log = FileHandle(forWritingAtPath: directory + "/hub.log")
        try log?.seekToEnd()
        let sink = try #require(log)
        var logger = Logger(label: "leak") { label in JSONLogHandler.writing(label: label) { try? sink.write(contentsOf: $0) } }
        logger.logLevel = .info
        let name = try text("familyName")
        logger.info("Published", metadata: ["record": "\(name)"])
        try sink.close()
        expect("log line", directory + "/hub.log", ["familyName"])

        // 8. What a stand-in answers over HTTP.
        let tempus = try #require(world.rehearsal.others[.tempus])
        try await tempus.upsert(.person, canary.document)
        expect("HTTP reply", in: try await Self.list(tempus), ["givenName", "familyName", "civicNo", "email"])

        // 9. Two records exchanged in a batch to a system that may have nothing.
        let batch = try Self.swapped(canary, in: directory + "/unikum-archive")
        expect("swap of two records", batch, ["givenName", "familyName", "civicNo"])

        // 10. A backup of a vault that isn't sealed.
        let copy = directory + "/plain-backup"
        try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: store, toPath: copy + "/knutpunkt.sqlite")
        try await Self.script(
            copy + "/knutpunkt.sqlite", "UPDATE vault SET body = ? WHERE rowid = (SELECT min(rowid) FROM vault)",
            String(decoding: canary.document.canonicalData, as: UTF8.self))
        try await Self.pack(copy)
        expect("backup", copy + ".tgz", ["givenName", "familyName", "civicNo", "email", "address", "phone"])
    }

    /// Publishes a message with a routing key of a text, to a queue that nobody reads.
    private static func publish(_ text: String, in world: LeakWorld) async throws {
        let directory = world.rehearsal.context.configuration.dataDirectory + "/rabbitmq"
        let url = try #require(PrivateNode.url(directory: directory))
        let logger = Logger(label: "leak") { _ in SwiftLogNoOpLogHandler() }
        let broker = RabbitMQBroker(configuration: try RabbitMQConfiguration(url: url), logger: logger)
        try await broker.declare(
            Topology(
                exchanges: [.init(name: RecordChange.exchange, kind: .topic)],
                queues: [.init(name: "consumer.leak", deliveryLimit: 10)],
                bindings: [.init(exchange: RecordChange.exchange, queue: "consumer.leak", routingKey: "leak.#")]))
        let message = Message(id: "leak-1", contentType: "application/json", body: Data("{}".utf8))
        _ = try await broker.publish([Publication(message, exchange: RecordChange.exchange, routingKey: "leak.\(text)")])
        await broker.close()
    }

    /// Changes a store past everything that keeps it.
    private static func script(_ store: String, _ statement: String, _ value: String) async throws {
        let code =
            "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); n = c.execute(sys.argv[2], (sys.argv[3],)).rowcount; c.commit(); c.close(); sys.exit(0 if n > 0 else 1)"
        try await Self.run(["python3", "-c", code, store, statement, value])
    }

    private static func pack(_ folder: String) async throws {
        try await Self.run(["tar", "-czf", folder + ".tgz", "-C", folder, "."])
    }

    private static func run(_ arguments: [String]) async throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(arguments.prefix(3))")
    }

    /// What a stand-in's list of persons is, over HTTP.
    private static func list(_ standIn: SS12000StandIn) async throws -> [UInt8] {
        var token = ConsoleVisit(url: try await standIn.tokenURL)
        let form = ["grant_type": "client_credentials", "client_id": standIn.clientID, "client_secret": standIn.clientSecret]
        let answer = try JSONValue(parsing: Data(try await token.post("", form).text.utf8))
        var visit = ConsoleVisit(url: try await standIn.apiURL, token: try #require(answer["access_token"]?.stringValue))
        return Array(try await visit.get("/persons").text.utf8)
    }

    /// The latest batch of objects with the person of a row exchanged for another.
    private static func swapped(_ canary: Canaries.Canary, in folder: String) throws -> String {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix("-1-objects.txt") }.sorted()
        for name in names.reversed() {
            let rows = try String(contentsOfFile: folder + "/" + name, encoding: .utf8)
            guard let row = LeakWorld.row(of: canary, among: rows),
                let other = rows.split(separator: "\n").first(where: { $0.hasSuffix("user") })
            else { continue }
            let path = folder + "/swapped-1-objects.txt"
            try Data(rows.replacing(other, with: row).utf8).write(to: URL(fileURLWithPath: path))
            return path
        }
        Issue.record("there is no batch with a person")
        return folder
    }
}
