// The hub's adapter, doing what the plain C program beside it does: publish, relay, consume.
//
//     BrokerBenchmark HOST PORT MESSAGES BODY-BYTES WINDOW
//
// Prints a line of JSON for each. Everything goes through the port, as the hub's own services do it.

import Foundation
import Logging
import Messaging
import RabbitMQBroker
import SchoolRecords

guard CommandLine.arguments.count == 6, let port = Int(CommandLine.arguments[2]), let messages = Int(CommandLine.arguments[3]),
    let bytes = Int(CommandLine.arguments[4]), let window = Int(CommandLine.arguments[5]), messages > 0, window > 0
else {
    FileHandle.standardError.write(Data("usage: BrokerBenchmark HOST PORT MESSAGES BODY-BYTES WINDOW\n".utf8))
    exit(64)
}
var configuration = try RabbitMQConfiguration(url: "amqp://guest:guest@\(CommandLine.arguments[1]):\(port)/")
configuration.publishWindow = window
configuration.newQueuePause = .zero
let broker = RabbitMQBroker(configuration: configuration, logger: Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() })
let name = "bench.swift.\(ProcessInfo.processInfo.processIdentifier)"
let (first, second) = (name + ".in", name + ".out")
try await broker.declare(Topology(queues: [first, second].map { .init(name: $0, deliveryLimit: 20) }))

/// Resident memory now, in MiB.
func memory() -> Double {
    let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ").dropFirst().first
    return Double(Int(pages ?? "0") ?? 0) * Double(sysconf(Int32(_SC_PAGESIZE))) / 1_048_576
}

func report(_ job: String, _ body: (inout [Double]) async throws -> Void) async throws {
    var samples: [Double] = []
    let began = ContinuousClock.now
    try await body(&samples)
    let seconds = (ContinuousClock.now - began) / .seconds(1)
    // Flat memory: what the second half needed beyond the first.
    let half = samples.count / 2
    let growth = (samples[half...].max() ?? 0) - (samples[..<half].max() ?? 0)
    print(
        """
        {"peer":"swift","job":"\(job)","messages":\(messages),"per_second":\(Int(Double(messages) / seconds)),\
        "peak_mib":\(String(format: "%.1f", samples.max() ?? 0)),"growth_mib":\(String(format: "%.1f", max(0, growth)))}
        """)
}

func publish(_ publications: [Publication]) async throws {
    for case .failed(let error) in try await broker.publish(publications) { throw error }
}

let body = Data("\"".utf8 + Array(repeating: UInt8(ascii: "x"), count: max(0, bytes - 2)) + "\"".utf8)
let message = RecordChange(
    id: "3f2504e0-4f89-41d3-9a0c-0305e82c3301", key: RecordKey(.person, "b3c1f9d2-0000-4000-8000-000000000001"),
    operation: .upserted, source: "edlevo", sequence: 1, time: "2026-08-17T06:00:00.000Z", body: body
).message

try await report("publish") { samples in
    // Two calls under way: while one waits for its last confirms the other fills the window.
    try await withThrowingTaskGroup(of: Void.self) { group in
        for (number, start) in stride(from: 0, to: messages, by: window).enumerated() {
            if number > 1 { try await group.next() }
            let count = min(window, messages - start)
            group.addTask {
                try await publish(Array(repeating: Publication(message, exchange: "", routingKey: first), count: count))
            }
            if number % 8 == 0 { samples.append(memory()) }
        }
        try await group.waitForAll()
    }
    samples.append(memory())
}

try await report("relay") { samples in
    samples = try await broker.withSubscription(to: first, prefetch: window) { subscription in
        var samples: [Double] = []
        let part = max(1, window / 4)
        try await withThrowingTaskGroup(of: Void.self) { group in
            var (done, running) = (0, 0)
            while done < messages, let batch = try await subscription.nextBatch(limit: part, linger: .zero) {
                let (incoming, settler) = batch.handOver()
                if done / 5000 != (done + incoming.count) / 5000 { samples.append(memory()) }
                done += incoming.count
                if running == 4 { try await group.next() } else { running += 1 }
                group.addTask {
                    try await publish(incoming.map { Publication($0.message, exchange: "", routingKey: second) })
                    settler.settle(incoming.map(\.token), .acknowledge)
                }
            }
            try await group.waitForAll()
        }
        samples.append(memory())
        return samples
    }
}

try await report("consume") { samples in
    samples = try await broker.withSubscription(to: second, prefetch: 1000) { subscription in
        var samples: [Double] = []
        var done = 0
        while done < messages, let batch = try await subscription.nextBatch(limit: 100, linger: .zero) {
            if done / 5000 != (done + batch.messages.count) / 5000 { samples.append(memory()) }
            done += batch.messages.count
            batch.acknowledge()
        }
        samples.append(memory())
        return samples
    }
}
await broker.close()
