import Foundation
import MessagingTesting

@testable import RabbitMQBroker

/// Certificates made by `openssl` for one test run, in a directory that goes with it.
struct Certificates {
    let directory: String

    var ca: String { self.directory + "/ca.pem" }
    func certificate(_ name: String) -> String { "\(self.directory)/\(name).pem" }
    func key(_ name: String) -> String { "\(self.directory)/\(name).key" }
    /// What `openssl s_server` needs to show this certificate.
    func shown(_ name: String) -> [String] { ["-cert", self.certificate(name), "-key", self.key(name)] }

    static let made = Task {
        try await DedicatedThread.run("openssl") { try Certificates(directory: NodeFolder.make()).make() }
    }

    /// From when to when, as openssl writes it.
    private enum Validity: String {
        case now = ""
        case past = "20200101000000Z 20200201000000Z"
        case future = "20900101000000Z 20990101000000Z"
    }

    private func make() throws -> Certificates {
        try FileManager.default.createDirectory(atPath: self.directory, withIntermediateDirectories: true)
        try self.write(
            """
            [ca]
            default_ca = one
            [one]
            database = \(self.directory)/index
            serial = \(self.directory)/serial
            new_certs_dir = \(self.directory)
            policy = any
            default_md = sha256
            default_days = 30
            unique_subject = no
            [any]
            commonName = supplied

            """, to: "ca.conf")
        try self.write("", to: "index")
        for name in ["ca", "other"] {
            try self.openssl(
                ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=Test \(name)"]
                    + ["-keyout", self.key(name), "-out", self.certificate(name)])
        }
        try self.sign("server", subject: "localhost", "subjectAltName=DNS:localhost,IP:127.0.0.1")
        try self.sign("named", subject: "localhost", "subjectAltName=DNS:localhost")
        try self.sign("wrong", subject: "broker.example", "subjectAltName=DNS:broker.example")
        try self.sign("expired", subject: "localhost", "subjectAltName=DNS:localhost", .past)
        try self.sign("early", subject: "localhost", "subjectAltName=DNS:localhost", .future)
        try self.sign("purpose", subject: "localhost", "subjectAltName=DNS:localhost\nextendedKeyUsage=clientAuth")
        try self.sign("client", subject: "knutpunkt", "extendedKeyUsage=clientAuth")
        try self.sign("nobody", subject: "nobody", "extendedKeyUsage=clientAuth")
        try self.sign("stranger", subject: "knutpunkt", "extendedKeyUsage=clientAuth", by: "other")
        try self.openssl(
            ["pkey", "-in", self.key("client"), "-aes128", "-passout", "pass:locked", "-out", self.key("locked")])
        try self.write("no certificate\n", to: "text.pem")
        try self.write("", to: "empty.pem")
        return self
    }

    private func sign(
        _ name: String, subject: String, _ extensions: String, _ validity: Validity = .now, by issuer: String = "ca"
    ) throws {
        let request = "\(self.directory)/\(name).csr"
        try self.write("basicConstraints=CA:FALSE\n\(extensions)\n", to: "\(name).ext")
        try self.openssl(
            ["req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=\(subject)", "-keyout", self.key(name), "-out", request])
        let days = validity.rawValue.split(separator: " ").map(String.init)
        try self.openssl(
            ["ca", "-config", self.directory + "/ca.conf", "-batch", "-notext", "-rand_serial", "-in", request]
                + ["-cert", self.certificate(issuer), "-keyfile", self.key(issuer)]
                + (days.isEmpty ? [] : ["-startdate", days[0], "-enddate", days[1]])
                + ["-extfile", "\(self.directory)/\(name).ext", "-out", self.certificate(name)])
    }

    private func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(self.directory)/\(name)"))
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
