import Hummingbird

/// Turns what the guard refuses into the API's problems, where the API is asked.
struct APIRefusalMiddleware: RouterMiddleware {
    typealias Context = ConsoleRequestContext

    @concurrent
    func handle(
        _ request: Request, context: ConsoleRequestContext,
        next: @concurrent (Request, ConsoleRequestContext) async throws -> Response
    ) async throws -> Response {
        guard APIDoor.isOwn(request.uri.path) else { return try await next(request, context) }
        do { return try await next(request, context) } catch let refusal as AccessRefusal {
            return APIDoor.response(to: APIProblem(refusal), APIDoor.language(of: request))
        }
    }
}

/// Answers what the API is asked; everything else goes on to the pages.
struct APIMiddleware: RouterMiddleware {
    typealias Context = ConsoleRequestContext

    let door: APIDoor

    @concurrent
    func handle(
        _ request: Request, context: ConsoleRequestContext,
        next: @concurrent (Request, ConsoleRequestContext) async throws -> Response
    ) async throws -> Response {
        guard APIDoor.isOwn(request.uri.path) else { return try await next(request, context) }
        return await self.door.answer(request)
    }
}
