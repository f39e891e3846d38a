import ArgumentParser
import Hub
import KnutpunktApp

struct APICommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "api",
        abstract: "What other systems fetch from the hub over SS 12000.",
        subcommands: [APIClients.self])
}

struct APIClients: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clients",
        abstract: "Tell which systems may fetch from the hub, and what each sees.",
        discussion: """
            Clients are named in the configuration (api.clients), and what they see in Mappings/<system>/provide.yaml. Secrets are
            never shown, only where they are.

            Examples:
              knutpunkt api clients
              knutpunkt api clients --json

            Exit status: 0 told; 78 the configuration or the mappings have errors.
            """)

    @Flag(help: "As JSON.") var json = false
    @OptionGroup var options: HubOptions

    func run() async throws {
        let context = try await self.options.context()
        let clients = try await context.apiClients()
        if self.json { return say(try ReadableJSON.text(clients)) }
        let language = self.options.language
        for client in clients {
            say("\(client.client)  (\(client.system))")
            self.saySignIn(client, language)
            if let notify = client.notify {
                let tokens =
                    client.notifyTokens.map { language(sv: ", med token från \($0)", en: ", with tokens of \($0)") } ?? ""
                say("    \(language(sv: "Aviseras vid", en: "Notified at")): \(notify) (\(client.subscriptions))\(tokens)")
            }
            if !client.schoolUnits.isEmpty {
                say(
                    "    \(language(sv: "Bara skolenheter", en: "School units only")): \(client.schoolUnits.joined(separator: ", "))"
                )
            }
            if !client.schoolTypes.isEmpty {
                say(
                    "    \(language(sv: "Bara skolformer", en: "School types only")): \(client.schoolTypes.joined(separator: ", "))"
                )
            }
            for part in client.parts { say("    /\(part.path): \(part.fields.joined(separator: ", "))") }
        }
        if clients.isEmpty {
            say(language(sv: "Ingen klient är inlagd: api.clients är tom.", en: "There is no client: api.clients is empty."))
        }
        if context.configuration.api.listen == nil {
            say(
                language(
                    sv: "Ingenting lämnas ut: api.listen är inte satt.", en: "Nothing is provided: api.listen isn't set."))
        }
    }

    private func saySignIn(_ client: APIClientView, _ language: Language) {
        if let secret = client.secret {
            let lacks = client.hasSecret == true ? "" : language(sv: "  SAKNAS", en: "  MISSING")
            say("    \(language(sv: "Hemlighet", en: "Secret")): \(secret)\(lacks)")
        }
        guard let tokens = client.tokens else { return }
        say("    \(language(sv: "Token signerade med", en: "Tokens signed with")): \(tokens.issuerKeys)")
        let claims = [
            ("organization_id", tokens.organisationID), ("type", tokens.access), ("location", tokens.location),
            ("iss", tokens.issuer), ("aud", tokens.audience), ("entity_id", tokens.entityID),
        ].compactMap { name, value in value.map { "\(name) \($0)" } }
        say("    \(language(sv: "som säger", en: "that say")): \(claims.joined(separator: ", "))")
    }
}
