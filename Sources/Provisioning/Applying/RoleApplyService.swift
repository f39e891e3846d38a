public import Hub
public import Logging
import Mapping
import SchoolRecords
public import ServiceLifecycle

/// Carries out the plan that is being applied: takes steps whose turn it is, follows them to their systems, ends.
///
/// All it knows is in the store: another hub, or this one after a crash, goes on where it was. A step is taken once, however often
/// it is tried: it is handed in with the sequence that its grant had when the applying began.
public struct RoleApplyService: Service {
    /// So many steps are on their way at a time.
    static let window = 1000

    private let store: any HubStore
    private let publisher: RolePublisher
    private let clock: HubClock
    private let logger: Logger
    private let memory = Memory()

    public init(store: any HubStore, publisher: RolePublisher, clock: HubClock = .system, logger: Logger) {
        self.store = store
        self.publisher = publisher
        self.clock = clock
        self.logger = logger
    }

    public func run() async throws {
        try await restarting("roles", logger: self.logger, clock: self.clock) {
            while !Task.isCancelled {
                let moved = try await self.round()
                try await self.clock.sleep(moved ? .milliseconds(100) : .seconds(1))
            }
        }
    }

    /// One step of the plan that is being applied, if there is one.
    ///
    /// - Returns: whether it has got on.
    @discardableResult
    public func round() async throws -> Bool {
        guard let id = try await self.store.applyingRolePlan(), var run = try await self.run(of: id) else { return false }
        // What isn't written down is looked up again.
        await self.memory.keep(nil)
        var moved = try await self.follow(&run)
        moved += run.leave()
        moved += try await self.take(&run)
        let time = self.clock.timestamp
        for index in moved.indices {
            moved[index].at = time
            if moved[index].state == .taken { moved[index].takenAt = time }
        }
        try await self.store.mark(moved, of: id)
        if run.isOver {
            try await self.end(id, run)
        } else {
            await self.memory.keep((id, run))
        }
        return !moved.isEmpty
    }

    /// The run as it was left by the round before, or as the store has it.
    private func run(of id: String) async throws -> RoleRun? {
        if let known = await self.memory.kept, known.plan == id { return known.run }
        guard let document = try await self.store.rolePlanDocument(id) else { return nil }
        let plan = try RolePlan(json: JSONValue(parsing: document))
        return RoleRun(plan: plan, states: try await self.store.roleSteps(of: id))
    }

    /// The run between two rounds: nobody else takes steps, and reading a large plan anew each time takes longer than the round.
    private actor Memory {
        private(set) var kept: (plan: String, run: RoleRun)?

        func keep(_ run: (plan: String, run: RoleRun)?) { self.kept = run }
    }

    /// How far the steps that were taken have come.
    private func follow(_ run: inout RoleRun) async throws -> [RoleStepState] {
        let taken = run.states.filter { $0.state == .taken }
        let takings = taken.compactMap { state in
            run.entry(state).map { entry in
                RoleTaking(
                    key: RecordKey(.roleGrant, state.id), system: entry.key.name.system, operation: Self.operation(entry),
                    sequence: state.sequence ?? 0, outcome: .taken)
            }
        }
        // Each one is looked for only when nothing has arrived since: in a long run that would take longer than the way itself.
        let arrived = try await self.publisher.arrived(of: takings)
        let progress = arrived.isEmpty ? try await self.publisher.progress(of: takings) : arrived
        var moved: [RoleStepState] = []
        for var state in taken {
            switch progress[RecordKey(.roleGrant, state.id)] {
            case .delivered: state.state = .delivered
            case .nothingToGive: state.state = .nothing
            case .failed(let failure, let code, _): (state.state, state.note) = (.failed, "failure/\(failure):\(code)")
            case .held(let change): (state.state, state.note) = (.failed, "held/\(change)")
            case .waits(let records): (state.state, state.note) = (.dependent, records.min().map { "\($0)" })
            case .overtaken: (state.state, state.note) = (.left, "overtaken")
            case .underWay, .retries, nil: continue
            }
            run.set(state)
            moved.append(state)
        }
        return moved
    }

    /// Hands in steps whose turn it is.
    private func take(_ run: inout RoleRun) async throws -> [RoleStepState] {
        let room = Self.window - (run.counts[.taken] ?? 0)
        var due = run.due(limit: max(0, room))
        var moved: [RoleStepState] = []
        while !due.isEmpty {
            let changes = due.compactMap { state in run.entry(state).flatMap { Self.change($0, after: state.sequence) } }
            let takings = try await self.publisher.publish(changes, counting: .seen)
            var again: [RoleStepState] = []
            for (var state, taking) in zip(due, takings) {
                switch taking.outcome {
                case .taken, .unchanged: (state.state, state.sequence) = (.taken, taking.sequence)
                case .moved: (state.state, state.note) = (.left, "moved")
                case .stopped:
                    again.append(state)
                    continue
                }
                run.set(state)
                moved.append(state)
            }
            // Nothing is taken of a call of which one grant has moved: the others are handed in by themselves.
            due = again
        }
        return moved
    }

    private func end(_ id: String, _ run: RoleRun) async throws {
        try await self.store.end(rolePlan: id, .applied, by: "hub", time: self.clock.timestamp)
        let counts = run.counts
        let open = (counts[.failed] ?? 0) + (counts[.left] ?? 0) + (counts[.dependent] ?? 0)
        self.logger.log(
            level: open == 0 ? .info : .warning, open == 0 ? "A role plan is applied" : "A role plan is applied in part",
            metadata: [
                "plan": "\(id)", "delivered": "\(counts[.delivered] ?? 0)", "nothing": "\(counts[.nothing] ?? 0)",
                "failed": "\(counts[.failed] ?? 0)", "dependent": "\(counts[.dependent] ?? 0)", "left": "\(counts[.left] ?? 0)",
                "look": "knutpunkt roles show \(id)",
            ])
    }

    private static func operation(_ entry: PlanEntry) -> RoleChange.Operation { entry.action == .revoke ? .revoked : .granted }

    /// What a step hands in: a revocation names what is taken away.
    private static func change(_ entry: PlanEntry, after sequence: Int64?) -> RoleChange? {
        guard var grant = entry.action == .revoke ? entry.before : entry.after else { return nil }
        grant.id = entry.id
        return RoleChange(Self.operation(entry), grant, after: sequence)
    }
}
