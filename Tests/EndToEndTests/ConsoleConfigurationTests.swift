import Console
import Foundation
import Hub
import KnutpunktApp
import Testing

@Suite("Who gets in to the console is set up, or told what is wrong")
struct ConsoleConfigurationTests {
    private static func read(
        _ text: String, flags: [String: String] = [:], environment: [String: String] = [:]
    ) async throws -> ConsoleConfiguration {
        try await TemporaryDirectory.with { directory in
            let path = try Program.configuration(directory, text)
            return try await HubConfiguration.read(file: path, flags: flags, environment: environment).console
        }
    }

    private static func problems(_ text: String, flags: [String: String] = [:]) async throws -> String {
        do {
            _ = try await Self.read(text, flags: flags)
            return ""
        } catch let error as AppError {
            #expect(error.code == .configuration)
            return error.message
        }
    }

    @Test func `without any key there is no console, and what holds then is strict`() async throws {
        let console = try await Self.read("")
        #expect(console.listen == nil && console.publicURL == nil && !console.behindProxy && console.openID == nil)
        #expect(console.limits.idle == 1800 && console.limits.whole == 43_200 && console.hasAccounts && !console.isSecure)
    }

    @Test func `all keys are read`() async throws {
        let console = try await Self.read(
            """
            console:
              listen: 0.0.0.0:8086
              public_url: https://hub.kommun.example/
              behind_proxy: true
              session: {idle_minutes: 10, hours: 8}
              accounts: false
              oidc:
                issuer: https://idp.example/realms/skola
                client_id: knutpunkt
                client_secret_file: /run/secrets/oidc
                scopes: openid profile groups
                name_claim: email
                groups_claim: realm_access.roles
                roles:
                  /skola/drift: operator, viewer
                  a.b.c: data-protection-officer
                units:
                  /skola/drift: "*"
                  a.b.c: u1, u2
            """)
        #expect(console.listen == "0.0.0.0:8086" && console.publicURL == "https://hub.kommun.example" && console.isSecure)
        #expect(console.behindProxy && !console.hasAccounts)
        #expect(console.limits.idle == 600 && console.limits.whole == 28_800)
        let openID = try #require(console.openID)
        #expect(openID.issuer == "https://idp.example/realms/skola" && openID.clientID == "knutpunkt")
        #expect(openID.redirectURI == "https://hub.kommun.example/sign-in/openid/callback")
        #expect(console.openIDName == "idp.example")
        #expect(openID.scopes == ["profile", "groups"] && openID.nameClaim == "email")
        #expect(openID.groupsClaim == "realm_access.roles" && openID.clientSecret == nil)
        #expect(openID.roles == ["/skola/drift": [.operator, .viewer], "a.b.c": [.dataProtectionOfficer]])
        #expect(openID.units == ["/skola/drift": .all, "a.b.c": .units(["u1", "u2"])])
    }

    @Test func `the environment has them too, but for the groups`() async throws {
        let console = try await Self.read(
            "console: {oidc: {roles: {g: viewer}}}\n",
            environment: [
                "CONSOLE_PUBLIC_URL": "http://localhost:8086", "CONSOLE_OIDC_ISSUER": "http://127.0.0.1:8080/realms/skola",
                "CONSOLE_OIDC_CLIENT_ID": "a", "CONSOLE_SESSION_HOURS": "1",
            ])
        #expect(console.openID?.issuer == "http://127.0.0.1:8080/realms/skola" && console.limits.whole == 3600)
    }

    @Test(
        arguments: [
            ("listen: 0.0.0.0:8086", "console.listen: other machines reach 0.0.0.0"),
            ("listen: hub.kommun.example:8086", "console.listen: other machines reach hub.kommun.example"),
            ("listen: \"[::]:8086\"", "console.listen: other machines reach ::"),
            ("listen: nowhere", "console.listen: \"nowhere\" is no address"),
            ("public_url: http://hub.kommun.example", "console.public_url: \"http://hub.kommun.example\" isn't https"),
            ("public_url: https://hub.kommun.example", "console.public_url: it is https, which the console itself doesn't speak"),
            ("public_url: https://hub.kommun.example/console", "without a path"),
            ("public_url: hub.kommun.example", "console.public_url: it must be an address"),
            ("behind_proxy: true", "console.behind_proxy: write the address"),
            ("behind_proxy: perhaps", "console.behind_proxy: \"perhaps\" is neither true nor false"),
            ("session: {idle_minutes: 0}", "console.session.idle_minutes: \"0\" is no whole number from 1 to 1440"),
            ("session: {hours: 1000}", "console.session.hours: \"1000\" is no whole number"),
            ("session: {idle_minutes: 90, hours: 1}", "longer than a whole session"),
            ("{listen: 127.0.0.1:8086, accounts: false}", "console.accounts: nobody could sign in"),
            ("sessions: 3", "console.sessions is no key"),
            ("oidc: {issuer: http://idp.example}", "console.oidc.issuer: it must be an address"),
            ("oidc: {client_id: a}", "console.oidc.issuer: write the provider's address"),
            ("oidc: {issuer: https://idp.example}", "console.oidc.client_id: write the id"),
            (
                "oidc: {issuer: https://idp.example, client_id: a}",
                "console.oidc: the provider sends people back to console.public_url"
            ),
            ("oidc: {client_secret_file: /a, client_secret_env: B}", "client_secret_file and client_secret_env"),
            ("oidc: {roles: {g: boss}}", "console.oidc.roles.g: there is no role \"boss\". Known: viewer, operator,"),
            ("oidc: {roles: {g: [viewer]}}", "console.oidc.roles.g: write the roles"),
            ("oidc: {roles: {g: \"viewer,\"}}", "console.oidc.roles.g: write the roles"),
            ("oidc: {roles: {g: {h: viewer}}}", "console.oidc.roles.g.h is no key"),
            ("oidc: {units: {g: \"*, u1\"}}", "console.oidc.units.g: write ids of school units"),
        ])
    func `what can't be so is told with its key and what to do`(text: String, problem: String) async throws {
        let told = try await Self.problems(text.hasPrefix("{") ? "console: \(text)\n" : "console:\n  \(text)\n")
        #expect(told.contains(problem), "\(told)")
    }

    @Test func `everything that is wrong is told at once`() async throws {
        let told = try await Self.problems(
            """
            console:
              listen: 0.0.0.0:8086
              accounts: maybe
              oidc:
                roles: {g: boss}
            """)
        for part in [
            "console.listen", "console.accounts", "console.oidc.issuer", "console.oidc.client_id", "console.oidc.roles.g",
        ] {
            #expect(told.contains(part), "\(part)\n\(told)")
        }
    }

    @Test func `who is let in can't be said by a flag`() async throws {
        let told = try await Self.problems("", flags: ["console.oidc.roles.g": "administrator"])
        #expect(told.contains("what groups may do stands in the configuration file alone"))
        #expect(try await Self.read("", flags: ["console.listen": "127.0.0.1:0"]).listen == "127.0.0.1:0")
    }
}
