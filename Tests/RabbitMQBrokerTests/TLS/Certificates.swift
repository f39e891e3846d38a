import Foundation
import MessagingTesting

@testable import RabbitMQBroker

/// Certificates made by `openssl` for one test run, in a directory that goes with it.
struct Certificates {
    let directory: String

    var ca: String { self.directory + "/ca.pem" }
    func certificate(_ name: String) -> String { "\(self.directory)/\(name).pem" }
    func key(_ name: String) -> String { "\(self.directory)/\(name).key" }

    static let made = Task {
        try await DedicatedThread.run("openssl") { try Certificates(directory: NodeFolder.make()).make() }
    }

    private func make() throws -> Certificates {
        try FileManager.default.createDirectory(atPath: self.directory, withIntermediateDirectories: true)
        for name in ["ca", "other"] {
            try self.openssl(
                ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=Test \(name)"]
                    + ["-keyout", self.key(name), "-out", self.certificate(name)])
        }
        try self.sign("server", subject: "localhost", names: "DNS:localhost,IP:127.0.0.1")
        try self.sign("named", subject: "localhost", names: "DNS:localhost")
        try self.sign("wrong", subject: "broker.example", names: "DNS:broker.example")
        // Valid for no time at all: it has expired when it is used.
        try self.sign("expired", subject: "localhost", names: "DNS:localhost", days: 0)
        try self.sign("client", subject: "knutpunkt", names: "DNS:client.example")
        try self.sign("nobody", subject: "nobody", names: "DNS:client.example")
        try self.sign("stranger", subject: "knutpunkt", names: "DNS:client.example", by: "other")
        return self
    }

    private func sign(_ name: String, subject: String, names: String, days: Int = 30, by issuer: String = "ca") throws {
        let (request, extensions) = ("\(self.directory)/\(name).csr", "\(self.directory)/\(name).ext")
        try Data("subjectAltName=\(names)\n".utf8).write(to: URL(fileURLWithPath: extensions))
        try self.openssl(
            ["req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=\(subject)", "-keyout", self.key(name), "-out", request])
        try self.openssl(
            ["x509", "-req", "-in", request, "-CA", self.certificate(issuer), "-CAkey", self.key(issuer), "-CAcreateserial"]
                + ["-days", "\(days)", "-extfile", extensions, "-out", self.certificate(name)])
    }

    private func openssl(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = arguments
        let errors = Pipe()
        process.standardOutput = FileHandle.nullDevice
        process.standardError = errors
        try process.run()
        let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw ControlFailure(description: "openssl \(arguments): \(said)") }
    }
}
