import ArgumentParser
import Hub
import KnutpunktApp

struct ConsoleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "console", abstract: "Who gets in to the web console.", subcommands: [User.self, Token.self])

    struct User: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The accounts that the hub keeps itself.",
            discussion: """
                Who signs in with an OpenID provider needs no account: groups give roles there (docs/console-access.md). Whoever's \
                account is changed, locked or removed is signed out at once.

                Passwords are asked for at the terminal, or read from standard input.

                Examples:
                  knutpunkt console user add anna --role operator --unit 9d2c7a52-0a0e-4a0c-8d5e-6f3b8c1f2a11
                  knutpunkt console user add bo --role approver --role viewer < /run/secrets/bo
                  knutpunkt console user list
                  knutpunkt console user change anna --role viewer
                  knutpunkt console user lock anna

                Roles: \(HubContext.consoleRoles.joined(separator: ", ")).
                """,
            subcommands: [
                Add.self, List.self, Change.self, Password.self, Lock.self, Unlock.self, Remove.self,
            ])
    }
}

extension ConsoleCommand.User {
    /// What an account may be given.
    struct Options: ParsableArguments {
        @Option(name: .customLong("role"), help: "A role; may be given several times.") var roles: [String] = []
        @Option(name: .customLong("unit"), help: "The id of a school unit; may be given several times. \"*\" = all.")
        var units: [String] = []
        @Option(name: .customLong("system"), help: "A system to do something on; may be given several times. \"*\" = all.")
        var systems: [String] = []
        @Option(help: "How the console calls the person.") var displayName: String?

        var change: HubContext.ConsoleUserChange {
            var change = HubContext.ConsoleUserChange()
            change.displayName = self.displayName
            if !self.roles.isEmpty { change.roles = self.roles }
            if !self.units.isEmpty { change.units = self.units }
            if !self.systems.isEmpty { change.systems = self.systems }
            return change
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make an account. Without --unit and --system it has all.")

        @Argument(help: "Its name.") var name: String
        @OptionGroup var given: Options
        @OptionGroup var options: HubOptions

        func validate() throws {
            if self.given.roles.isEmpty { throw ValidationError("--role: the account needs at least one.") }
        }

        func run() async throws {
            let context = try await self.options.context()
            let language = self.options.language
            let account = try await context.addConsoleUser(
                self.name, self.given.change, password: try PasswordPrompt.read(language), by: operatorName, language: language)
            say(
                language(sv: "Kontot \(account.name) är gjort.", en: "The account \(account.name) is made."))
        }
    }

    struct Change: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change what an account may do, and sign its person out. What isn't given stays as it is.")

        @Argument(help: "Its name.") var name: String
        @OptionGroup var given: Options
        @OptionGroup var options: HubOptions

        func validate() throws {
            if self.given.change == HubContext.ConsoleUserChange() {
                throw ValidationError("Give what is to change: --role, --unit, --system, --display-name.")
            }
        }

        func run() async throws {
            let context = try await self.options.context()
            let language = self.options.language
            let account = try await context.changeConsoleUser(
                self.name, self.given.change, by: operatorName, language: language)
            AccountText(language: language).lines([account]).forEach(say)
        }
    }

    struct Password: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Give an account another password, and sign its person out.")

        @Argument(help: "Its name.") var name: String
        @OptionGroup var options: HubOptions

        func run() async throws {
            let context = try await self.options.context()
            let language = self.options.language
            try await context.setConsolePassword(
                of: self.name, try PasswordPrompt.read(language), by: operatorName, language: language)
            say(language(sv: "Lösenordet är bytt.", en: "The password is changed."))
        }
    }

    struct Lock: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let nobody sign in to an account, and sign its person out.")

        @Argument(help: "Its name.") var name: String
        @OptionGroup var options: HubOptions

        func run() async throws {
            let language = self.options.language
            try await self.options.context().lockConsoleUser(
                self.name, isLocked: true, by: operatorName, language: language)
            say(language(sv: "Kontot \(self.name) är låst.", en: "The account \(self.name) is locked."))
        }
    }

    struct Unlock: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let a locked account's person sign in again.")

        @Argument(help: "Its name.") var name: String
        @OptionGroup var options: HubOptions

        func run() async throws {
            let language = self.options.language
            try await self.options.context().lockConsoleUser(
                self.name, isLocked: false, by: operatorName, language: language)
            say(language(sv: "Kontot \(self.name) är öppet.", en: "The account \(self.name) is open."))
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove an account, and sign its person out. What the audit log says of it stays.")

        @Argument(help: "Its name.") var name: String
        @OptionGroup var options: HubOptions

        func run() async throws {
            let language = self.options.language
            try await self.options.context().removeConsoleUser(self.name, by: operatorName, language: language)
            say(language(sv: "Kontot \(self.name) är borta.", en: "The account \(self.name) is gone."))
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "All accounts, and what they may do.")

        @Flag(help: "As JSON.") var json = false
        @OptionGroup var options: HubOptions

        func run() async throws {
            let accounts = try await self.options.context().consoleUsers()
            if self.json { return say(try ReadableJSON.text(accounts.map(AccountText.Shown.init))) }
            let language = self.options.language
            if accounts.isEmpty {
                return say(
                    language(
                        sv: "Inga konton. Gör ett: knutpunkt console user add NAMN --role operator",
                        en: "No accounts. Make one: knutpunkt console user add NAME --role operator"))
            }
            AccountText(language: language).lines(accounts).forEach(say)
        }
    }
}
