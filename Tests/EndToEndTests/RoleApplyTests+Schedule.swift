import Foundation
import Hub
import KnutpunktApp
import Mapping
import Provisioning
import SchoolRecords
import StandIns
import Testing

/// Plans that the hub makes by itself.
extension RoleApplyTests {
    @Test(.timeLimit(.minutes(6)))
    func `what changes in a day is planned by itself: little goes, the rest waits and is told of, and each day once`()
        async throws
    {
        try await Self.with { rehearsal in
            let context = rehearsal.context
            let schedule = ["--set", "roles.schedule.daily=true", "--set", "roles.schedule.hour=0"]
            // The first plan is far above the limit: nothing goes by itself.
            let first = try await Self.roles(["schedule", "--run-now"] + schedule, rehearsal)
            #expect(first.status == 0 && first.output.contains("waits: knutpunkt roles show plan-"), "\(first)")
            #expect(!first.output.contains("applied"), "\(first)")
            #expect(try await Self.held(rehearsal).isEmpty)
            let waiting = try #require(try await context.store.rolePlans(limit: 1).first)
            #expect(waiting.madeBy == "schedule" && waiting.state == .open)
            for person in ["second", "third"] {
                #expect(try await Self.roles(["approve", waiting.id, "--reason", "seen"], rehearsal, as: person).status == 0)
            }
            #expect(try await Self.roles(["apply", waiting.id], rehearsal).status == 0)
            try await rehearsal.settle()
            // A new teacher: little, and nothing to look at twice.
            let hired = try #require(try await rehearsal.edlevo.addStaff(titleCode: "2752").person?.id)
            try await rehearsal.settle()
            for standIn in rehearsal.others.values { try await standIn.setAccounts([HeldAccount(hired, .active)]) }
            await rehearsal.skolon?.setAccounts([HeldAccount(hired, .active)])
            try await rehearsal.skolon?.exportRoles(to: rehearsal.options.directory + "/skolon-in")
            try await rehearsal.skolon?.exportAccounts(to: rehearsal.options.directory + "/skolon-in")
            // By a command nothing goes by itself, whatever limit it names.
            let asked = try await Self.roles(["schedule", "--run-now", "--set", "roles.schedule.daily_steps=1000"], rehearsal)
            #expect(asked.status == 0 && asked.output.contains("waits") && !asked.output.contains("applied"), "\(asked)")
            var configuration = context.configuration
            (configuration.roleSchedule.isDaily, configuration.roleSchedule.hour) = (true, 0)
            let hub = try await HubContext.open(configuration, logger: context.logger)
            #expect(try await RoleScheduleService(hub).round() == [.day(HubClock.system.calendarDate)])
            let plan = try #require(try await context.store.roleScheduleRuns(limit: 1).first?.byItself)
            try await Self.waitUntilApplied(rehearsal, plan)
            try await rehearsal.settle()
            #expect(try await rehearsal.heldRoles(in: "skola24").contains { $0.person == hired && $0.role == "lärare" })
            let kept = try await context.rolePlan(plan).kept
            #expect(kept.approvals.allSatisfy { $0.by == "standing-rule" && $0.reason.contains("daily_steps=20") })
            #expect(kept.madeBy == "schedule" && kept.appliedBy == "standing-rule")
            let shown = try await Self.roles(["schedule"] + schedule, rehearsal)
            #expect(shown.output.contains(plan) && shown.output.contains("plan for the day"), "\(shown)")
            let ready = try await Self.roles(["ready", "--at", "\(HubClock.system.calendarDate)", "--list"], rehearsal)
            #expect(ready.output.contains("Not counted"), "\(ready)")
            #expect(try await !context.store.roleReadiness().isEmpty)
            #expect(try await context.store.firstBrokenAuditEntry() == nil)
            let wrong = try await Self.roles(["schedule", "--set", "roles.schedule.hour=24"], rehearsal)
            #expect(wrong.status == 78 && wrong.errors.contains("roles.schedule.hour"), "\(wrong)")
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func `the hub makes the day's plan once, however often it is started`() async throws {
        try await Self.with { rehearsal in
            await rehearsal.stopHub()
            var configuration = rehearsal.context.configuration
            (configuration.roleSchedule.isDaily, configuration.roleSchedule.hour) = (true, 0)
            let context = try await HubContext.open(configuration, logger: rehearsal.context.logger)
            let service = RoleScheduleService(context)
            #expect(try await service.round() == [.day(HubClock.system.calendarDate)])
            for _ in 0..<2 { #expect(try await RoleScheduleService(context).round() == []) }
            #expect(try await context.store.roleScheduleRuns(limit: 9).count == 1)
            // The next day the plan that nobody has looked at is replaced.
            let later = HubClock(now: { HubClock.system.now().addingTimeInterval(86_400) }, sleep: HubClock.system.sleep)
            #expect(try await RoleScheduleService(context, clock: later).round().count == 1)
            let open = try await context.store.rolePlans(limit: 9).filter { $0.state == .open }
            #expect(open.count <= 1, "\(open.map(\.id))")
        }
    }
}
