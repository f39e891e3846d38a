import Foundation
#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif
public import SchoolRecords

/// A SCIM 2.0 server that somebody else has written (scim2-server of PyPI, which `.ci/setup --tests` fetches), with the schemas of EGIL,
/// in a process of its own. It gives ids of its own, has versions, filters, paging and PATCH, and is empty at the start.
public struct IndependentSCIMServer: Sendable {
    /// The base address.
    public let url: String
    /// What lets calls in, as `Authorization: Bearer`.
    public let token: String

    /// Why it can't be had.
    public struct Unavailable: Error, CustomStringConvertible {
        public let description: String
    }

    /// Runs one for as long as `body` runs.
    ///
    /// - Throws: ``Unavailable`` when it doesn't start.
    public static func with(_ body: (IndependentSCIMServer) async throws -> Void) async throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../..").standardized.path
        let token = "token-of-a-test"
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "\(root)/Tests/Contract/scim_server.py", token]
        var environment = ProcessInfo.processInfo.environment
        environment["PYTHONPATH"] = "\(root)/.build/tools/scim"
        process.environment = environment
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        let (parts, sink) = AsyncStream.makeStream(of: Data.self)
        output.fileHandleForReading.readabilityHandler = { handle in
            let data = handle.availableData
            if data.isEmpty {
                handle.readabilityHandler = nil
                sink.finish()
            } else {
                sink.yield(data)
            }
        }
        try process.run()
        defer { try? input.fileHandleForWriting.close() }
        var text = ""
        for await part in parts {
            text += String(decoding: part, as: UTF8.self)
            if text.contains("\n") { break }
        }
        guard let url = text.split(separator: "\n").first?.split(separator: " ").last, url.hasPrefix("http") else {
            throw Unavailable(description: "the independent SCIM server doesn't start: run .ci/setup --tests")
        }
        try await body(IndependentSCIMServer(url: String(url), token: token))
    }

    /// Everything of a type, read page by page, by `externalId`.
    ///
    /// - Parameter count: objects asked for on a page.
    public func all(_ path: String, count: Int = 7) async throws -> [String: JSONValue] {
        var objects: [String: JSONValue] = [:]
        var start: Int64 = 1
        while true {
            let page = try await self.get("\(path)?startIndex=\(start)&count=\(count)")
            let resources = page["Resources"]?.arrayValue ?? []
            for object in resources { objects[object["externalId"]?.stringValue ?? ""] = object }
            start += Int64(resources.count)
            guard !resources.isEmpty, start <= page["totalResults"]?.integerValue ?? 0 else { return objects }
        }
    }

    /// What a filter finds.
    public func find(_ path: String, _ filter: String) async throws -> [JSONValue] {
        var allowed = CharacterSet.alphanumerics
        allowed.insert(charactersIn: "-._~")
        let encoded = filter.addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
        return try await self.get("\(path)?filter=\(encoded)")["Resources"]?.arrayValue ?? []
    }

    /// Asks for what is at a path, up to three times: an answer that broke off must not look like an empty list.
    ///
    /// - Throws: ``Unavailable`` when the answer isn't 200 with JSON.
    public func get(_ path: String) async throws -> JSONValue {
        var problem = ""
        for _ in 1...3 {
            let (status, body) = try await self.call("GET", path)
            if status == 200, body != .null { return body }
            problem = "\(path) answers \(status) \(body["detail"]?.stringValue ?? "")"
        }
        throw Unavailable(description: problem)
    }

    /// Makes a call; returns the status and the reply's JSON, `null` for none.
    @discardableResult
    public func call(_ method: String, _ path: String, _ body: JSONValue? = nil) async throws -> (status: Int, body: JSONValue) {
        guard let address = URL(string: "\(self.url)/\(path)") else { throw Unavailable(description: "\(path) is no path") }
        var request = URLRequest(url: address)
        request.httpMethod = method
        request.setValue("Bearer \(self.token)", forHTTPHeaderField: "Authorization")
        if let body {
            request.setValue("application/scim+json", forHTTPHeaderField: "Content-Type")
            request.httpBody = body.canonicalData
        }
        let (data, response) = try await URLSession.shared.data(for: request)
        let status = (response as? HTTPURLResponse)?.statusCode ?? 0
        return (status, (try? JSONValue(parsing: data)) ?? .null)
    }
}
