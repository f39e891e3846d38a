import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A request as a scripted server sees it.
struct ScriptedRequest: Sendable, Hashable {
    let method: String
    /// With the query.
    let target: String
    /// Names in lower case.
    let headers: [String: String]
    let body: String

    var path: String { String(self.target.prefix { $0 != "?" }) }

    /// Names and values of the query, percent-decoded, in order.
    var query: [String] {
        self.target.split(separator: "?", maxSplits: 1).dropFirst().first?.split(separator: "&").map {
            String($0).removingPercentEncoding ?? ""
        } ?? []
    }

    func parameter(_ name: String) -> String? {
        self.query.first { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1)) }
    }
}

/// What a scripted server says, byte for byte; then it closes the connection.
struct ScriptedReply: Sendable, Hashable {
    var status = 200
    var headers: [String: String] = ["Content-Type": "application/json"]
    var body = ""
    /// The length that is announced; `nil` announces the true one.
    var announcedLength: Int?
    /// Closes without a word.
    var hangsUp = false

    static func json(_ body: String, status: Int = 200, headers: [String: String] = [:]) -> ScriptedReply {
        ScriptedReply(
            status: status, headers: headers.merging(["Content-Type": "application/json"]) { own, _ in own }, body: body)
    }

    static func token(_ text: String = "token-1", lifetime: String = "3600") -> ScriptedReply {
        .json(#"{"access_token":"\#(text)","token_type":"Bearer","expires_in":\#(lifetime)}"#)
    }

    fileprivate var bytes: [UInt8] {
        if self.hangsUp { return [] }
        var head =
            "HTTP/1.1 \(self.status) X\r\nContent-Length: \(self.announcedLength ?? self.body.utf8.count)\r\nConnection: close\r\n"
        for (name, value) in self.headers.sorted(by: { $0.key < $1.key }) { head += "\(name): \(value)\r\n" }
        return Array((head + "\r\n" + self.body).utf8)
    }
}

/// An HTTP server on loopback that says exactly what a test wants said, wrong or right. One request per connection.
final class ScriptedServer: Sendable {
    let port: Int
    private let listener: Int32
    private let answer: @Sendable (ScriptedRequest) -> ScriptedReply
    private let seen = Mutex<[ScriptedRequest]>([])

    /// What was asked, in order.
    var requests: [ScriptedRequest] { self.seen.withLock { $0 } }

    var url: String { "http://127.0.0.1:\(self.port)" }

    private struct NoSocket: Error {}

    private init(_ answer: @escaping @Sendable (ScriptedRequest) -> ScriptedReply) throws {
        self.answer = answer
        let (listener, port) = try Self.listen()
        self.listener = listener
        self.port = port
    }

    /// A listening socket on a free port of 127.0.0.1.
    static func listen() throws -> (socket: Int32, port: Int) {
        #if canImport(Darwin)
            let kind = SOCK_STREAM
        #else
            let kind = Int32(SOCK_STREAM.rawValue)
        #endif
        let listener = socket(AF_INET, kind, 0)
        guard listener >= 0 else { throw NoSocket() }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(listener, pointer, length) == 0 && getsockname(listener, pointer, &length) == 0
            }
        }
        #if canImport(Darwin)
            let listens = Darwin.listen(listener, 64) == 0
        #elseif canImport(Musl)
            let listens = Musl.listen(listener, 64) == 0
        #else
            let listens = Glibc.listen(listener, 64) == 0
        #endif
        guard bound, listens else { throw NoSocket() }
        return (listener, Int(UInt16(bigEndian: address.sin_port)))
    }

    /// A port that nobody listens at.
    static func freePort() throws -> Int {
        let (socket, port) = try self.listen()
        close(socket)
        return port
    }

    static func with<Result>(
        _ answer: @escaping @Sendable (ScriptedRequest) -> ScriptedReply, _ body: (ScriptedServer) async throws -> Result
    ) async throws -> Result {
        let server = try ScriptedServer(answer)
        Thread.detachNewThread { server.serve() }
        defer { server.stop() }
        return try await body(server)
    }

    private func stop() {
        shutdown(self.listener, Int32(SHUT_RDWR))
        close(self.listener)
    }

    private func serve() {
        while true {
            let connection = accept(self.listener, nil, nil)
            guard connection >= 0 else { return }
            Thread.detachNewThread {
                defer { close(connection) }
                guard let request = Self.read(connection) else { return }
                self.seen.withLock { $0.append(request) }
                Self.write(self.answer(request).bytes, to: connection)
            }
        }
    }

    private static func write(_ bytes: [UInt8], to connection: Int32) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                send(connection, $0.baseAddress?.advanced(by: sent), $0.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
    }

    private static func read(_ connection: Int32) -> ScriptedRequest? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            bytes += buffer[..<count]
            if let request = Self.parse(bytes) { return request }
        }
    }

    static func parse(_ bytes: [UInt8]) -> ScriptedRequest? {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.range(of: "\r\n\r\n") else { return nil }
        let lines = text[..<end.lowerBound].components(separatedBy: "\r\n")
        let words = lines[0].split(separator: " ").map(String.init)
        guard words.count == 3 else { return nil }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            if parts.count == 2 { headers[parts[0].lowercased()] = parts[1] }
        }
        let body = String(text[end.upperBound...])
        guard body.utf8.count >= Int(headers["content-length"] ?? "0") ?? 0 else { return nil }
        return ScriptedRequest(method: words[0], target: words[1], headers: headers, body: body)
    }
}
