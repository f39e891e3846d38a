public import Hub

/// The run of a plan's steps, as a value: whose turn it is, and what can't be taken any more.
///
/// A step is taken when all that it waits for has reached its target. Where that fails the step is left: nobody gets a role beside
/// one that excludes it, and nobody who moves loses the old place without having the new one.
public struct RoleRun: Sendable {
    /// The plan's steps that are taken, by their number in the plan.
    private let entries: [Int: PlanEntry]
    /// Where each number stands in ``states``.
    private let places: [Int: Int]
    /// In the order of their numbers.
    public private(set) var states: [RoleStepState]

    /// - Parameter states: of the steps that are to be taken; a number that the plan doesn't have is passed over.
    public init(plan: RolePlan, states: [RoleStepState]) {
        var entries: [Int: PlanEntry] = [:]
        for state in states where plan.steps.indices.contains(state.number) { entries[state.number] = plan.steps[state.number] }
        self.entries = entries
        self.states = states.filter { entries[$0.number] != nil }.sorted { $0.number < $1.number }
        self.places = Dictionary(
            self.states.enumerated().map { ($1.number, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The steps of some units of a plan, none of them taken yet.
    ///
    /// - Parameters:
    ///   - units: ids of units; `nil` in it stands for what belongs to none.
    ///   - sequences: of the grants that the hub has decided about before, see ``RoleBook/roleSequences(_:)``.
    public static func steps(
        of plan: RolePlan, units: Set<String?>, sequences: [String: Int64] = [:]
    ) -> [RoleStepState] {
        plan.steps.enumerated().compactMap { number, entry in
            guard units.contains(entry.unit) else { return nil }
            return RoleStepState(
                id: entry.id, number: number, unit: entry.unit, sequence: sequences[entry.id] ?? 0, action: entry.action.rawValue)
        }
    }

    /// What a step does.
    public func entry(_ state: RoleStepState) -> PlanEntry? { self.entries[state.number] }

    /// Whether every step has been settled.
    public var isOver: Bool { self.states.allSatisfy(\.state.isSettled) }

    /// How many steps there are in each state.
    public var counts: [RoleStepState.State: Int] {
        self.states.reduce(into: [:]) { $0[$1.state, default: 0] += 1 }
    }

    /// The steps whose turn it is, in their order.
    public func due(limit: Int) -> [RoleStepState] {
        let known = self.known
        return Array(self.states.lazy.filter { self.turn($0, known) == .due }.prefix(limit))
    }

    /// Leaves the steps behind that wait for one that didn't reach its target.
    ///
    /// - Returns: those that are left now.
    public mutating func leave() -> [RoleStepState] {
        var left: [RoleStepState] = []
        while true {
            let known = self.known
            let lost = self.states.indices.compactMap { index -> (Int, String)? in
                guard case .lost(let other) = self.turn(self.states[index], known) else { return nil }
                return (index, other)
            }
            guard !lost.isEmpty else { return left }
            for (index, other) in lost {
                self.states[index].state = .left
                self.states[index].note = "waits-for:\(other)"
                left.append(self.states[index])
            }
        }
    }

    /// Takes note of how far a step has come.
    public mutating func set(_ state: RoleStepState) {
        guard let index = self.places[state.number] else { return }
        self.states[index] = state
    }

    private enum Turn: Equatable {
        case due, later
        /// Never: this step, which must go before it, hasn't reached its target.
        case lost(String)
    }

    private var known: [String: RoleStepState.State] {
        Dictionary(self.states.map { ($0.id, $0.state) }, uniquingKeysWith: { first, _ in first })
    }

    private func turn(_ state: RoleStepState, _ known: [String: RoleStepState.State]) -> Turn {
        guard state.state == .waiting, let entry = self.entries[state.number] else { return .later }
        var isLater = false
        for other in entry.waitsFor {
            switch known[other] {
            case .delivered, .nothing: continue
            case .failed, .dependent, .left: return .lost(other)
            case .waiting, .taken: isLater = true
            // What must go before isn't part of this run: nobody has approved its unit.
            case nil: return .lost(other)
            }
        }
        return isLater ? .later : .due
    }
}
