public import SchoolRecords

/// Systems × entities × directions: what there is, what is used, and how it goes. Every figure is what the hub has seen; what it
/// hasn't seen is `nil`.
public struct InteropMatrix: Sendable, Hashable, Codable {
    /// How far what a system holds agrees with what it should hold.
    public struct Agreement: Sendable, Hashable, Codable {
        public let equal: Int
        public let differing: Int
        /// When it was compared, and since when the oldest difference stands: RFC 3339 in UTC.
        public let at: String
        public let oldestDifference: String?

        public init(equal: Int, differing: Int, at: String, oldestDifference: String? = nil) {
            self.equal = equal
            self.differing = differing
            self.at = at
            self.oldestDifference = oldestDifference
        }

        /// Of a hundred; `nil` when there was nothing to compare.
        public var percent: Double? {
            let all = self.equal + self.differing
            return all == 0 ? nil : 100 * Double(self.equal) / Double(all)
        }
    }

    /// One entity in one direction of one system.
    public struct Cell: Sendable, Hashable, Codable {
        public let system: String
        public let entity: Entity
        public let direction: FieldLine.Direction
        /// Whether the system takes part in this direction; that there is a mapping is what makes the cell.
        public let isConfigured: Bool
        /// Records that the system has given, or was given and has.
        public var records = 0
        /// When the last one was taken or given, RFC 3339 in UTC; `nil` for never.
        public var exercised: String?
        /// Changes that are on their way to the system.
        public var underWay = 0
        /// Messages that need somebody.
        public var failed = 0
        public var agreement: Agreement?

        public init(system: String, entity: Entity, direction: FieldLine.Direction, isConfigured: Bool) {
            self.system = system
            self.entity = entity
            self.direction = direction
            self.isConfigured = isConfigured
        }

        /// Failures of a hundred records; `nil` when there is neither.
        public var failedPercent: Double? {
            let all = self.records + self.failed
            return all == 0 ? nil : 100 * Double(self.failed) / Double(all)
        }

        /// How it does, for a colour; each is told in words too.
        public var state: State {
            if !self.isConfigured { return .switchedOff }
            if self.failed > 0 || self.agreement.map({ $0.differing > 0 }) == true { return .differing }
            if self.exercised == nil { return .neverExercised }
            return self.agreement == nil ? .exercised : .agreeing
        }
    }

    /// How a cell does.
    public enum State: String, Sendable, Hashable, Codable, CaseIterable {
        case switchedOff = "switched-off"
        case neverExercised = "never-exercised"
        /// Records have gone this way; nobody has compared.
        case exercised
        case agreeing
        /// Messages have failed, or what the system holds differs.
        case differing
    }

    public let cells: [Cell]

    public init(cells: [Cell]) {
        self.cells = cells.sorted { left, right in
            if left.system != right.system { return left.system < right.system }
            return left.direction == right.direction ? left.entity < right.entity : left.direction == .source
        }
    }

    /// The cells whose agreement is under a limit.
    ///
    /// - Parameter percent: of a hundred.
    public func under(_ percent: Double) -> [Cell] {
        self.cells.filter { cell in cell.agreement?.percent.map { $0 < percent } ?? false }
    }
}
