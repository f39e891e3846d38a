import Foundation
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle
import Synchronization

/// The HTTP server of a stand-in: it listens on 127.0.0.1 at a free port, which it keeps through outages.
final class StandInServer: Sendable {
    /// Whether it listens.
    private enum Phase {
        case notStarted
        case listening
        case refusing
        case ended
    }

    private struct State {
        var phase = Phase.notStarted
        var port: Int?
        var refuses = false
    }

    private let name: String
    private let logger: Logger
    private let bell = Bell()
    private let state = Mutex(State())

    /// - Parameter name: what it stands in for, as messages have it.
    init(name: String, logger: Logger) {
        self.name = name
        self.logger = logger
    }

    /// Serves until it is cancelled or shut down.
    ///
    /// - Throws: ``StandInError`` when the port can't be bound.
    func run(_ respond: @escaping @Sendable (Request, StandInContext) async -> Response) async throws {
        defer { self.change { $0.phase = .ended } }
        try await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                if self.refuses {
                    self.change { $0.phase = .refusing }
                    try? await self.wait { !$0.refuses }
                } else {
                    try await self.listen(respond)
                }
            }
        }
    }

    private func listen(_ respond: @escaping @Sendable (Request, StandInContext) async -> Response) async throws {
        let server = Application(
            responder: CallbackResponder<StandInContext> { request, context in await respond(request, context) },
            configuration: ApplicationConfiguration(
                address: .hostname("127.0.0.1", port: self.state.withLock { $0.port } ?? 0)),
            onServerRunning: { channel in
                let port = channel.localAddress?.port
                self.change {
                    $0.port = port
                    $0.phase = .listening
                }
            }, logger: self.logger)
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await server.run() }
                group.addTask { try await self.wait { $0.refuses } }
                defer { group.cancelAll() }
                try await group.next()
            }
        } catch {
            if Task.isCancelled || self.refuses { return }
            throw StandInError(.notRunning, "the stand-in's server stopped; see the cause", cause: error)
        }
    }

    /// Closes its port or opens it again, and returns when that is so, or when it doesn't run.
    func refuse(_ refuses: Bool) async throws {
        self.change { $0.refuses = refuses }
        try await self.wait {
            switch $0.phase {
            case .notStarted, .ended: true
            case .listening: !refuses
            case .refusing: refuses
            }
        }
    }

    /// Returns the port once it listens.
    ///
    /// - Throws: ``StandInError`` when it has ended; `CancellationError`.
    @discardableResult
    func waitUntilStarted() async throws -> Int {
        try await self.wait { $0.phase != .notStarted }
        return try self.port
    }

    /// The port it listens at.
    ///
    /// - Throws: ``StandInError`` before it has started.
    var port: Int {
        get throws(StandInError) {
            guard let port = self.state.withLock({ $0.port }) else {
                throw StandInError(.notRunning, "the \(self.name) stand-in has not started; run it as a service first")
            }
            return port
        }
    }

    /// `http://127.0.0.1:<port>`
    var url: String {
        get throws(StandInError) { "http://127.0.0.1:\(try self.port)" }
    }

    private var refuses: Bool { self.state.withLock { $0.refuses } }

    private func change(_ change: (inout State) -> Void) {
        self.state.withLock { change(&$0) }
        self.bell.ring()
    }

    private func wait(until condition: @Sendable (State) -> Bool) async throws {
        while true {
            let seen = self.bell.rings
            if self.state.withLock({ condition($0) }) { return }
            try await self.bell.wait(past: seen)
        }
    }
}
