import ConnectorKit
import Connectors
import Foundation
import SchoolRecords
import Synchronization
import Testing

@Suite("Requests carry the trace of the record that they are for")
struct RESTTraceTests {
    private static func traces(_ server: ScriptedServer, _ method: String, _ path: String) -> [TraceContext?] {
        server.requests.filter { $0.method == method && $0.path.hasSuffix(path) }
            .map { $0.headers["traceparent"].flatMap { TraceContext($0) } }
    }

    private static func write(_ record: String, _ rows: [TargetRow], _ trace: TraceContext?) -> TargetWrite {
        TargetWrite(record: RecordKey(.absence, record), sequence: 1, set: rows, removed: [], trace: trace)
    }

    @Test func `each its own; a row of several records the batch's; without a trace none is lent`() async throws {
        try await RESTAnswerTests.with({ $0.method == "GET" ? .json(RESTAnswerTests.list) : .json("", status: 201) }) {
            connector, server, _ in
            let (one, two) = (TraceContext.begin(), TraceContext.begin())
            let shared = RESTAnswerTests.row("c")
            let batch = TargetBatch(
                id: "000001-a",
                writes: [
                    Self.write("r1", [RESTAnswerTests.row("a"), RESTAnswerTests.row("d"), shared], one),
                    Self.write("r2", [RESTAnswerTests.row("b"), shared], two), Self.write("r3", [RESTAnswerTests.row("e")], nil),
                ])
            try await #expect(connector.write(batch).isEmpty)
            func traces(_ key: String) -> [TraceContext?] { Self.traces(server, "PUT", "/absences/\(key)") }
            #expect(traces("a").map { $0?.traceID } == [one.traceID] && traces("d").map { $0?.traceID } == [one.traceID])
            #expect(traces("b").map { $0?.traceID } == [two.traceID])
            #expect(traces("c").map { $0?.traceID } == [batch.trace?.traceID] && batch.trace != nil)
            #expect(traces("e").map { $0?.traceID } == [batch.trace?.traceID])
            // Every request is a step of its own.
            let parents = ["a", "b", "c", "d", "e"].flatMap(traces).compactMap { $0?.parentID }
            #expect(Set(parents).count == 5 && !parents.contains(one.parentID) && !parents.contains(two.parentID))
            try await connector.probe()
            #expect(server.requests.last?.headers["traceparent"] == nil, "what is for no record carries none")
        }
    }

    @Test func `a request that is made again is a new step of the same trace`() async throws {
        let calls = Mutex(0)
        try await RESTAnswerTests.with({ request in
            guard request.method == "PUT" else { return .json(RESTAnswerTests.list) }
            return calls.withLock { number in
                number += 1
                return number == 1 ? .json("", status: 503, headers: ["Retry-After": "1"]) : .json("", status: 201)
            }
        }) { connector, server, _ in
            let trace = TraceContext.begin()
            let batch = TargetBatch(id: "000001-a", writes: [Self.write("r1", [RESTAnswerTests.row("a")], trace)])
            try await #expect(connector.write(batch).isEmpty)
            let sent = Self.traces(server, "PUT", "/absences/a").compactMap { $0 }
            #expect(sent.count == 2 && sent.allSatisfy { $0.traceID == trace.traceID } && sent[0].parentID != sent[1].parentID)
        }
    }

    @Test func `the trace of a batch is always the same, and another for another batch`() {
        let ids = (0..<500).map { "00000\($0)-\(String($0 &* 2_654_435_761, radix: 16))" }
        let traces = ids.compactMap { TargetBatch(id: $0, writes: []).trace }
        #expect(Set(traces.map(\.traceID)).count == 500)
        #expect(ids.compactMap { TargetBatch(id: $0, writes: []).trace } == traces)
        #expect(traces.allSatisfy { TraceContext($0.header) == $0 })
    }
}
