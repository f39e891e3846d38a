import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
public import SchoolRecords
public import ServiceLifecycle

/// A stand-in for Skolverket's SS 12000 client: it subscribes at a municipality's API, fetches everything, and after each notice what
/// has changed since five minutes before it, in Skolverket's order.
public actor DNPFetcher: Service {
    /// In the order in which they are fetched.
    static let kinds: [(resource: String, path: String)] = [
        ("Organisation", "organisations"), ("Person", "persons"), ("Group", "groups"), ("Duty", "duties"),
        ("Activity", "activities"),
    ]

    private nonisolated let standIn: DNPStandIn
    /// As it is registered.
    private nonisolated let api: String
    private nonisolated let address: String
    private nonisolated let urlID: String
    private nonisolated let bell = Bell()
    private var held: [String: [String: JSONValue]] = [:]
    /// The statuses of replies that weren't what they should be.
    public private(set) var refusals: [Int] = []

    /// - Parameters:
    ///   - api: the address of the municipality's API as it is registered at Skolverket, without a slash at its end.
    ///   - address: where it is reached, past the proxy that is at the registered one; `nil` = there.
    public init(_ standIn: DNPStandIn, api: String, at address: String? = nil) {
        self.standIn = standIn
        self.api = api
        self.address = address ?? api
        self.urlID = UUID().uuidString.lowercased()
    }

    /// What it holds of a kind (`Person`), by id.
    public func objects(_ resource: String) -> [String: JSONValue] { self.held[resource] ?? [:] }

    /// Subscribes and fetches everything, as when an address is registered.
    ///
    /// - Returns: the status of the subscription.
    public func register() async throws -> Int {
        let body: JSONValue = [
            "name": "provtjansten", "target": .string(try await self.standIn.webhook(self.urlID)),
            "resourceTypes": .array(Self.kinds.map { ["resource": .string($0.resource)] }),
        ]
        let (status, _) = try await self.call(.POST, "/subscriptions", body)
        guard status == 201 else { return status }
        try await self.fetch(Set(Self.kinds.map(\.resource)), after: nil)
        return status
    }

    /// Fetches after each notice until it is cancelled or shut down.
    public func run() async throws {
        do {
            try await cancelWhenGracefulShutdown {
                while !Task.isCancelled {
                    try await self.standIn.wait { !$0.notices.isEmpty }
                    for notice in await self.standIn.takeNotices() where notice.urlID == self.urlID {
                        try await self.take(notice.body, at: self.standIn.clock())
                    }
                }
            }
        } catch is CancellationError {}
    }

    /// Returns once a condition on what it holds is true; looked at after each fetch.
    public func wait(until condition: @Sendable (isolated DNPFetcher) -> Bool) async throws {
        while true {
            let rings = self.bell.rings
            if condition(self) { return }
            try await self.bell.wait(past: rings)
        }
    }

    private func take(_ notice: JSONValue, at now: Date) async throws {
        let after = now.addingTimeInterval(-300).ISO8601Format()
        let modified = Set((notice["modifiedEntities"]?.arrayValue ?? []).compactMap(\.stringValue))
        try await self.fetch(modified, after: after)
        guard notice["deletedEntities"]?.boolValue == true else { return }
        for page in try await self.pages("/deletedEntities", [("after", after)]) {
            for (resource, path) in Self.kinds {
                // One of the standard's names has a slip in it.
                let ids = page["data"]?[path == "activities" ? "activitites" : path]?.arrayValue ?? []
                for id in ids.compactMap(\.stringValue) { self.held[resource]?[id] = nil }
            }
        }
        self.bell.ring()
    }

    private func fetch(_ resources: Set<String>, after: String?) async throws {
        for (resource, path) in Self.kinds where resources.contains(resource) {
            var count: Int64 = 0
            for page in try await self.pages("/\(path)", after.map { [("meta.modified.after", $0)] } ?? []) {
                for object in page["data"]?.arrayValue ?? [] {
                    guard let id = object["id"]?.stringValue else { continue }
                    self.held[resource, default: [:]][id] = object
                    count += 1
                }
            }
            _ = try await self.call(
                .POST, "/statistics",
                ["resourceType": .string(resource), "newCount": 0, "updatedCount": .integer(count), "deletedCount": 0])
        }
        self.bell.ring()
    }

    private func pages(_ path: String, _ query: [(String, String)]) async throws -> [JSONValue] {
        var pages: [JSONValue] = []
        var query = query
        while true {
            let text = query.map { "\($0.0)=\($0.1.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")" }
            let (_, page) = try await self.call(.GET, path + (text.isEmpty ? "" : "?" + text.joined(separator: "&")))
            guard let page else { return pages }
            pages.append(page)
            guard let token = page["pageToken"]?.stringValue else { return pages }
            query = [("pageToken", token)]
        }
    }

    private func call(
        _ method: HTTPMethod, _ path: String, _ body: JSONValue? = nil
    ) async throws -> (status: Int, body: JSONValue?) {
        var request = HTTPClientRequest(url: self.address + path)
        request.method = method
        request.headers.add(
            name: "Authorization", value: "Bearer \(try await self.standIn.ownToken(for: self.api))")
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: Array(body.canonicalData)))
        }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(10))
        let status = Int(response.status.code)
        let bytes = try await response.body.collect(upTo: 16 << 20)
        guard (200...299).contains(status) else {
            self.refusals.append(status)
            return (status, nil)
        }
        return (status, try? JSONValue(parsing: Data(bytes.readableBytesView)))
    }
}
