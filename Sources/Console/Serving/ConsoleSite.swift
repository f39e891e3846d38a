import Foundation
public import ConnectorKit
public import Hub
import Hummingbird
import Logging
import NIOCore

/// The console's pages put together.
public struct ConsoleSite: Sendable {
    let desk: ConsoleDesk
    let gate: any ConsoleGate
    let templates: Templates
    let publicOrigin: String?
    /// What stands before the pages; `nil` only where a test looks at the pages alone.
    let access: ConsoleAccess?

    /// - Parameters:
    ///   - access: keeps out what isn't for the console, and tells browsers what to keep to.
    ///   - publicURL: by which browsers reach the console, e.g. `https://hub.kommun.example`; `nil` = as they ask for it.
    /// - Throws: an error when a template can't be read, which a test rules out.
    public init(
        desk: ConsoleDesk, gate: any ConsoleGate, access: ConsoleAccess? = nil, publicURL: String? = nil
    ) throws {
        self.desk = desk
        self.gate = gate
        self.access = access
        self.templates = try Templates()
        self.publicOrigin = publicURL.flatMap(URLComponents.init(string:)).flatMap { parts in
            guard let scheme = parts.scheme, let host = parts.host else { return nil }
            return "\(scheme)://\(host)" + (parts.port.map { ":\($0)" } ?? "")
        }
    }

    /// In the order in which they stand in the menu.
    private func pages(_ frame: Frame) -> [any ConsolePage] {
        [
            OverviewPage(desk: self.desk, frame: frame), FailedPage(desk: self.desk, frame: frame),
            FailurePage(desk: self.desk, frame: frame), ReplayPage(desk: self.desk, frame: frame),
            MessagesPage(desk: self.desk, frame: frame), PersonPage(desk: self.desk, frame: frame),
        ]
    }

    func router(logger: Logger) -> Router<ConsoleRequestContext> {
        let router = Router(context: ConsoleRequestContext.self)
        if let access {
            router.add(middleware: SecurityHeadersMiddleware(access.headers))
            router.add(middleware: ConsoleGuardMiddleware(access))
        }
        let door = ConsoleDoor(
            gate: self.gate, templates: self.templates, publicOrigin: self.publicOrigin, logger: logger)
        for (name, file) in Assets.files {
            router.get(RouterPath("assets/\(name)")) { _, _ in
                Response(
                    status: .ok, headers: [.contentType: file.type, .cacheControl: "public, max-age=31536000, immutable"],
                    body: ResponseBody(byteBuffer: ByteBuffer(bytes: file.content)))
            }
        }
        SignInPage(gate: self.gate, templates: self.templates).add(to: router, door: door)
        let routes = ConsoleRoutes(router: router, door: door)
        let frame = Frame(templates: self.templates, desk: self.desk)
        for page in self.pages(frame) { page.add(to: routes) }
        return router
    }
}

/// What the console shows and works on.
public struct ConsoleDesk: Sendable {
    public let store: any HubStore
    public let mappings: MappingBook
    public let key: HubKey
    public let clock: HubClock
    /// Whether a second person must approve corrections of messages.
    let editsNeedApproval: Bool
    /// How the hub is now.
    let reading: @Sendable () async -> HealthReading
    /// The alarms that are open.
    let alarms: @Sendable () async -> [Alarm]
    /// Ends what a person may not do by the hub's own permissions; what was refused is in the audit log.
    let require: @Sendable (Permissions.Action, Set<String>, String) async throws -> Void

    public init(
        store: any HubStore, mappings: MappingBook, key: HubKey, clock: HubClock = .system,
        editsNeedApproval: Bool = false, reading: @escaping @Sendable () async -> HealthReading,
        alarms: @escaping @Sendable () async -> [Alarm],
        require: @escaping @Sendable (_ action: Permissions.Action, _ systems: Set<String>, _ person: String) async throws -> Void
    ) {
        self.store = store
        self.mappings = mappings
        self.key = key
        self.clock = clock
        self.editsNeedApproval = editsNeedApproval
        self.reading = reading
        self.alarms = alarms
        self.require = require
    }

    /// Ends what this visitor may not do on these systems: neither by the roles of the console nor by the hub's permissions.
    ///
    /// - Throws: ``ConsoleRefusal`` (403).
    func require(_ action: Permissions.Action, on systems: Set<String>, of visit: Visit) async throws {
        let may =
            systems.isEmpty
            ? visit.user.may(action) : systems.allSatisfy { visit.user.may(action, system: $0) }
        guard may else { throw ConsoleRefusal.forbidden(action.rawValue) }
        try await self.require(action, systems, visit.user.name)
    }
}
