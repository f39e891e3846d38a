import Foundation
import SchoolRecords

/// A system's settings: `Mappings/<system>/system.yaml`, with what the configuration says in its place.
struct SystemSettings {
    let configuration: HubConfiguration

    /// The settings of a system after overrides. A secret given as `{env: …}` or `{file: …}` can be replaced by
    /// overriding either of the two.
    func adjusted(_ settings: JSONValue, of system: String) -> JSONValue {
        var settings = self.replaced(settings, system: system, path: [])
        // Any system can be switched on and off, also one whose file doesn't say.
        if case .object(var members) = settings, members["enabled"] == nil,
            let text = self.configuration.overrides(system, "enabled")
        {
            members["enabled"] = Bool(text).map(JSONValue.bool) ?? .string(text)
            settings = .object(members)
        }
        return settings
    }

    private func replaced(_ value: JSONValue, system: String, path: [String]) -> JSONValue {
        let dotted = path.joined(separator: ".")
        switch value {
        case .object(let members):
            if !members.isEmpty, Set(members.keys).isSubset(of: ["env", "file"]) {
                for form in ["file", "env"] {
                    if let text = self.configuration.overrides(system, "\(dotted).\(form)") { return [form: .string(text)] }
                }
                if let text = self.configuration.overrides(system, dotted) { return .string(text) }
                return value
            }
            var replaced = members
            for (name, member) in members { replaced[name] = self.replaced(member, system: system, path: path + [name]) }
            return .object(replaced)
        case .array: return value
        default:
            guard !path.isEmpty, let text = self.configuration.overrides(system, dotted) else { return value }
            switch value {
            case .integer, .number: return Int64(text).map(JSONValue.integer) ?? .string(text)
            case .bool: return Bool(text).map(JSONValue.bool) ?? .string(text)
            default: return .string(text)
            }
        }
    }
}
