/// An error whose remedy stands in a section of its own in the documentation.
public protocol DocumentedError: Error {
    /// A stable word that no other error has, e.g. `value-without-code`, `store-disk-full`: the section's heading.
    var section: String { get }
    var page: Runbook.Page { get }
}

extension DocumentedError {
    /// Where the remedy is written, e.g. `docs/operations/errors.md#value-without-code`.
    public var runbook: String { Runbook.section(self.section, on: self.page) }
}

/// Where remedies are written.
public enum Runbook {
    public enum Page: String, Sendable, CaseIterable {
        /// What is wrong with a message, or between the hub and a system.
        case messages = "docs/operations/errors.md"
        /// What keeps the hub, or a command, from its work.
        case program = "docs/operations/errors-program.md"
    }

    /// - Parameter section: the section's heading.
    public static func section(_ section: String, on page: Page) -> String { "\(page.rawValue)#\(section)" }

    /// Where the remedy for a failed message's code is written.
    public static func message(code: String) -> String { Self.section(code, on: .messages) }
}
