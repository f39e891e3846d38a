import AsyncHTTPClient
import Foundation
import KnutpunktApp
import NIOCore
import NIOHTTP1
import SchoolRecords

/// Somebody who asks a hub's console and interfaces for everything, and keeps what was answered.
struct ConsoleVisit: Sendable {
    struct Answer: Sendable {
        let place: String
        let status: Int
        let text: String
        let bytes: [UInt8]
    }

    /// What a browser would follow is looked at itself.
    private static let client = HTTPClient(
        eventLoopGroupProvider: .singleton, configuration: .init(redirectConfiguration: .disallow))

    let url: String
    private var cookie: String?
    private var csrf = ""
    private let token: String?
    private(set) var answers: [Answer] = []

    init(url: String, token: String? = nil) {
        self.url = url
        self.token = token
    }

    /// Signs in as a browser does.
    mutating func signIn(_ name: String, _ password: String) async throws {
        let answer = try await self.post("/sign-in", ["name": name, "password": password, "to": "/"])
        guard (300..<400).contains(answer.status), self.cookie != nil else {
            throw Browser.Failure(description: "signing in was answered with \(answer.status)")
        }
    }

    @discardableResult
    mutating func get(_ path: String) async throws -> Answer { try await self.ask(.GET, path, nil, "") }

    /// Sends a form of the page before.
    @discardableResult
    mutating func post(_ path: String, _ form: [String: String]) async throws -> Answer {
        var allowed = CharacterSet.alphanumerics
        allowed.insert(charactersIn: "-._~")
        let members = form.merging(["csrf": self.csrf]) { own, _ in own }.map { name, value in
            "\(name)=\(value.addingPercentEncoding(withAllowedCharacters: allowed) ?? "")"
        }
        return try await self.ask(.POST, path, members.joined(separator: "&"), "application/x-www-form-urlencoded")
    }

    @discardableResult
    mutating func send(_ path: String, _ body: JSONValue) async throws -> Answer {
        try await self.ask(.POST, path, String(decoding: body.canonicalData, as: UTF8.self), "application/json")
    }

    private mutating func ask(_ method: HTTPMethod, _ path: String, _ body: String?, _ type: String) async throws -> Answer {
        var request = HTTPClientRequest(url: self.url + path)
        request.method = method
        request.headers.add(name: "Origin", value: self.url)
        if let cookie { request.headers.add(name: "Cookie", value: cookie) }
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        if let body {
            request.headers.add(name: "Content-Type", value: type)
            request.body = .bytes(ByteBuffer(string: body))
        }
        let response = try await Self.client.execute(request, timeout: .seconds(60))
        let headers = response.headers.map { "\($0.name): \($0.value)" }.joined(separator: "\n")
        let bytes = Array(try await response.body.collect(upTo: 64 << 20).readableBytesView)
        for set in response.headers["set-cookie"] {
            if let pair = set.split(separator: ";").first { self.cookie = String(pair) }
        }
        let text = String(decoding: bytes, as: UTF8.self)
        if let token = text.firstMatch(of: /name="csrf" value="([^"]+)"/) { self.csrf = String(token.1) }
        let answer = Answer(
            place: "\(method.rawValue) \(path)", status: Int(response.status.code), text: text,
            bytes: Array(headers.utf8) + [0x0A] + bytes)
        self.answers.append(answer)
        return answer
    }
}
