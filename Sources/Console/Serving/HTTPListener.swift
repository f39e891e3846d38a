import Foundation
public import Hub
public import HTTPServing
import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore
public import ServiceLifecycle

/// The hub's HTTP service: takes the notices of sources. Off unless `http.listen` names an address.
///
/// - `POST /notices/{source}/{token}`, or `POST /notices/{source}` with a secret in a header: 204 when it is the source's, 404
///   for a source or token that isn't, 401 for a wrong secret, 413 for a body beyond ``mostBytes``.
///
/// Of a body is kept what it says has changed (``NoticeScope``). Neither paths nor headers are logged: they hold secrets. Encryption is a
/// reverse proxy's matter (docs/deploy.md).
public struct HTTPListener: Service {
    /// Bytes of a notice's body. The standard's are below 1 KiB.
    public static let mostBytes = 64 * 1024
    private static let mostConnections = 256

    private let host: String
    private let port: Int
    private let doors: NoticeDoors
    private let patience: Patience
    private let onListening: @Sendable (Int) -> Void
    private let logger: Logger

    /// - Parameters:
    ///   - port: 0 takes a free one.
    ///   - patience: how long it waits for whoever asks.
    ///   - onListening: told the port once it listens.
    public init(
        host: String, port: Int, doors: NoticeDoors, patience: Patience = Patience(head: .seconds(15), body: .seconds(15)),
        onListening: @escaping @Sendable (Int) -> Void = { _ in }, logger: Logger
    ) {
        self.host = host
        self.port = port
        self.doors = doors
        self.patience = patience
        self.onListening = onListening
        self.logger = logger
    }

    public func run() async throws {
        let router = Router(context: BasicRequestContext.self)
        let doors = self.doors
        @Sendable func take(_ request: Request, _ context: BasicRequestContext) async -> Response {
            await Self.answer(
                request, source: context.parameters.get("source") ?? "", token: context.parameters.get("token"), doors)
        }
        router.post("notices/:source") { request, context in await take(request, context) }
        router.post("notices/:source/:token") { request, context in await take(request, context) }
        // Hummingbird writes paths into its log lines; they hold tokens here.
        var quiet = self.logger
        quiet.logLevel = .warning
        let application = Application(
            router: router,
            server: .wholeHTTP1(
                configuration: .init(
                    httpDecoderConfiguration: .init(
                        maxHeaderFieldSize: 8 * 1024, maxHeaderListSize: 16 * 1024, maxHeaderFieldCount: 64)),
                patience: self.patience),
            configuration: ApplicationConfiguration(
                address: .hostname(self.host, port: self.port),
                availableConnectionsDelegate: MaximumAvailableConnections(Self.mostConnections)),
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? self.port
                self.logger.notice("Notices of sources are taken", metadata: ["host": "\(self.host)", "port": "\(port)"])
                self.onListening(port)
            }, logger: quiet)
        try await application.run()
    }

    private static func answer(_ request: Request, source: String, token: String?, _ doors: NoticeDoors) async -> Response {
        var response: Response
        do {
            if let length = request.headers[.contentLength].flatMap(Int.init), length > Self.mostBytes { throw TooLong() }
            var body = Data()
            for try await part in request.body {
                guard body.count + part.readableBytes <= Self.mostBytes else { throw TooLong() }
                body.append(contentsOf: part.readableBytesView)
            }
            let verdict = doors.take(source: source, token: token, body: body) { name in
                // One that comes twice is taken for neither.
                let values = request.headers.filter { $0.name.canonicalName == name }.map(\.value)
                return values.isEmpty ? nil : values.joined(separator: ", ")
            }
            response =
                switch verdict {
                case .taken: Response(status: .noContent)
                case .unknown: Response(status: .notFound)
                case .refused: Response(status: .unauthorized)
                }
        } catch is TooLong {
            response = Response(status: .contentTooLarge)
            // What is still coming isn't waited for.
            response.headers[.connection] = "close"
        } catch {
            response = Response(status: .badRequest)
        }
        return response
    }

    private struct TooLong: Error {}
}
