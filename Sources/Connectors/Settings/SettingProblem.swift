/// One thing that is wrong in a system's settings.
public struct SettingProblem: Sendable, Hashable, CustomStringConvertible {
    /// Where: the names from the top of the settings, with dots between, e.g. `connection.base_url`.
    public let path: String
    /// What is wrong and what to write instead. Never the value of a secret.
    public let message: String

    /// Describes a problem.
    public init(path: String, message: String) {
        self.path = path
        self.message = message
    }

    public var description: String { "\(self.path): \(self.message)" }
}
