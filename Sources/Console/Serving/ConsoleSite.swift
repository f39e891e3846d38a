import Foundation
import Hub
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
            AgreementPage(desk: self.desk, frame: frame),
            FindingsPage(desk: self.desk, frame: frame), RepairsPage(desk: self.desk, frame: frame),
            RolesPage(desk: self.desk, frame: frame),
            RolePlanPage(desk: self.desk, frame: frame),
            UploadPage(desk: self.desk, frame: frame),
        ]
    }

    /// The addresses that it serves, with `:` for parts that differ, e.g. `GET /failed/:`.
    var addresses: [String] {
        self.router(logger: Logger(label: "console") { _ in SwiftLogNoOpLogHandler() }).routes.map { route in
            let parts = "\(route.path)".split(separator: "/").map { $0.hasPrefix(":") || $0.hasPrefix("{") ? ":" : $0 }
            return "\(route.method) /" + parts.joined(separator: "/")
        }
    }

    func router(logger: Logger) -> Router<ConsoleRequestContext> {
        let router = Router(context: ConsoleRequestContext.self)
        if let access {
            router.add(middleware: SecurityHeadersMiddleware(access.headers))
            router.add(middleware: APIRefusalMiddleware())
            router.add(middleware: ConsoleGuardMiddleware(access))
        }
        let door = ConsoleDoor(
            gate: self.gate, templates: self.templates, publicOrigin: self.publicOrigin, logger: logger)
        router.add(middleware: APIMiddleware(door: self.api(door, logger: logger)))
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
        router.get("**") { request, context in
            await door.answer(request, context) { _ in throw ConsoleRefusal.unknownPage }
        }
        return router
    }
}
