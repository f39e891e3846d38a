/// Everything that is wrong in the settings of one system, so that it can be put right in one go.
public struct SettingsError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The system's name.
    public let system: String
    /// In the order of their paths; never empty.
    public let problems: [SettingProblem]

    /// Describes what is wrong with a system's settings.
    public init(system: String, problems: [SettingProblem]) {
        self.system = system
        self.problems = problems
    }

    public var description: String {
        "settings of \(self.system): " + self.problems.map(\.description).joined(separator: "; ")
    }
}
