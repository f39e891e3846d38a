public import HTTPServing
import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore
public import ServiceLifecycle

/// What those who run the hub ask of it over HTTP: for a supervisor, a load balancer and Prometheus. Off unless `http.operations`
/// names an address, which isn't one that the outside can reach.
///
/// - `GET /healthz`: 200 as long as the process serves.
/// - `GET /readyz`: 200 when the hub works, 503 with the reasons, a line each, when it doesn't.
/// - `GET /metrics`: the metrics in Prometheus' text format.
///
/// Nothing that it says is about a person.
public struct OperationsListener: Service {
    private let host: String
    private let port: Int
    private let unready: @Sendable () async -> [String]
    private let metrics: @Sendable () -> String
    private let patience: Patience
    private let onListening: @Sendable (Int) -> Void
    private let logger: Logger

    /// - Parameters:
    ///   - port: 0 takes a free one.
    ///   - unready: why the hub doesn't work now; empty when it does.
    ///   - metrics: the metrics' text.
    ///   - patience: how long it waits for whoever asks.
    ///   - onListening: told the port once it listens.
    public init(
        host: String, port: Int, unready: @escaping @Sendable () async -> [String], metrics: @escaping @Sendable () -> String,
        patience: Patience = Patience(head: .seconds(30), body: .seconds(5)),
        onListening: @escaping @Sendable (Int) -> Void = { _ in }, logger: Logger
    ) {
        self.host = host
        self.port = port
        self.unready = unready
        self.metrics = metrics
        self.patience = patience
        self.onListening = onListening
        self.logger = logger
    }

    public func run() async throws {
        let router = Router(context: BasicRequestContext.self)
        router.get("healthz") { _, _ in Self.text("ok\n") }
        router.get("readyz") { _, _ in
            let reasons = await self.unready()
            return reasons.isEmpty
                ? Self.text("ready\n")
                : Self.text(reasons.joined(separator: "\n") + "\n", status: .serviceUnavailable)
        }
        router.get("metrics") { _, _ in Self.text(self.metrics(), type: "text/plain; version=0.0.4; charset=utf-8") }
        var quiet = self.logger
        quiet.logLevel = .warning
        let application = Application(
            router: router,
            server: .wholeHTTP1(patience: self.patience),
            configuration: ApplicationConfiguration(
                address: .hostname(self.host, port: self.port),
                availableConnectionsDelegate: MaximumAvailableConnections(32)),
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? self.port
                self.logger.notice("Health and metrics are served", metadata: ["host": "\(self.host)", "port": "\(port)"])
                self.onListening(port)
            }, logger: quiet)
        try await application.run()
    }

    private static func text(
        _ text: String, status: HTTPResponse.Status = .ok, type: String = "text/plain; charset=utf-8"
    ) -> Response {
        Response(
            status: status, headers: [.contentType: type, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
