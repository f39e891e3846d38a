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
                """)
            let run = try await Program.run(["api", "clients", "--config", path])
            #expect(run.status == 78)
            for text in [
                "api.listen: 0.0.0.0:8086 is reached from other machines", "api.public_url:", "api.behind_proxy: \"maybe\"",
                "api.subscription_hours: \"0\"", ":9:13: api.clients.Books: a client's name",
                "api.clients.both: write where its secret is", "api.clients.none.system: is missing",
                "api.clients.none.notify: it must be an address", "api.clients.odd.password is no key",
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
        }
    }
}
