import Foundation
import HTTPTypes
public import Hub
import Hummingbird
public import Logging
import Mapping
import SchoolRecords

/// What answers the requests: signs clients in, and shows each what it may see.
public final class Provider: Sendable {
    static let base = "v2.0"

    let store: any HubStore
    let key: HubKey
    let mappings: MappingBook
    let clock: HubClock
    let logger: Logger
    let tokens: AccessTokens
    let foreign: ForeignClients
    let throttle = SecretThrottle()
    /// Of tokens that nobody has signed who may: beside the one of secrets, since nobody says whose they are to be.
    let tokenThrottle = SecretThrottle()
    let terms: TermKeeper
    let walks = SortedWalks()
    let subscriptionHours: Int

    /// - Parameters:
    ///   - clients: who may sign in.
    ///   - subscriptionHours: how long a subscription lasts unless it is renewed.
    public init(
        clients: [APIClient], store: any HubStore, key: HubKey, mappings: MappingBook, subscriptionHours: Int = 168,
        clock: HubClock, logger: Logger
    ) {
        self.store = store
        self.key = key
        self.mappings = mappings
        self.subscriptionHours = subscriptionHours
        self.clock = clock
        self.logger = logger
        self.tokens = AccessTokens(key: key, clients: clients, clock: clock)
        self.foreign = ForeignClients(clients)
        self.terms = TermKeeper(store: store)
    }

    func respond(to request: Request, from address: String) async -> APIReply {
        let language = APILanguage(accept: request.headers[.acceptLanguage])
        do {
            return try await self.answer(request, from: address)
        } catch let error as APIError {
            return .failure(error, language)
        } catch is CancellationError {
            return .failure(
                APIError(503, "stopping", sv: "Navet stängs.", en: "The hub is closing.", retryAfter: 30), language)
        } catch {
            // The store's errors hold nothing of what was asked.
            self.logger.error("A request of a client failed", metadata: ["error": "\(error)"])
            return .failure(
                APIError(
                    503, "unavailable", sv: "Navet kan inte svara just nu. Fråga igen om en stund.",
                    en: "The hub can't answer now. Ask again in a while.", retryAfter: 30), language)
        }
    }

    private func answer(_ request: Request, from address: String) async throws -> APIReply {
        let steps = request.uri.path.split(separator: "/", omittingEmptySubsequences: true).map {
            $0.removingPercentEncoding ?? ""
        }
        if steps == ["token"] {
            guard request.method == .post else { throw APIError.notAllowed(["POST"]) }
            return try await self.signIn(request, from: address)
        }
        guard steps.first == Self.base else { throw APIError.notFound }
        let client = try await self.client(of: request, from: address)
        guard let provision = self.mappings.set.provisions[client.system] else {
            throw APIError(
                403, "nothing-provided",
                sv: "Klienten får inte hämta något: \(client.system) har ingen provide.yaml. Be den som sköter navet.",
                en: "This client may fetch nothing: \(client.system) has no provide.yaml. Ask whoever runs the hub.")
        }
        let hasBody = [.post, .put, .patch].contains(request.method)
        let asked = APIRequest(
            method: request.method, steps: Array(steps.dropFirst()), query: request.uri.query,
            body: hasBody ? try await APIRequest.body(of: request) : Data())
        let reply = try await self.route(asked, ClientView(client: client, provision: provision))
        self.logger.debug(
            "A client was answered",
            metadata: [
                "client": "\(client.name)", "list": "\(self.knownPath(asked.steps))", "method": "\(asked.method.rawValue)",
                "status": "\(reply.status)",
            ])
        return reply
    }

    /// The first step of a path as the log may show it.
    private func knownPath(_ steps: [String]) -> String {
        let known = ["deletedEntities", "subscriptions", "log", "statistics"]
        return steps.first.flatMap { Endpoint.all[$0] != nil || known.contains($0) ? $0 : nil } ?? "?"
    }

    private func route(_ request: APIRequest, _ view: ClientView) async throws -> APIReply {
        guard let first = request.steps.first, request.steps.count <= 2 else { throw APIError.notFound }
        let second = request.steps.dropFirst().first
        switch first {
        case "deletedEntities" where second == nil:
            guard request.method == .get else { throw APIError.notAllowed(["GET"]) }
            return try await self.deletedEntities(request, view)
        case "subscriptions": return try await self.subscriptions(request, second, view)
        case "log" where second == nil, "statistics" where second == nil:
            guard request.method == .post else { throw APIError.notAllowed(["POST"]) }
            return try self.feedback(request, isLog: first == "log", view)
        default: break
        }
        guard let endpoint = Endpoint.all[first] else { throw APIError.notFound }
        switch (second, request.method) {
        case (nil, .get): return try await self.list(endpoint, request, view)
        case ("lookup"?, .post) where endpoint.lookups != nil: return try await self.lookup(endpoint, request, view)
        case (let id?, .get) where endpoint.hasRecords && id != "lookup":
            return try await self.one(endpoint, id, request, view)
        case (nil, .post) where endpoint.isWritable: throw APIError.readOnly
        case (let id?, .delete) where endpoint.isDeletable && id != "lookup": throw APIError.readOnly
        default: throw Self.refusal(endpoint, second)
        }
    }

    private static func refusal(_ endpoint: Endpoint, _ second: String?) -> APIError {
        switch second {
        case nil: return .notAllowed(endpoint.isWritable ? ["GET", "POST"] : ["GET"])
        case "lookup"?: return endpoint.lookups == nil ? .notFound : .notAllowed(["POST"])
        case _?:
            guard endpoint.hasRecords else { return .notFound }
            return .notAllowed(endpoint.isDeletable ? ["GET", "DELETE"] : ["GET"])
        }
    }
}

/// One client, and what it may see.
struct ClientView: Sendable {
    let client: APIClient
    let provision: Provision

    /// - Throws: ``APIError`` (403) for an entity that isn't provided.
    func demand(_ entity: Entity) throws(APIError) {
        guard self.provision.fields(of: entity) != nil else { throw .notProvided(entity) }
    }
}

extension APIError {
    static let readOnly = APIError(
        403, "read-only", sv: "Navet tar inte emot poster här: varje uppgift har sitt källsystem. Rapportera i det.",
        en: "The hub takes no records here: every fact has its source system. Report it there.")
}
