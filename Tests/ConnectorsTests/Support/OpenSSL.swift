import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The openssl command: certificates made for one test, and a TLS server that wants one from its client.
enum OpenSSL {
    static let path = ["/usr/bin/openssl", "/usr/local/bin/openssl", "/opt/homebrew/bin/openssl"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    static func process(_ arguments: [String]) throws -> Process {
        guard let path = self.path else { throw Failed(description: "openssl is not installed") }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        return process
    }

    static func run(_ arguments: String...) throws {
        let process = try self.process(arguments)
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failed(description: "openssl \(arguments.first ?? "") ended with \(process.terminationStatus)")
        }
    }
}

/// An authority, and certificates of a server at 127.0.0.1 and of a client, in a folder of their own.
struct TestCertificates {
    let folder: String
    func file(_ name: String) -> String { "\(self.folder)/\(name).pem" }

    static func with<Result>(_ body: (TestCertificates) async throws -> Result) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("certificates-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let certificates = TestCertificates(folder: folder)
        try certificates.make()
        return try await body(certificates)
    }

    private func make() throws {
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
        func request(_ arguments: [String]) throws {
            let process = try OpenSSL.process(["req", "-x509"] + key + arguments)
            process.standardOutput = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
            guard process.terminationStatus == 0 else { throw OpenSSL.Failed(description: "openssl req failed") }
        }
        try request(["-subj", "/CN=authority", "-keyout", self.file("ca-key"), "-out", self.file("ca")])
        for (name, more) in [("server", ["-addext", "subjectAltName=IP:127.0.0.1"]), ("client", [])] {
            try request(
                [
                    "-subj", "/CN=\(name)", "-CA", self.file("ca"), "-CAkey", self.file("ca-key"), "-addext",
                    "basicConstraints=critical,CA:FALSE", "-keyout", self.file("\(name)-key"), "-out", self.file(name),
                ] + more)
        }
    }
}

/// `openssl s_server`, which lets in whoever shows a certificate of the test's authority. One connection at a time.
final class CertificateServer: Sendable {
    let port: Int
    private let seen = Mutex<[ScriptedRequest]>([])

    /// What was asked, in order.
    var requests: [ScriptedRequest] { self.seen.withLock { $0 } }

    static func with<Result>(
        _ certificates: TestCertificates, _ answer: @escaping @Sendable (ScriptedRequest) -> String,
        _ body: (CertificateServer) async throws -> Result
    ) async throws -> Result {
        let process = try OpenSSL.process([
            "s_server", "-accept", "127.0.0.1:0", "-cert", certificates.file("server"), "-key", certificates.file("server-key"),
            "-CAfile", certificates.file("ca"), "-Verify", "1", "-verify_return_error",
        ])
        let input = Pipe()
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        defer {
            // A child of a worker thread has the gentler signals blocked.
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        let reader = output.fileHandleForReading
        var start = ""
        while !start.contains("ACCEPT 127.0.0.1:") || start.last?.isNewline != true {
            let part = reader.availableData
            guard !part.isEmpty else { throw OpenSSL.Failed(description: "openssl s_server ended at once") }
            start += String(decoding: part, as: UTF8.self)
        }
        let digits = start.components(separatedBy: "ACCEPT 127.0.0.1:")[1].prefix { $0.isNumber }
        let server = CertificateServer(port: Int(digits) ?? 0)
        Thread.detachNewThread { server.answer(reader, input.fileHandleForWriting, answer) }
        return try await body(server)
    }

    private init(port: Int) { self.port = port }

    /// Requests stand in the output among what s_server tells of itself.
    private func answer(
        _ output: FileHandle, _ input: FileHandle, _ answer: @Sendable (ScriptedRequest) -> String
    ) {
        var text = ""
        while true {
            let part = output.availableData
            guard !part.isEmpty else { return }
            text += String(decoding: part, as: UTF8.self)
            while let start = ["GET /", "POST /"].compactMap({ text.range(of: $0)?.lowerBound }).min() {
                guard let request = ScriptedServer.parse(Array(text[start...].utf8)) else { break }
                text = ""
                self.seen.withLock { $0.append(request) }
                let body = answer(request)
                let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
                try? input.write(contentsOf: Data((head + body).utf8))
            }
        }
    }
}
