import Console
import KnutpunktApp
import Testing

@Suite("The configuration is shown as it holds, and never a secret of it")
struct SettingsInForceTests {
    private static func settings(_ text: String, flags: [String: String] = [:]) async throws -> [String: HubSetUp.Setting] {
        try await TemporaryDirectory.with { directory in
            let path = try Program.configuration(directory, text)
            let configuration = try await HubConfiguration.read(file: path, flags: flags, environment: [:])
            return Dictionary(uniqueKeysWithValues: configuration.settingsInForce.map { ($0.key, $0) })
        }
    }

    @Test func `what is written stands beside the defaults, each with where it comes from`() async throws {
        let settings = try await Self.settings(
            "retention:\n  audit_days: 900\n", flags: ["reconcile.hour": "3", "systems.unikum.drop_folder": "/srv/unikum"])
        #expect(settings["retention.audit_days"] == .init(key: "retention.audit_days", value: "900", isWritten: true))
        #expect(settings["retention.failures_days"] == .init(key: "retention.failures_days", value: "30", isWritten: false))
        #expect(settings["reconcile.hour"]?.value == "3" && settings["http.listen"]?.value == nil)
        #expect(settings["systems.unikum.drop_folder"]?.value == "/srv/unikum")
    }

    @Test func `addresses lose user, password and what may be a token, and a secret in clear isn't shown`() async throws {
        let settings = try await Self.settings(
            """
            amqp:
              url: amqps://hub:s3cret@broker.example:5671/skola
            alarms:
              webhook:
                url: https://hooks.example/services/T0P/s3cret
                secret_file: /run/secrets/hook
            systems:
              edlevo:
                connection:
                  base_url: https://user:s3cret@edlevo.example/api?token=s3cret
                  token: s3cret
            """)
        #expect(settings["amqp.url"]?.value == "amqps://broker.example:5671/skola")
        #expect(settings["alarms.webhook.url"]?.value == "https://hooks.example/…")
        #expect(settings["alarms.webhook.secret_file"]?.value == "/run/secrets/hook")
        #expect(settings["systems.edlevo.connection.base_url"]?.value == "https://edlevo.example/api")
        #expect(settings["systems.edlevo.connection.token"]?.value == "•••")
        #expect(settings.values.allSatisfy { $0.value?.contains("s3cret") != true })
    }
}
