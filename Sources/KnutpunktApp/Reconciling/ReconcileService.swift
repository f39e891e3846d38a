import Foundation
public import Hub
import Logging
import SchoolRecords
public import ServiceLifecycle

/// Compares systems by the schedule, goes on with runs that were interrupted, and removes old ones. What has been done is in the store:
/// a run happens once, over restarts too.
public struct ReconcileService: Service {
    /// Under whose name the hub's own runs are kept.
    public static let maker = "schedule"
    private static let mark = "reconcile-schedule"

    private let context: HubContext
    private let clock: HubClock

    public init(_ context: HubContext, clock: HubClock = .system) {
        self.context = context
        self.clock = clock
    }

    public func run() async throws {
        try await repeating("reconcile-schedule", every: .seconds(60), logger: self.context.logger, clock: self.clock) {
            try await self.round()
        }
    }

    /// Does what is due.
    ///
    /// - Returns: the run that was made, or gone on with.
    @discardableResult
    public func round() async throws -> ReconcileRun? {
        let schedule = self.context.configuration.reconcileSchedule
        let old = RFC3339.text(self.clock.now().addingTimeInterval(-Double(schedule.keepDays) * 86400))
        _ = try await self.context.store.removeRuns(before: old)
        guard schedule.isOn else { return nil }
        let interrupted = try await self.context.store.reconcileRuns(states: [.running], limit: 20).first {
            $0.madeBy == Self.maker
        }
        let due: ReconcileScope.Mode?
        if interrupted != nil { due = interrupted?.scope.mode } else { due = try await self.due(schedule) }
        guard let due else { return nil }
        var scope = ReconcileScope()
        scope.mode = due
        let run: ReconcileRun
        do {
            run = try await self.context.reconcile(scope, by: Self.maker, resuming: interrupted?.id, clock: self.clock)
        } catch let error as AppError where error.code == .alreadyRunning {
            // Somebody compares by hand: the next round sees to it.
            return nil
        } catch let error as AppError where error.code == .interrupted {
            // Whoever cancelled it doesn't want it again at once, and the schedule goes on.
            self.context.logger.notice("A scheduled comparison was cancelled", metadata: ["reason": "\(error)"])
            try await self.done(due)
            return nil
        } catch let error as AppError where error.code == .notFound {
            // No system tells what it holds: nothing to do, and nothing wrong.
            self.context.logger.notice("Nothing to compare", metadata: ["reason": "\(error)"])
            try await self.done(due)
            return nil
        }
        try await self.done(due)
        run.measure()
        return run
    }

    private func due(_ schedule: ReconcileSchedule) async throws -> ReconcileScope.Mode? {
        let day = "\(self.clock.calendarDate)"
        if let hour = schedule.hour, self.clock.swedishHour >= hour,
            try await self.context.store.mark(source: Self.mark, entity: "full")?.prefix(10) != day.prefix(10)
        {
            return .full
        }
        guard let minutes = schedule.changedMinutes else { return nil }
        let last = try await self.context.store.mark(source: Self.mark, entity: "changed").flatMap(RFC3339.date)
        if let last, self.clock.now().timeIntervalSince(last) < Double(minutes) * 60 { return nil }
        return .changed
    }

    private func done(_ mode: ReconcileScope.Mode) async throws {
        try await self.context.store.setMark(
            mode == .full ? "\(self.clock.calendarDate)" : self.clock.timestamp, source: Self.mark, entity: mode.rawValue)
    }
}
