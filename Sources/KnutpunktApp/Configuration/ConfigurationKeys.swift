import Foundation
import Hub
import Mapping
import SchoolRecords

/// What the configuration says of a system, and where.
struct SystemKey: Sendable, Hashable {
    let system: String
    /// Below the system, from the top of its `system.yaml`.
    let path: [String]
    /// `hub.yaml:9:7`, or the flag.
    let place: String
}

/// The names that a configuration uses. One that nobody reads must not go unnoticed: the default would hold in its place.
struct ConfigurationKeys {
    /// Every key that isn't named by people.
    static let known =
        [
            "data.directory", "mappings.directory", "amqp.url", "amqp.url_file", "amqp.ca_file", "amqp.client_certificate_file",
            "amqp.client_key_file", "store.key_file", "store.key_command", "privacy.erasure_list", "log.level", "log.format",
            "failed.edits_need_approval",
            "http.listen", "http.public_url",
            "http.operations", "probe.identity_numbers", "probe.unit", "retention.failures_days", "retention.archived_days",
            "retention.audit_days", "retention.gone_days", "retention.history_days", "retention.roles_days",
            "retention.changes_days",
        ] + HubConfiguration.roleKeys + HubConfiguration.qualityKeys + ReconcileSchedule.keys + AlarmConfiguration.keys
        + ConsoleConfigurationReader.keys
        + APIConfiguration.keys

    private(set) var systems: [SystemKey] = []
    private(set) var rules = ReplayRule.settings
    private(set) var permissions = Permissions.settings
    private(set) var consoleRoles = ConsoleConfigurationReader.roleSettings
    private(set) var consoleUnits = ConsoleConfigurationReader.unitSettings
    private(set) var apiClients = APIConfiguration.settings
    private(set) var problems: [String] = []

    /// - Parameters:
    ///   - file: the configuration file, or `nil` for none; one that can't be read counts as empty.
    ///   - flags: dotted keys from the command line.
    init(file: String?, flags: some Collection<String>) {
        if let file, let text = try? String(contentsOfFile: file, encoding: .utf8) {
            for key in YAMLKey.all(in: text) { self.take(key.path, at: "\(file):\(key.line):\(key.column)", text: key.text) }
        }
        for flag in flags.sorted() {
            self.take(
                flag.split(separator: ".", omittingEmptySubsequences: false).map(String.init), at: "--set \(flag)", isFlag: true)
        }
    }

    private mutating func take(_ path: [String], at place: String, text: String? = nil, isFlag: Bool = false) {
        let key = path.joined(separator: ".")
        let named = [self.rules, self.permissions, self.consoleRoles, self.consoleUnits, self.apiClients].map { $0.prefix + "." }
        let isEmptySection = (Self.known + named).contains { $0.hasPrefix(key + ".") } || key == "systems"
        if key == self.permissions.prefix {
            self.problems.append("\(place): permissions names nobody. Name at least one person, or take the key away.")
        }
        guard !Self.known.contains(key), !isEmptySection else { return }
        for taken in [
            self.rules.take(path, at: place, text: text, isFlag: isFlag),
            self.permissions.take(path, at: place, text: text, isFlag: isFlag),
            self.consoleRoles.take(path, at: place, text: text, isFlag: isFlag),
            self.consoleUnits.take(path, at: place, text: text, isFlag: isFlag),
            self.apiClients.take(path, at: place, text: text, isFlag: isFlag),
        ] where taken.isOwn {
            if let problem = taken.problem { self.problems.append(problem) }
            return
        }
        if path.count > 1, path[0] == "systems" {
            self.systems.append(SystemKey(system: path[1], path: Array(path.dropFirst(2)), place: place))
        } else {
            self.problems.append(
                "\(place): \(key) is no key. Known: \(Self.known.joined(separator: ", ")), "
                    + "failed.rules.<rule>.<setting>, permissions.<person>.<action>, console.oidc.roles.<group>, "
                    + "console.oidc.units.<group>, api.clients.<client>.<setting>, systems.<system>.<setting>.")
        }
    }
}

extension HubConfiguration {
    /// What the configuration says of systems that are not there, and of settings that their `system.yaml` doesn't have.
    ///
    /// - Parameter mappings: with the settings as they hold, the configuration's in their place.
    func unknownSettings(in mappings: MappingSet) -> [String] {
        self.systemKeys.compactMap { key in
            guard let system = mappings.systems[key.system] else {
                let known = mappings.systems.keys.sorted().joined(separator: ", ")
                return "\(key.place): there is no system \"\(key.system)\". Known: \(known)."
            }
            let name = (["systems", key.system] + key.path).joined(separator: ".")
            var value = system.settings
            // A secret may have been given in another form by what comes before.
            let isSecret = ["env", "file"].contains(key.path.last ?? "")
            for part in isSecret ? key.path.dropLast() : key.path[...] {
                if let next = value[part] {
                    value = next
                } else {
                    let known = value.objectValue?.keys.sorted().joined(separator: ", ") ?? "none"
                    return "\(key.place): \(name): \(system.file) has no such setting. Correct the name, or write the "
                        + "setting there first. There are: \(known)."
                }
            }
            if value.arrayValue != nil { return "\(key.place): \(name) is a list; change it in \(system.file)." }
            return nil
        }
    }
}
