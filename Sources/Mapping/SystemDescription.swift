public import SchoolRecords

/// A system as its `system.yaml` describes it: one that records come from, one that records are written to, or both.
public struct SystemDescription: Sendable {
    public enum Direction: String, Sendable, CaseIterable {
        /// Records come from it.
        case source
        /// Records are written to it.
        case target
    }

    /// What holds for one direction of a system.
    public struct Side: Sendable {
        /// The kind of connector that talks to it, e.g. `ss12000`.
        public let connector: String
        /// The settings of this direction, with those that stand beside its block. Secrets are there as references
        /// (`{env: …}`, `{file: …}`).
        public let settings: JSONValue
        /// How many changes may come without a person; `nil` when the file says nothing.
        public let limits: LimitRules?
        /// Whether this direction takes part (`enabled` in its block).
        let isEnabled: Bool
        /// The name of its block in the file; `nil` when the file has one direction and no blocks.
        let block: String?
        /// The names of the settings that stand in the block itself.
        let own: Set<String>

        /// Where a setting of this direction stands in the file, e.g. `target.connection.base_url`: for messages, for
        /// ``SystemDescription/line(of:)`` and for the configuration that replaces it.
        public func place(of setting: String) -> String {
            guard let block = self.block else { return setting }
            let first = setting.prefix { $0 != "." }
            let isShared = !self.own.contains(String(first)) && self.settings[String(first)] != nil
            return isShared || setting.isEmpty ? setting : "\(block).\(setting)"
        }
    }

    /// The name of its folder, e.g. `unikum`.
    public let name: String
    /// Whether it takes part (`enabled`). One that doesn't is checked all the same.
    public let isEnabled: Bool
    /// The directions that its file has, also those that are switched off.
    let sides: [Direction: Side]
    /// Everything in the file, or what holds in its place. Secrets are there as references (`{env: …}`, `{file: …}`).
    public let settings: JSONValue
    /// Relative to the mappings' directory.
    public let file: String
    /// What becomes of what has yet to begin.
    public let future: FuturePolicy
    /// By what right it has personal data, and how long it keeps it; `nil` when the file doesn't say.
    public let processing: ProcessingNote?
    let lines: [String: Int]

    /// Set when records come from it.
    public var source: Side? { self.side(.source) }
    /// Set when records are written to it.
    public var target: Side? { self.side(.target) }

    /// What holds for a direction; `nil` when the system hasn't that direction, or it is switched off.
    public func side(_ direction: Direction) -> Side? { self.sides[direction].flatMap { $0.isEnabled ? $0 : nil } }

    /// The directions that it has and that aren't switched off.
    public var directions: [Direction] { Direction.allCases.filter { self.side($0) != nil } }

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
