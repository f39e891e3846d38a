import Foundation
import KnutpunktApp
import Testing

/// The broker's keys in the configuration: what is wrong is told at once, all of it, with what to do.
@Suite("Configuration of the broker")
struct BrokerConfigurationTests {
    private func problems(_ flags: [String: String]) async -> [String] {
        let error = await #expect(throws: AppError.self) {
            _ = try await HubConfiguration.read(file: nil, flags: flags, environment: [:])
        }
        #expect(error?.code == .configuration)
        return error?.message.components(separatedBy: "\n") ?? []
    }

    @Test func `the keys of TLS are read from file, environment and flags`() async throws {
        try await TemporaryDirectory.with { directory in
            let file = directory + "/hub.yaml"
            let text = "amqp:\n  url: amqps://a.example,b.example/knutpunkt\n  ca_file: /etc/ca.pem\n"
            try Data(text.utf8).write(to: URL(fileURLWithPath: file))
            let configuration = try await HubConfiguration.read(
                file: file, flags: ["amqp.client_key_file": "/etc/hub.key"],
                environment: ["AMQP_CLIENT_CERTIFICATE_FILE": "/etc/hub.pem"])
            #expect(configuration.brokerCAFile == "/etc/ca.pem")
            #expect(configuration.brokerCertificateFile == "/etc/hub.pem" && configuration.brokerKeyFile == "/etc/hub.key")
        }
    }

    @Test func `every problem is told at once, and no password`() async {
        let problems = await self.problems([
            "amqp.url": "amqp://u:secret@host", "amqp.ca_file": "/etc/ca.pem", "amqp.client_key_file": "/etc/hub.key",
            "log.level": "loud",
        ])
        #expect(problems.count == 3, "\(problems)")
        #expect(problems[0].contains("amqp.client_certificate_file and amqp.client_key_file belong together"))
        #expect(problems[1].hasPrefix("amqp.ca_file, amqp.client_key_file: amqp.url begins with amqp://"))
        #expect(problems[2].contains("log.level"))
        #expect(!problems.joined().contains("secret"))
    }

    @Test(arguments: [
        (["amqp.url": "amqps://u:secret@host:x"], "the port is no number"),
        (["amqp.url": "amqps://host?auth_mechanism=external"], "needs a certificate. Set amqp.client_certificate_file"),
        (["amqp.ca_file": "/etc/ca.pem"], "the hub's own node takes no certificates"),
        (["amqp.url_file": "/nowhere/url", "amqp.ca_file": "/etc/ca.pem"], "amqp.url_file: /nowhere/url can't be read"),
    ])
    func `each problem has its own words`(_ flags: [String: String], _ words: String) async {
        let problems = await self.problems(flags)
        #expect(problems.count == 1 && problems[0].contains(words), "\(problems)")
        #expect(!problems.joined().contains("secret"))
    }

    @Test func `doctor tells all that is wrong with the files, and a refused connection, with a remedy`() async throws {
        try await TemporaryDirectory.with { directory in
            let common = ["doctor", "--json", "--data", directory + "/data", "--mappings", Program.mappings]
            let files = try await Program.run(
                common + [
                    "--set", "amqp.url=amqps://127.0.0.1:9", "--set", "amqp.ca_file=/nowhere/ca.pem",
                    "--set", "amqp.client_certificate_file=/nowhere/hub.pem", "--set", "amqp.client_key_file=/nowhere/hub.key",
                ])
            #expect(files.status == 1)
            let broken = try Self.broker(files.output)
            #expect(broken.grade == .error && broken.finding.contains("/nowhere/ca.pem"))
            #expect(broken.finding.contains("/nowhere/hub.pem") && broken.remedy?.contains("docs/deploy.md") == true)
            let nobody = try Self.broker(try await Program.run(common + ["--set", "amqp.url=amqps://127.0.0.1:9"]).output)
            #expect(nobody.finding.contains("127.0.0.1:9") && nobody.remedy?.contains("host and port") == true)
        }
    }

    private static func broker(_ output: String) throws -> Verdict {
        let verdicts = try JSONDecoder().decode([Verdict].self, from: Data(output.utf8))
        return try #require(verdicts.first { $0.subject == "broker" })
    }
}
