import AsyncHTTPClient
import CoreMetrics
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import Synchronization
import Testing

@testable import Console

@Suite("Those who run the hub can ask it")
struct OperationsListenerTests {
    private static func with(
        unready: @escaping @Sendable () async -> [String], metrics: String = "", _ body: (String) async throws -> Void
    ) async throws {
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let listener = OperationsListener(
            host: "127.0.0.1", port: 0, unready: unready, metrics: { metrics }, onListening: { port.yield($0) },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await listener.run() }
            defer { group.cancelAll() }
            for await port in ports {
                try await body("http://127.0.0.1:\(port)")
                break
            }
        }
    }

    private struct Reply: Equatable {
        let status: UInt
        let text: String
    }

    private static func get(_ url: String) async throws -> Reply {
        let response = try await HTTPClient.shared.execute(HTTPClientRequest(url: url), timeout: .seconds(10))
        return Reply(status: response.status.code, text: String(buffer: try await response.body.collect(upTo: 1 << 20)))
    }

    @Test func `a hub that works is ready, one that doesn't says why and lives all the same`() async throws {
        let reasons = Mutex<[String]>([])
        try await Self.with(unready: { reasons.withLock { $0 } }, metrics: "knutpunkt_x 1\n") { url in
            try await #expect(Self.get(url + "/readyz") == Reply(status: 200, text: "ready\n"))
            reasons.withLock { $0 = ["broker: nobody listens", "store: the disk is full"] }
            try await #expect(
                Self.get(url + "/readyz") == Reply(status: 503, text: "broker: nobody listens\nstore: the disk is full\n"))
            try await #expect(Self.get(url + "/healthz") == Reply(status: 200, text: "ok\n"))
            try await #expect(Self.get(url + "/metrics") == Reply(status: 200, text: "knutpunkt_x 1\n"))
            try await #expect(Self.get(url + "/other").status == 404)
        }
    }

    @Test func `metrics are written as Prometheus reads them`() {
        let metrics = PrometheusMetrics()
        Counter(label: "knutpunkt_delivered_total", dimensions: [("system", "unikum")], factory: metrics).increment(by: 2)
        Counter(label: "knutpunkt_delivered_total", dimensions: [("system", "unikum")], factory: metrics).increment()
        Counter(label: "knutpunkt_delivered_total", dimensions: [("system", "te\"m\\p\nus")], factory: metrics).increment()
        Gauge(label: "knutpunkt.queue-messages", factory: metrics).record(7.5)
        Gauge(label: "knutpunkt.queue-messages", factory: metrics).record(3)
        let timer = CoreMetrics.Timer(label: "knutpunkt_delivery_seconds", factory: metrics)
        timer.recordMilliseconds(20)
        timer.recordSeconds(7200)
        let text = metrics.text
        #expect(
            text.hasPrefix(
                """
                # TYPE knutpunkt_delivered_total counter
                knutpunkt_delivered_total{system="te\\"m\\\\p\\nus"} 1
                knutpunkt_delivered_total{system="unikum"} 3
                # TYPE knutpunkt_delivery_seconds histogram
                knutpunkt_delivery_seconds_bucket{le="0.01"} 0
                knutpunkt_delivery_seconds_bucket{le="0.025"} 1

                """))
        #expect(
            text.hasSuffix(
                """
                knutpunkt_delivery_seconds_bucket{le="3600"} 1
                knutpunkt_delivery_seconds_bucket{le="+Inf"} 2
                knutpunkt_delivery_seconds_sum 7200.02
                knutpunkt_delivery_seconds_count 2
                # TYPE knutpunkt_queue_messages gauge
                knutpunkt_queue_messages 3

                """))
    }
}
