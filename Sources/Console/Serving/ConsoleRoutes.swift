import Hub
import Hummingbird
import Logging

/// What a request carries through the console's router.
struct ConsoleRequestContext: ClientContext {
    var coreContext: CoreRequestContextStorage
    /// Where the connection comes from: the browser, behind a proxy too where ``ConsoleGuardMiddleware`` stands before the pages.
    var address: String

    init(source: ApplicationRequestContextSource) {
        self.coreContext = .init(source: source)
        self.address = source.channel.remoteAddress?.ipAddress ?? "-"
    }
}

/// A place of the console: the addresses below which it stands, and what they show and do.
protocol ConsolePage: Sendable {
    func add(to routes: ConsoleRoutes)
}

/// Where pages say what they show and do. Whoever asks is known and may do it before a page's own code runs; what a form asks for is
/// done only when the form is the visitor's own.
struct ConsoleRoutes {
    typealias Showing = @Sendable (Visit) async throws -> Reply
    typealias Doing = @Sendable (Visit, Fields) async throws -> Reply

    /// Bytes of a form at most, unless a page says otherwise.
    static let mostBytes = 64 * 1024

    let router: Router<ConsoleRequestContext>
    let door: ConsoleDoor

    /// Shows something.
    ///
    /// - Parameter path: with `:name` for parts that differ.
    func show(_ path: String, _ area: ConsoleArea, _ showing: @escaping Showing) {
        let door = self.door
        self.router.get(RouterPath(path)) { request, context in
            await door.answer(request, context) { visit in
                guard visit.user.may(area) else { throw ConsoleRefusal.forbidden(area.rawValue) }
                return try await showing(visit)
            }
        }
    }

    /// Takes a form with files.
    ///
    /// - Parameter mostBytes: of all of it.
    func take(
        _ path: String, _ area: ConsoleArea, mostBytes: Int,
        _ doing: @escaping @Sendable (Visit, MultipartForm) async throws -> Reply
    ) {
        let door = self.door
        self.router.post(RouterPath(path)) { request, context in
            await door.answer(request, context) { visit in
                guard visit.user.may(area) else { throw ConsoleRefusal.forbidden(area.rawValue) }
                let form = try await door.files(of: request, mostBytes: mostBytes)
                guard ConsoleDoor.isEqual(form["csrf"] ?? "", visit.csrf), door.isFromHere(request) else {
                    throw ConsoleRefusal.forgedForm
                }
                return try await doing(visit, form)
            }
        }
    }

    /// Does what a form asks for.
    ///
    /// - Parameter mostBytes: of the form.
    func act(
        _ path: String, _ area: ConsoleArea, mostBytes: Int = ConsoleRoutes.mostBytes, _ doing: @escaping Doing
    ) {
        let door = self.door
        self.router.post(RouterPath(path)) { request, context in
            await door.answer(request, context) { visit in
                guard visit.user.may(area) else { throw ConsoleRefusal.forbidden(area.rawValue) }
                let form = try await door.form(of: request, mostBytes: mostBytes)
                guard door.isOwn(form, of: visit, request) else { throw ConsoleRefusal.forgedForm }
                return try await doing(visit, form)
            }
        }
    }
}
