import ArgumentParser
import Hub
import KnutpunktApp

extension ConsoleCommand {
    struct Token: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tokens by which programs ask the hub over HTTP (docs/ops-api.md).",
            discussion: """
                A token has roles as an account has them, or may hand in the records of one source, or both. In its own name it approves \
                nothing that others have made: with --account it acts in somebody's name, with what both may do.

                Examples:
                  knutpunkt console token add grafana --role viewer
                  knutpunkt console token add annas-script --account anna --role operator --days 30
                  knutpunkt console token add friskolan --source friskolan --unit 9d2c7a52-0a0e-4a0c-8d5e-6f3b8c1f2a11
                  knutpunkt console token list
                  knutpunkt console token remove grafana
                """,
            subcommands: [Add.self, List.self, Remove.self])
    }
}

extension ConsoleCommand.Token {
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a token. It is shown once; the hub keeps a hash of it.")

        @Argument(help: "Its name, by which the audit log knows it.") var name: String
        @Option(name: .customLong("role"), help: "A role; may be given several times.") var roles: [String] = []
        @Option(name: .customLong("unit"), help: "The id of a school unit; may be given several times. Left out: all.")
        var units: [String] = []
        @Option(name: .customLong("system"), help: "A system to do something on; may be given several times. Left out: all.")
        var systems: [String] = []
        @Option(help: "The account in whose name it acts.") var account: String?
        @Option(help: "The source whose records it may hand in.") var source: String?
        @Option(help: "Days that it is good for.") var days = 90
        @OptionGroup var options: HubOptions

        func run() async throws {
            var wish = HubContext.TokenWish()
            (wish.roles, wish.units, wish.systems) = (self.roles, self.units, self.systems)
            (wish.account, wish.source, wish.days) = (self.account, self.source, self.days)
            let context = try await self.options.context()
            say(try await context.addToken(self.name, wish, by: operatorName, language: self.options.language))
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "All tokens, and what they may do.")

        @Flag(help: "As JSON.") var json = false
        @OptionGroup var options: HubOptions

        func run() async throws {
            let tokens = try await self.options.context().machineTokens().map(Shown.init)
            if self.json { return say(try ReadableJSON.text(tokens)) }
            let language = self.options.language
            if tokens.isEmpty {
                return say(
                    language(
                        sv: "Inga nycklar. Gör en: knutpunkt console token add NAMN --role viewer",
                        en: "No tokens. Make one: knutpunkt console token add NAME --role viewer"))
            }
            for token in tokens {
                say(token.name + (token.account.map { language(sv: ", för ", en: ", for ") + $0 } ?? ""))
                say("    " + language(sv: "roller", en: "roles") + ": " + token.roles.joined(separator: ", "))
                say("    " + language(sv: "skolenheter", en: "school units") + ": " + token.units.joined(separator: ", "))
                if let source = token.source { say("    " + language(sv: "lämnar in", en: "hands in") + ": \(source)") }
                say("    " + language(sv: "gäller till", en: "good until") + ": \(token.expiresAt)")
            }
        }

        /// A token as people read of it; never the token.
        private struct Shown: Encodable {
            let name: String
            let account: String?
            let roles: [String]
            /// `*` for all.
            let units: [String]
            let source: String?
            let createdAt: String
            let createdBy: String
            let expiresAt: String

            init(_ token: MachineToken) {
                self.name = token.name
                self.account = token.account
                self.roles = token.roles.sorted()
                self.units = if case .units(let units) = token.units { units.sorted() } else { ["*"] }
                self.source = token.source
                self.createdAt = token.createdAt
                self.createdBy = token.createdBy
                self.expiresAt = token.expiresAt
            }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove a token: from the next request on it is good no more.")

        @Argument(help: "Its name.") var name: String
        @OptionGroup var options: HubOptions

        func run() async throws {
            let language = self.options.language
            try await self.options.context().removeToken(self.name, by: operatorName)
            say(language(sv: "Nyckeln \(self.name) är borta.", en: "The token \(self.name) is gone."))
        }
    }
}
