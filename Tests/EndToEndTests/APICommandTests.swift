import Foundation
import Hub
import KnutpunktApp
import Logging
import Testing

@Suite("Who may fetch is set up and shown")
struct APICommandTests {
    /// A hub with mappings of its own, in which one system may fetch.
    private static func hub(_ directory: String, _ api: String) throws -> String {
        let mappings = directory + "/Mappings/library"
        try FileManager.default.createDirectory(atPath: mappings, withIntermediateDirectories: true)
        try Data(
            """
            purpose: {sv: Låntagare, en: Borrowers}
            school_types: [GR]
            entities:
              person: {fields: [givenName, familyName]}
              group: {fields: [displayName, startDate, groupType, organisation]}
            """.utf8
        ).write(to: URL(fileURLWithPath: mappings + "/provide.yaml"))
        let path = directory + "/hub.yaml"
        let text = "data: {directory: \(directory)/data}\nmappings: {directory: \(directory)/Mappings}\n" + api
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    @Test func `clients are shown with what they see, and without their secrets`() async throws {
        try await TemporaryDirectory.with { directory in
            let secret = "0123456789abcdef0123456789abcdef"
            try Data((secret + "\n").utf8).write(to: URL(fileURLWithPath: directory + "/secret"))
            let path = try Self.hub(
                directory,
                """
                api:
                  listen: 127.0.0.1:0
                  clients:
                    books: {system: library, secret: {file: \(directory)/secret}, notify: "https://library.example"}
                """)
            let shown = try await Program.run(["api", "clients", "--config", path])
            #expect(shown.status == 0)
            #expect(shown.output.contains("books  (library)\n    Secret: file \(directory)/secret\n"))
            #expect(shown.output.contains("    School types only: GR\n    /persons: familyName, givenName\n    /groups: "))
            #expect(!shown.output.contains(secret))
            let json = try await Program.run(["api", "clients", "--json", "--config", path])
            let views = try JSONDecoder().decode([APIClientView].self, from: Data(json.output.utf8))
            #expect(views.map(\.client) == ["books"] && views.first?.parts.map(\.entity) == ["person", "group"])
            #expect(views.first?.hasSecret == true && !json.output.contains(secret))
            let fields = try await Program.run(["mapping", "fields", "--config", path, "--format", "csv"])
            #expect(fields.output.contains("library,fetched by the system,person,givenName,person.givenName"))
            let nothing = try await Program.run(["api", "clients", "--config", try Self.hub(directory, "log: {level: info}\n")])
            #expect(nothing.status == 0 && nothing.output.contains("There is no client"))
            #expect(nothing.output.contains("api.listen isn't set"))
        }
    }

    @Test func `what can't be used is told at once, with its place`() async throws {
        try await TemporaryDirectory.with { directory in
            let path = try Self.hub(
                directory,
                """
                api:
                  listen: 0.0.0.0:8086
                  public_url: api.example
                  behind_proxy: maybe
                  subscription_hours: 0
                  clients:
                    Books: {system: library, secret: {env: X}}
                    both: {system: library, secret: {env: X, file: /x}}
                    none: {notify: library.example}
                    odd: {system: library, secret: {env: X}, password: y}
                    two: {system: library, secret: {env: X}, tokens: {issuer_keys: "https://issuer.example/jwks.json"}}
                    open: {system: library, tokens: {issuer_keys: "http://issuer.example/jwks.json", location: "x"}}
                    part: {system: library, tokens: {organisation_id: SE2021004185}}
                    mute: {system: library, secret: {env: X}, notify_spelling: modified, notify_tokens: {location: "https://a.example/x"}}
                    astray:
                      system: library
                      secret: {env: X}
                      notify: https://a.example
                      notify_tokens: {token_url: "https://desk.example/t", location: "https://b.example/x"}
                """)
            let run = try await Program.run(["api", "clients", "--config", path])
            #expect(run.status == 78)
            for text in [
                "api.listen: 0.0.0.0:8086 is reached from other machines", "api.public_url:", "api.behind_proxy: \"maybe\"",
                "api.subscription_hours: \"0\"", ":9:13: api.clients.Books: a client's name",
                "api.clients.both: write where its secret is", "api.clients.none.system: is missing",
                "api.clients.none.notify: it must be an address", "api.clients.odd.password is no key",
                "api.clients.two: write where its secret is", "api.clients.open.tokens.issuer_keys: it must be the https address",
                ":14:86: api.clients.open.tokens.location: it must be the address that tokens are for",
                "api.clients.open.tokens.organisation_id: is missing", "api.clients.part.tokens.issuer_keys: it must be",
                "api.clients.mute.notify_spelling: write standard", "api.clients.mute.notify_tokens.token_url: it must be",
                "api.clients.mute.notify: is missing",
                "api.clients.astray.notify_tokens.location: it must be at https://a.example",
            ] {
                #expect(run.errors.contains(text), "\(text)")
            }
            let stranger = try Self.hub(
                directory, "api:\n  listen: 8086\n  clients:\n    books: {system: libary, secret: {env: X}}\n")
            let second = try await Program.run(["api", "clients", "--config", stranger])
            #expect(second.status == 78)
            #expect(second.errors.contains("api.clients.books.system: there is no libary/provide.yaml. There are: library."))
            let nobody = try await Program.run(["api", "clients", "--config", try Self.hub(directory, "api: {listen: 8086}\n")])
            #expect(nobody.status == 78 && nobody.errors.contains("api.listen: nobody may fetch"))
        }
    }

    @Test func `who signs in by somebody else's tokens is shown with what they must say, and told apart from others`()
        async throws
    {
        try await TemporaryDirectory.with { directory in
            func path(_ clients: String) throws -> String {
                try Self.hub(
                    directory, "api:\n  listen: 127.0.0.1:0\n  public_url: https://api.kommun.example\n  clients:\n" + clients)
            }
            let tokens = "issuer_keys: \"https://issuer.example/jwks.json\", organisation_id: SE2021004185"
            let shown = try await Program.run([
                "api", "clients", "--config",
                try path(
                    """
                        skolverket:
                          system: library
                          tokens: {\(tokens), entity_id: "https://client.example/v1"}
                          notify: https://client.example
                          notify_tokens:
                            {token_url: "https://desk.example/t", location: "https://client.example/v1", client_key: k.pem}

                    """),
            ])
            #expect(shown.status == 0, "\(shown.errors)")
            #expect(shown.output.contains("    Tokens signed with: https://issuer.example/jwks.json\n"))
            #expect(
                shown.output.contains(
                    "that say: organization_id SE2021004185, type ss12000-api, location https://api.kommun.example:443, entity_id"
                ))
            #expect(shown.output.contains("Notified at: https://client.example (0), with tokens of https://desk.example/t"))
            for (second, problem) in [
                ("", "tokens.entity_id: a token would be good for one too"),
                (", entity_id: \"https://a.example\"", "tokens.entity_id: a token would be good for one too"),
                (", entity_id: \"https://b.example\", ca: x.pem", "tokens.ca: write the same as for one"),
                (", entity_id: \"https://b.example\"", nil),
            ] as [(String, String?)] {
                let run = try await Program.run([
                    "api", "clients", "--config",
                    try path(
                        "    one: {system: library, tokens: {\(tokens), entity_id: \"https://a.example\"}}\n"
                            + "    two: {system: library, tokens: {\(tokens)\(second)}}\n"),
                ])
                #expect(run.status == (problem == nil ? 0 : 78), "\(second)")
                if let problem { #expect(run.errors.contains("api.clients.two.\(problem)"), "\(second) \(run.errors)") }
            }
        }
    }

    @Test func `off loopback the hub starts only behind a proxy, and never without secrets that are long enough`() async throws {
        try await TemporaryDirectory.with { directory in
            func problem(_ listen: String, _ secret: String?) async throws -> String {
                let file = directory + "/secret"
                try? FileManager.default.removeItem(atPath: file)
                if let secret { try Data(secret.utf8).write(to: URL(fileURLWithPath: file)) }
                let path = try Self.hub(
                    directory, "api:\n  \(listen)\n  clients:\n    books: {system: library, secret: {file: \(file)}}\n")
                do {
                    let configuration = try await HubConfiguration.read(file: path, flags: [:], environment: [:])
                    let context = try await HubContext.open(configuration, logger: Logger(label: "test"))
                    _ = try KnutpunktHub(context)
                    return ""
                } catch let error as AppError {
                    return error.message
                }
            }
            let long = String(repeating: "s", count: 24)
            for loopback in ["127.0.0.1:0", "localhost:0", "\"[::1]:0\"", "0"] {
                try await #expect(problem("listen: \(loopback)", long) == "")
            }
            for open in ["0.0.0.0:0", "hub.example:0", "\"[::]:0\"", "10.0.0.1:0"] {
                try await #expect(problem("listen: \(open)", long).contains("api.behind_proxy: true"))
                try await #expect(problem("listen: \(open)\n  behind_proxy: true", long) == "")
            }
            try await #expect(problem("listen: 0", nil).contains("there is no secret"))
            try await #expect(problem("listen: 0", "short\n").contains("the secret is shorter than 24 characters"))
            try await #expect(problem("behind_proxy: false", nil) == "")
            // Files that notices are signed by are read before anything is served.
            let path = try Self.hub(
                directory,
                """
                api:
                  listen: 0
                  public_url: https://api.kommun.example
                  clients:
                    books:
                      system: library
                      tokens: {issuer_keys: "https://issuer.example/jwks.json", organisation_id: SE1, ca: \(directory)/none.pem}
                      notify: https://library.example
                      notify_tokens: {token_url: "https://desk.example/t", location: "https://library.example/v1", entity_id: "https://k.example"}
                """)
            let configuration = try await HubConfiguration.read(file: path, flags: [:], environment: [:])
            let context = try await HubContext.open(configuration, logger: Logger(label: "test"))
            let error = #expect(throws: AppError.self) { _ = try KnutpunktHub(context) }
            #expect(error?.message.contains("books.tokens.ca: \(directory)/none.pem can't be read as certificates") == true)
            #expect(error?.message.contains("books.notify_tokens.client_certificate: is missing") == true)
        }
    }
}
