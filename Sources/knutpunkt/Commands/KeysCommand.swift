import ArgumentParser
import Foundation
import Hub
import KnutpunktApp

struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "The hub's key: how old it is, and a new one in its place.",
        discussion: """
            Examples:
              knutpunkt keys show
              knutpunkt keys rotate --reason "yearly change"
            """,
        subcommands: [Show.self, Rotate.self])

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The generations of the key, their age, and how much each has sealed.",
            discussion: """
                Two generations: a change of keys was begun and not ended; knutpunkt keys rotate goes on with it. No key is shown.

                Examples:
                  knutpunkt keys show
                  knutpunkt keys show --json

                Exit status: 0 one generation; 1 a change of keys isn't ended.
                """)

        @Flag(help: "As JSON.")
        var json = false
        @OptionGroup var options: HubOptions

        func run() async throws {
            let language = self.options.language
            let context = try await self.options.context()
            let generations = try await context.keyGenerations()
            if self.json {
                say(try ReadableJSON.text(generations))
            } else {
                for generation in generations {
                    let made = generation.made ?? language(sv: "okänd ålder", en: "unknown age")
                    let state =
                        generation.isCurrent
                        ? language(sv: "förseglar", en: "seals") : language(sv: "öppnar bara", en: "only opens")
                    say("\(generation.number)  \(made)  \(state)  \(generation.sealed)")
                }
            }
            if generations.count > 1 { throw ExitCode(1) }
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give the hub a new key while it runs, and destroy the old one.",
            discussion: """
                Everything that the store has sealed is sealed anew, in short transactions; a running hub goes on and seals with \
                the new key from the first one. When nothing is left under the old key, it is removed: copies of the store from \
                before can't be opened with the keys of today. Take a new backup then, and renew the copy of the key. Stopped \
                or killed anywhere, the next call goes on.

                Opaque ids, blind indexes, fictitious identities and the addresses that sources post to stay what they are: they \
                have keys of their own, which aren't changed.

                Examples:
                  knutpunkt keys rotate --dry-run
                  knutpunkt keys rotate --reason "yearly change"

                Permission: keys. Exit status: 0 done; 64 wrong use; 74 the store; 75 somebody else changes the keys; 77 not \
                allowed; 78 the key can't be written.
                """)

        @Option(help: "Why: kept in the audit log. No personal data.")
        var reason: String?
        @Flag(help: "Only tell how much would be sealed anew.")
        var dryRun = false
        @Flag(help: "As JSON.")
        var json = false
        @OptionGroup var options: HubOptions

        func run() async throws {
            let language = self.options.language
            guard self.dryRun || self.reason != nil else {
                throw ValidationError(language(sv: "--reason måste säga varför.", en: "--reason must say why."))
            }
            if let reason = self.reason { try requireReason(reason, language) }
            let context = try await self.options.context()
            if self.dryRun {
                let generations = try await context.keyGenerations()
                let sealed = generations.reduce(0) { $0 + $1.sealed }
                if self.json { return say(try ReadableJSON.text(generations)) }
                return say(
                    language(
                        sv: "\(sealed) rader skulle förseglas på nytt.", en: "\(sealed) rows would be sealed anew."))
            }
            try await context.require(.keys, on: [], by: operatorName)
            let isShown = !self.json && isatty(STDERR_FILENO) == 1
            let rotation = try await context.rotateKeys(by: operatorName, reason: self.reason ?? "") { looked in
                if isShown { FileHandle.standardError.write(Data("\r\(looked)".utf8)) }
            }
            if isShown { FileHandle.standardError.write(Data("\r".utf8)) }
            if self.json { return say(try ReadableJSON.text(rotation)) }
            let dropped = rotation.dropped.map(String.init).joined(separator: ", ")
            say(
                language(
                    sv:
                        "Nyckel \(rotation.generation) förseglar nu; \(rotation.resealed) rader är förseglade på nytt, och nyckel \(dropped) "
                        + "är förstörd. Ta en ny säkerhetskopia, av lagret och av nyckeln.",
                    en: "Key \(rotation.generation) seals now; \(rotation.resealed) rows are sealed anew, and key \(dropped) is "
                        + "destroyed. Take a new backup, of the store and of the key."))
        }
    }
}
