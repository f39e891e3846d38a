/// Something that is wrong, or looks wrong, in a file that a person wrote.
public struct Diagnostic: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Severity: String, Sendable, Hashable {
        /// The mappings can't be used.
        case error
        /// The mappings can be used; somebody should look.
        case warning
    }

    public let severity: Severity
    public let message: String
    /// Relative to the mappings' directory.
    public let file: String
    /// From 1.
    public let line: Int
    /// From 1, in characters.
    public let column: Int
    /// What to do, when there is something to suggest.
    public let hint: String?

    public init(_ severity: Severity, _ message: String, file: String, line: Int, column: Int, hint: String? = nil) {
        self.severity = severity
        self.message = message
        self.file = file
        self.line = line
        self.column = column
        self.hint = hint
    }

    /// `file:line:column: error: message; hint`, as compilers write it.
    public var description: String {
        let text = "\(self.file):\(self.line):\(self.column): \(self.severity.rawValue): \(self.message)"
        return self.hint.map { "\(text); \($0)" } ?? text
    }
}
