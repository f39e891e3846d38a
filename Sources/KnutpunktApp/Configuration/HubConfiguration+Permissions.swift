import Foundation
import Hub
import Mapping

extension Permissions {
    static let settings = NamedSettings("permissions", Action.allCases.map(\.rawValue))
}

/// Reads who may do what, and collects everything that is wrong. Permissions stand in the file alone: who gives a command could
/// give them to himself by a flag or the environment.
struct PermissionsReader {
    let settings: NamedSettings
    private(set) var problems: [String] = []

    init(_ settings: NamedSettings) { self.settings = settings }

    mutating func read() -> Permissions? {
        guard !self.settings.keys.isEmpty else { return nil }
        var grants: [String: [Permissions.Action: Permissions.Scope]] = [:]
        for key in self.settings.keys {
            if key.isFlag {
                self.problems.append("\(key.place): permissions stand in the configuration file alone.")
                continue
            }
            guard let setting = key.setting else {
                // A person who may do nothing.
                grants[key.name] = grants[key.name] ?? [:]
                continue
            }
            guard let action = Permissions.Action(rawValue: setting) else { continue }
            let systems = (key.text ?? "").split(separator: ",", omittingEmptySubsequences: false).map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            if systems.isEmpty || systems.contains("") || (systems.contains("*") && systems.count > 1) {
                self.problems.append(
                    self.settings.problem(
                        key.name, setting, "write the systems, with commas between them, or \"*\" for all of them."))
                continue
            }
            grants[key.name, default: [:]][action] = systems == ["*"] ? .all : .systems(Set(systems))
        }
        return Permissions(grants: grants)
    }
}

extension HubConfiguration {
    /// What permissions say of systems that are not there.
    func permissionStrangers(_ known: Set<String>) -> [String] {
        (self.permissions?.grants ?? [:]).sorted { $0.key < $1.key }.flatMap { person, actions in
            actions.sorted { $0.key.rawValue < $1.key.rawValue }.flatMap { action, scope -> [String] in
                guard case .systems(let systems) = scope else { return [] }
                return systems.subtracting(known).sorted().map { system in
                    self.permissionSettings.problem(
                        person, action.rawValue,
                        "there is no system \"\(system)\". Known: \(known.sorted().joined(separator: ", ")).")
                }
            }
        }
    }
}
