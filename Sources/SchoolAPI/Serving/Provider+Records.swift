import Mapping
import Foundation
import Hub
import SchoolRecords

extension Provider {
    /// Records of a page when the client doesn't say, and at most.
    static let usualLimit = 500
    static let mostLimit = 1000
    /// Ids or numbers in one lookup.
    static let mostLookups = 1000
    /// Records that a lookup may come to.
    static let mostFound = 5000

    private func source(_ view: ClientView) async throws -> RecordSource {
        try await self.terms.catchUp()
        return try await RecordSource(store: self.store, key: self.key, provision: view.provision)
    }

    // MARK: Lists

    func list(_ endpoint: Endpoint, _ request: APIRequest, _ view: ClientView) async throws -> APIReply {
        try view.demand(endpoint.entity)
        let path = request.steps[0]
        let paging = try self.paging(request, view, path)
        let query = try ListQuery(endpoint, paging.query, view.provision)
        let source = try await self.source(view)
        let choosing = try await source.choosing(query)
        let page: WalkPage
        if let sortKey = query.sortKey, let paths = sortKey.paths {
            let question = SortedWalks.Question(
                client: view.client.name, path: path, query: query.pairs, mappings: self.mappings.set.version)
            page = try await source.sortedPage(
                choosing, by: sortKey, paths, after: paging.place, limit: paging.limit, question: question, walks: self.walks,
                now: self.clock.now())
        } else {
            page = try await source.page(
                choosing, query.sortKey == nil ? .identity : .latestFirst, after: paging.place, limit: paging.limit)
        }
        return try .json([
            "data": .array(try await source.written(page.records, query)),
            "pageToken": self.token(page.next, path, query.pairs, paging.limit, view),
        ])
    }

    /// Where a list goes on, and by what it was asked.
    struct Paging {
        let query: QueryPairs
        let limit: Int
        let place: PageToken.Place?
    }

    func paging(_ request: APIRequest, _ view: ClientView, _ path: String) throws(APIError) -> Paging {
        let pairs = try QueryPairs(request.query)
        let limits = pairs.values("limit")
        let tokens = pairs.values("pageToken")
        for (name, values) in [("limit", limits), ("pageToken", tokens)] where values.count > 1 { throw .twice(name) }
        var limit: Int?
        if let text = limits.first {
            // A number of any size is one; more than there may be is as many as there may be.
            guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), text.contains(where: { $0 != "0" }) else {
                throw .badRequest("bad-value", sv: "limit är ett heltal från 1.", en: "limit is a whole number from 1.")
            }
            limit = min(Int(text) ?? Self.mostLimit, Self.mostLimit)
        }
        guard let text = tokens.first else { return Paging(query: pairs, limit: limit ?? Self.usualLimit, place: nil) }
        guard pairs.pairs.allSatisfy({ ListQuery.paging.contains($0.name) }) else {
            throw .badRequest(
                "page-token-alone", sv: "pageToken går bara ihop med limit: den vet vad som frågades.",
                en: "pageToken goes with limit alone: it knows what was asked.")
        }
        let token = try PageToken(text, client: view.client.name, path: path, key: self.key)
        return Paging(query: token.pairs, limit: limit ?? token.limit, place: token.place)
    }

    func token(
        _ place: PageToken.Place?, _ path: String, _ query: QueryPairs, _ limit: Int, _ view: ClientView
    ) throws -> JSONValue {
        guard let place else { return .null }
        return .string(
            try PageToken(client: view.client.name, path: path, query: query, limit: limit, place: place).text(self.key))
    }

    // MARK: One record

    func one(_ endpoint: Endpoint, _ id: String, _ request: APIRequest, _ view: ClientView) async throws -> APIReply {
        try view.demand(endpoint.entity)
        guard let id = ListQuery.id(id) else { throw APIError.noID("id") }
        let query = try ListQuery(expanding: endpoint, try QueryPairs(request.query), view.provision)
        let source = try await self.source(view)
        guard let record = try await source.records(endpoint.entity, [id])[id],
            let json = try await source.written([record], query).first
        else { throw APIError.notFound }
        return .json(json)
    }

    // MARK: Lookups

    func lookup(_ endpoint: Endpoint, _ request: APIRequest, _ view: ClientView) async throws -> APIReply {
        try view.demand(endpoint.entity)
        let query = try ListQuery(expanding: endpoint, try QueryPairs(request.query), view.provision)
        let body = try request.json()
        var count = 0
        func list(_ name: String, isID: Bool) throws(APIError) -> [String]? {
            guard let value = body[name] else { return nil }
            guard let elements = value.arrayValue, elements.allSatisfy({ $0.stringValue != nil }) else {
                throw .badRequest("bad-body", sv: "\(name) är en lista av texter.", en: "\(name) is a list of texts.")
            }
            count += elements.count
            guard count <= Self.mostLookups else {
                throw .badRequest(
                    "too-many", sv: "En lookup får fråga efter högst \(Self.mostLookups). Dela upp den.",
                    en: "A lookup may ask for at most \(Self.mostLookups). Ask in parts.")
            }
            let texts = elements.compactMap(\.stringValue)
            guard isID else { return texts }
            return try texts.map { text throws(APIError) in
                guard let id = ListQuery.id(text) else { throw .noID(name) }
                return id
            }
        }
        let ids = try list("ids", isID: true) ?? []
        var asked: [(key: LookupKey, values: [String])] = []
        for key in endpoint.lookups ?? [] {
            let values = try key.names.flatMap { name throws(APIError) in try list(name, isID: key.isID) ?? [] }
            guard !values.isEmpty else { continue }
            for field in key.reads { try view.provision.demand(field, for: key.names[0]) }
            asked.append((key, values))
        }
        let source = try await self.source(view)
        var found = try await source.records(endpoint.entity, Set(ids))
        for (key, values) in asked {
            var choosing = Choosing(endpoint.entity)
            choosing.add(try await source.condition(key.rule, endpoint.entity, values), key: self.key)
            var place: PageToken.Place?
            repeat {
                let page = try await source.page(choosing, .identity, after: place, limit: Self.usualLimit)
                for record in page.records { found[record.key.id] = record }
                guard found.count <= Self.mostFound else {
                    throw APIError(
                        503, "too-much", sv: "Svaret blir större än \(Self.mostFound) poster. Fråga efter färre.",
                        en: "The answer comes to more than \(Self.mostFound) records. Ask for fewer.")
                }
                place = page.next
            } while place != nil
        }
        let records = found.values.sorted { $0.key.id < $1.key.id }
        return .json(.array(try await source.written(records, query)))
    }
}
