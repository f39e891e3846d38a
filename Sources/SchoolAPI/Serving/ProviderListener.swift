import Foundation
public import HTTPServing
import HTTPTypes
import Hummingbird
import HummingbirdCore
public import Logging
public import ServiceLifecycle

/// The SS 12000:2020 (2.1.0) provider: other systems fetch from the hub, each what its `provide.yaml` says. Off unless `api.listen`
/// names an address.
///
/// - `POST /token` gives an access token for a client's secret (RFC 6749, section 4.4).
/// - `/v2.0/…` is the standard's interface.
///
/// Paths, parameters and bodies are never logged: they can hold identity numbers. Encryption is a reverse proxy's matter.
public struct ProviderListener: Service {
    private static let mostConnections = 256

    private let host: String
    private let port: Int
    private let provider: Provider
    private let isBehindProxy: Bool
    private let patience: Patience
    private let onListening: @Sendable (Int) -> Void
    private let logger: Logger

    /// - Parameters:
    ///   - port: 0 takes a free one.
    ///   - isBehindProxy: whether a reverse proxy passes requests on, and says in `X-Forwarded-For` for whom.
    ///   - patience: how long it waits for whoever asks.
    ///   - onListening: told the port once it listens.
    public init(
        host: String, port: Int, provider: Provider, isBehindProxy: Bool,
        patience: Patience = Patience(), onListening: @escaping @Sendable (Int) -> Void = { _ in }, logger: Logger
    ) {
        self.host = host
        self.port = port
        self.provider = provider
        self.isBehindProxy = isBehindProxy
        self.patience = patience
        self.onListening = onListening
        self.logger = logger
    }

    public func run() async throws {
        // Hummingbird writes paths into its log lines.
        var quiet = self.logger
        quiet.logLevel = .warning
        let provider = self.provider
        let isBehindProxy = self.isBehindProxy
        let application = Application(
            responder: CallbackResponder { (request: Request, context: APIContext) async -> Response in
                await provider.respond(to: request, from: Self.address(of: request, context, isBehindProxy)).response
            },
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
                self.logger.notice("SS 12000 is provided", metadata: ["host": "\(self.host)", "port": "\(port)"])
                self.onListening(port)
            }, logger: quiet)
        try await application.run()
    }

    /// Whose request it is: for throttling alone.
    private static func address(of request: Request, _ context: APIContext, _ isBehindProxy: Bool) -> String {
        guard isBehindProxy, let name = HTTPField.Name("X-Forwarded-For"), let forwarded = request.headers[name] else {
            return context.peer
        }
        // The last is the one that the proxy saw; those before are what anybody may write.
        return forwarded.split(separator: ",").last.map { String($0.prefix(64)).trimmingCharacters(in: .whitespaces) }
            ?? context.peer
    }
}
