import Hub
import Hummingbird
import Logging
import NIOCore

/// The console's pages put together.
public struct ConsoleSite: Sendable {
    let desk: ConsoleDesk
    let gate: any ConsoleGate
    let templates: Templates
    let origin: OriginGuard
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
        self.origin = OriginGuard(publicURL: publicURL)
    }

    /// In the order in which they stand in the menu.
    private func pages(_ frame: Frame) -> [any ConsolePage] {
        [
            OverviewPage(desk: self.desk, frame: frame), FailedPage(desk: self.desk, frame: frame),
            FailurePage(desk: self.desk, frame: frame), ReplayPage(desk: self.desk, frame: frame),
            HeldPage(desk: self.desk, frame: frame),
            MessagesPage(desk: self.desk, frame: frame), ChangesPage(desk: self.desk, frame: frame),
            PersonPage(desk: self.desk, frame: frame),
            AgreementPage(desk: self.desk, frame: frame),
            FindingsPage(desk: self.desk, frame: frame), RepairsPage(desk: self.desk, frame: frame),
            RolesPage(desk: self.desk, frame: frame), RolePlanningPage(desk: self.desk, frame: frame),
            RoleExplanationPage(desk: self.desk, frame: frame),
            RolePlanPage(desk: self.desk, frame: frame),
            MappingsPage(desk: self.desk, frame: frame), MappingPage(desk: self.desk, frame: frame),
            CodeTablesPage(desk: self.desk, frame: frame), MappingPreviewPage(desk: self.desk, frame: frame),
            InteropPage(desk: self.desk, frame: frame), InteropFieldsPage(desk: self.desk, frame: frame),
            StatisticsPage(desk: self.desk, frame: frame),
            FieldRegisterPage(desk: self.desk, frame: frame), AccessLogPage(desk: self.desk, frame: frame),
            SettingsPage(desk: self.desk, frame: frame),
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
            gate: self.gate, templates: self.templates, origin: self.origin, logger: logger)
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
        AccountPage(gate: self.gate, frame: frame).add(to: router, routes, door: door)
        for page in self.pages(frame) { page.add(to: routes) }
        router.get("**") { request, context in
            await door.answer(request, context) { _ in throw ConsoleRefusal.unknownPage }
        }
        return router
    }
}
