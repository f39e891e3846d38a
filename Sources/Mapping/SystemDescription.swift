public import SchoolRecords

/// A system as its `system.yaml` describes it.
public struct SystemDescription: Sendable {
    public enum Direction: String, Sendable, CaseIterable {
        /// Records come from it.
        case source
        /// Records are written to it.
        case target
    }

    /// The name of its folder, e.g. `unikum`.
    public let name: String
    /// The kind of connector that talks to it, e.g. `ss12000`.
    public let connector: String
    public let direction: Direction
    /// Everything in the file, or what holds in its place. Secrets are there as references (`{env: …}`, `{file: …}`).
    public let settings: JSONValue
    /// Relative to the mappings' directory.
    public let file: String
    /// What becomes of what has yet to begin.
    public let future: FuturePolicy
    let lines: [String: Int]

    /// The line of a setting, by its path (`connection.base_url`); of the nearest setting around it when it isn't
    /// there; `nil` when nothing around it is either.
    public func line(of path: String) -> Int? {
        var path = path
        while true {
            if let line = self.lines[path] { return line }
            guard let dot = path.lastIndex(of: ".") else { return nil }
            path = String(path[..<dot])
        }
    }
}
