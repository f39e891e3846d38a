public import HTTPServing
import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore
public import ServiceLifecycle

/// The hub's web console. Off unless `console.listen` names an address.
public struct ConsoleListener: Service {
    /// Connections at most: a few hundred people who look at live pages, each with one for that and some for the rest.
    private static let mostConnections = 2048

    private let host: String
    private let port: Int
    private let site: ConsoleSite
    private let patience: Patience
    private let onListening: @Sendable (Int) -> Void
    private let logger: Logger

    /// - Parameters:
    ///   - port: 0 takes a free one.
    ///   - patience: how long it waits for whoever asks.
    ///   - onListening: told the port once it listens.
    public init(
        host: String, port: Int, site: ConsoleSite, patience: Patience = Patience(),
        onListening: @escaping @Sendable (Int) -> Void = { _ in }, logger: Logger
    ) {
        self.host = host
        self.port = port
        self.site = site
        self.patience = patience
        self.onListening = onListening
        self.logger = logger
    }

    public func run() async throws {
        // Hummingbird writes paths into its log lines; they may hold what somebody looked for.
        var quiet = self.logger
        quiet.logLevel = .warning
        let application = Application(
            router: self.site.router(logger: self.logger),
            server: .wholeHTTP1(
                configuration: .init(
                    httpDecoderConfiguration: .init(
                        maxHeaderFieldSize: 16 * 1024, maxHeaderListSize: 32 * 1024, maxHeaderFieldCount: 64)),
                patience: self.patience),
            configuration: ApplicationConfiguration(
                address: .hostname(self.host, port: self.port),
                availableConnectionsDelegate: MaximumAvailableConnections(Self.mostConnections)),
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? self.port
                self.logger.notice("The console is served", metadata: ["host": "\(self.host)", "port": "\(port)"])
                self.onListening(port)
            }, logger: quiet)
        try await application.run()
    }
}
