public import SchoolRecords

/// A flow as `flows.yaml` describes it: every setting checked, those not there by their defaults.
public struct FlowDescription: Sendable, Hashable {
    public let name: String
    /// `false` withdraws what the flow made before.
    public let isEnabled: Bool
    /// By the settings' names.
    public let settings: [String: JSONValue]

    public init(name: String, isEnabled: Bool, settings: [String: JSONValue]) {
        self.name = name
        self.isEnabled = isEnabled
        self.settings = settings
    }

    /// A setting that is one word; empty when there is no such setting.
    public func text(_ name: String) -> String { self.settings[name]?.stringValue ?? "" }

    /// A setting that is a list of words.
    public func texts(_ name: String) -> [String] { (self.settings[name]?.arrayValue ?? []).compactMap(\.stringValue) }

    public func integer(_ name: String) -> Int? { self.settings[name]?.integerValue.map { Int($0) } }
}
