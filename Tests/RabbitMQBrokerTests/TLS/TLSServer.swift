import Foundation

@testable import RabbitMQBroker

/// A TLS server that is no broker: far enough for everything that goes wrong before AMQP begins.
struct TLSServer {
    let port: Int
    private let output: String

    /// What clients sent it inside TLS.
    var received: Data { FileManager.default.contents(atPath: self.output) ?? Data() }

    /// Runs `openssl s_server` for the duration of `body`.
    static func with<Result>(_ arguments: [String], _ body: (TLSServer) async throws -> Result) async throws -> Result {
        let port = try FreePorts.pick(1)[0]
        let output = try await Certificates.made.value.directory + "/received-\(UUID().uuidString)"
        try Data().write(to: URL(fileURLWithPath: output))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = ["s_server", "-accept", "127.0.0.1:\(port)", "-quiet"] + arguments
        process.standardInput = Pipe()
        process.standardOutput = FileHandle(forWritingAtPath: output)
        process.standardError = FileHandle.nullDevice
        try process.run()
        defer { kill(process.processIdentifier, SIGKILL) }
        try await Self.answers(port)
        return try await body(TLSServer(port: port, output: output))
    }

    /// Waits until somebody listens: the server says so nowhere when it is quiet.
    private static func answers(_ port: Int) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline {
            let isOpen = try await DedicatedThread.run("connect") { Self.connects(port) }
            if isOpen { return }
            await Task.yield()
        }
        throw ControlFailure(description: "openssl s_server doesn't listen on port \(port)")
    }

    private static func connects(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
