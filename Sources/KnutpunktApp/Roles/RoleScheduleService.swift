public import Hub
import Logging
public import Provisioning
public import SchoolRecords
public import ServiceLifecycle

/// Makes the role plans of the schedule when they are due. What has been done is in the store: a run happens once, over restarts too,
/// and one that was missed while no hub ran is caught up on.
public struct RoleScheduleService: Service {
    private let context: HubContext
    private let clock: HubClock

    public init(_ context: HubContext, clock: HubClock = .system) {
        self.context = context
        self.clock = clock
    }

    public func run() async throws {
        try await repeating("role-schedule", every: .seconds(60), logger: self.context.logger, clock: self.clock) {
            try await self.round()
        }
    }

    /// Does what is due.
    ///
    /// - Returns: the errands that were done.
    @discardableResult
    public func round() async throws -> [RoleErrand] {
        let date = self.clock.calendarDate
        let agenda = RoleAgenda(self.context.configuration.roleSchedule, policy: try self.context.rolePolicy())
        let due = agenda.due(on: date, hour: self.clock.swedishHour, done: try await self.context.scheduleDone(on: date))
        // A plan that is being applied changes what systems hold: first that, then the next.
        guard !due.isEmpty, try await self.context.store.applyingRolePlan() == nil else { return [] }
        for errand in due {
            let run = try await self.context.run(errand, appliesByRule: true, clock: self.clock)
            try await self.context.store.setMark("\(date)", source: HubContext.scheduleMark, entity: errand.name)
            self.context.logger.notice(
                "A role plan of the schedule has been made",
                metadata: [
                    "errand": "\(errand)", "steps": "\(run.steps)", "applied": "\(run.byItself ?? "-")",
                    "waits": "\(run.waiting ?? "-")", "unread": "\(run.unread.joined(separator: ","))",
                ])
        }
        return due
    }
}

extension HubContext {
    /// When each errand that may come was last done, see ``RoleErrand/name``.
    ///
    /// - Parameter date: today.
    public func scheduleDone(on date: CalendarDate) async throws -> [String: CalendarDate] {
        var done: [String: CalendarDate] = [:]
        let agenda = RoleAgenda(self.configuration.roleSchedule, policy: try self.rolePolicy())
        var names = Set(agenda.next(after: date, done: [:]).map(\.errand.name))
        names.insert("day")
        for name in names {
            guard let text = try await self.store.mark(source: Self.scheduleMark, entity: name) else { continue }
            done[name] = CalendarDate(String(text.prefix(10)))
        }
        return done
    }

    /// Where the staff stands, with what the hub says of roles that are on their way.
    ///
    /// - Parameter systems: only what is to be had in these; `nil` = all in which the policy gives roles.
    public func readiness(
        _ planner: RolePlanner, units: Set<String>?, systems: Set<String>?, language: Language
    ) async throws -> [UnitReadiness] {
        let found = planner.readiness(units: units, systems: systems)
        let planned = found.flatMap(\.missing).filter { $0.why == .planned }.compactMap { $0.key?.id }
        let text = RoleOriginText(language)
        let messages = try await self.store.roleDeeds(of: Set(planned)).compactMapValues { deeds in
            deeds.last.flatMap { deed in
                [.waiting, .taken, .failed, .dependent].contains(deed.step.state) ? text.whereabouts(deed.step) : nil
            }
        }
        return messages.isEmpty ? found : planner.readiness(units: units, systems: systems, messages: messages)
    }
}
