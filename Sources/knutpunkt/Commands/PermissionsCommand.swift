import ArgumentParser
import Foundation
import Hub
import KnutpunktApp

struct PermissionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "permissions",
        abstract: "Who may do what on which systems, and what you may.",
        discussion: """
            Permissions stand in the configuration file under permissions. Those that the hub was started with hold for every \
            command on its data. Without any, everybody who can run the commands may do everything.

            Examples:
              knutpunkt permissions
              knutpunkt permissions --json
            """)

    @Flag(help: "As JSON.") var json = false
    @OptionGroup var options: HubOptions

    func run() async throws {
        let context = try await self.options.context()
        let language = self.options.language
        let permissions = try await context.permissions()
        if self.json {
            let people = permissions.map { permissions in
                permissions.grants.mapValues { actions in
                    Dictionary(uniqueKeysWithValues: actions.map { ($0.key.rawValue, Self.systems($0.value)) })
                }
            }
            return say(try ReadableJSON.text(Shown(you: operatorName, people: people)))
        }
        guard let permissions else {
            return say(
                language(
                    sv: "Inga behörigheter är satta: alla som kan köra kommandona får göra allt.",
                    en: "No permissions are set: everybody who can run the commands may do everything."))
        }
        for (person, actions) in permissions.grants.sorted(by: { $0.key < $1.key }) {
            let who = person == Permissions.everybodyElse ? language(sv: "alla andra", en: "everybody else") : person
            say(who + (person == operatorName ? language(sv: " (du)", en: " (you)") : ""))
            if actions.isEmpty { say("    " + language(sv: "inget", en: "nothing")) }
            for (action, scope) in actions.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                say("    \(action.rawValue): \(Self.systems(scope).joined(separator: ", "))")
            }
        }
        if permissions.grants[operatorName] == nil, permissions.grants[Permissions.everybodyElse] == nil {
            say(language(sv: "\(operatorName) (du): inget", en: "\(operatorName) (you): nothing"))
        }
    }

    private struct Shown: Encodable {
        let you: String
        /// Person → action → systems; nothing when no permissions are set.
        let people: [String: [String: [String]]]?
    }

    private static func systems(_ scope: Permissions.Scope) -> [String] {
        switch scope {
        case .all: ["*"]
        case .systems(let systems): systems.sorted()
        }
    }
}
