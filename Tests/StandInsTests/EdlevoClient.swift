import Foundation
import FoundationNetworking
import SchoolRecords
import StandIns
import Testing

/// A plain client of an SS 12000 server, as another program would write it.
struct EdlevoClient {
    struct Reply {
        let status: Int
        let headers: [String: String]
        let body: Data

        var json: JSONValue? { try? JSONValue(parsing: self.body) }
    }

    let standIn: EdlevoStandIn
    let apiURL: String
    let token: String

    init(_ standIn: EdlevoStandIn) async throws {
        self.standIn = standIn
        self.apiURL = try await standIn.apiURL
        let reply = try await Self.token(standIn)
        self.token = try #require(reply.json?["access_token"]?.stringValue)
    }

    static func token(
        _ standIn: EdlevoStandIn, secret: String = "stand-in-secret", grant: String = "client_credentials"
    ) async throws -> Reply {
        try await self.send(
            try await standIn.tokenURL, method: "POST", contentType: "application/x-www-form-urlencoded",
            body: Data("client_id=knutpunkt&client_secret=\(secret)&grant_type=\(grant)".utf8))
    }

    static func send(
        _ address: String, method: String = "GET", token: String? = nil, contentType: String? = nil, body: Data? = nil
    ) async throws -> Reply {
        var request = URLRequest(url: try #require(URL(string: address)))
        request.httpMethod = method
        request.httpBody = body
        request.timeoutInterval = 20
        if let token { request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization") }
        if let contentType { request.setValue(contentType, forHTTPHeaderField: "Content-Type") }
        let (data, response) = try await self.session.data(for: request)
        let reply = try #require(response as? HTTPURLResponse)
        var headers: [String: String] = [:]
        for (name, value) in reply.allHeaderFields { headers["\(name)".lowercased()] = "\(value)" }
        return Reply(status: reply.statusCode, headers: headers, body: data)
    }

    private static let session = URLSession(configuration: .ephemeral)

    func get(_ path: String, token: String? = nil) async throws -> Reply {
        try await Self.send(self.apiURL + "/" + path, token: token ?? self.token)
    }

    func post(_ path: String, _ body: JSONValue) async throws -> Reply {
        try await Self.send(
            self.apiURL + "/" + path, method: "POST", token: self.token, contentType: "application/json",
            body: body.canonicalData)
    }

    /// Every page of a list, by following the page tokens.
    func pages(of entity: Entity, query: String = "") async throws -> [JSONValue] {
        let path =
            [
                Entity.organisation: "organisations", .person: "persons", .group: "groups", .duty: "duties",
                .placement: "placements",
            ][entity] ?? ""
        var pages: [JSONValue] = []
        var next = path + query
        while true {
            let reply = try await self.get(next)
            try #require(reply.status == 200)
            let page = try #require(reply.json)
            pages.append(page)
            guard let token = page["pageToken"]?.stringValue else { return pages }
            let encoded = try #require(token.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
            next = "\(path)?pageToken=\(encoded)"
        }
    }

    /// The ids of a list.
    func ids(of entity: Entity, query: String = "") async throws -> [String] {
        try await self.pages(of: entity, query: query).flatMap { page in
            (page["data"]?.arrayValue ?? []).compactMap { $0["id"]?.stringValue }
        }
    }
}
