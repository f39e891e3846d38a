public import Hub

/// A place of the console.
public enum ConsoleArea: String, Sendable, CaseIterable {
    case overview, messages, failed, mappings, roles, agreement, person, statistics, privacy, settings
}

/// Somebody who is signed in.
public struct ConsoleUser: Sendable, Hashable {
    public let name: String
    public let displayName: String

    public init(name: String, displayName: String) {
        self.name = name
        self.displayName = displayName
    }

    public func may(_ area: ConsoleArea) -> Bool { true }
    public func may(_ action: Permissions.Action, unit: String? = nil, system: String? = nil) -> Bool { true }
}
