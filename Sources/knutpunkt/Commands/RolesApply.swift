import ArgumentParser
import Foundation
import Hub
import KnutpunktApp
import Mapping
import Provisioning
import SchoolRecords

struct RolesPlans: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plans", abstract: "The plans that have been kept, the latest first, and what each waits for.")
    @Option(help: "At most this many.") var limit = 20
    @Flag(help: "As JSON.") var json = false
    @OptionGroup var options: HubOptions

    func run() async throws {
        let context = try await self.options.context()
        let plans = try await context.store.rolePlans(limit: self.limit)
        if self.json { return say(try ReadableJSON.text(plans)) }
        let text = RoleApplyText(self.options.language, places: try await context.placeNames())
        if plans.isEmpty { say(self.options.language(sv: "Inga planer.", en: "There are no plans.")) }
        for plan in plans { say(text.line(plan)) }
    }
}

struct RolesShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "One plan: its parts, who approved them, and how far its steps have come.",
        discussion: """
            Examples:
              knutpunkt roles show plan-1f2e3d4c5b6a7988
              knutpunkt roles show plan-1f2e --steps

            Exit status: 0 it is as it should be; 1 steps have failed, been left, or wait; 66 no such plan.
            """)
    @Argument(help: "The plan's id, whole or its beginning.") var id: String
    @Flag(help: "Also each step that isn't where it should be.") var steps = false
    @Flag(help: "As JSON.") var json = false
    @OptionGroup var options: HubOptions

    private struct View: Encodable {
        let plan: KeptRolePlan
        let steps: [RoleStepState]
    }

    func run() async throws {
        let context = try await self.options.context()
        let progress = try await context.rolePlan(self.id)
        if self.json {
            say(try ReadableJSON.text(View(plan: progress.kept, steps: progress.steps)))
        } else {
            let text = RoleApplyText(self.options.language, places: try await context.placeNames())
            for line in text.lines(progress, steps: self.steps) { say(line) }
        }
        if progress.hasLeftovers { throw ExitCode(1) }
    }
}

struct RolesApprove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve",
        abstract: "Approve a plan, or its parts at some units. Nobody approves a plan of their own.",
        discussion: """
            A part with very many revocations takes two persons, its maker aside.

            Examples:
              knutpunkt roles approve plan-1f2e3d4c5b6a7988 --reason "seen with the heads"
              knutpunkt roles approve plan-1f2e --unit Exempelskolan --reason "Exempelskolan first"

            Exit status: 0 approved; 66 no such plan or unit, or its state doesn't allow it; 77 not allowed.
            """)
    @Argument(help: "The plan's id, whole or its beginning.") var id: String
    @Option(help: "Only this school: school unit code, name or id; a school brings its units. May be given several times.")
    var unit: [String] = []
    @Option(help: "Why it is right; kept with it.") var reason: String
    @Flag(help: "As JSON.") var json = false
    @OptionGroup var options: HubOptions

    func run() async throws {
        let (context, language) = (try await self.options.context(), self.options.language)
        let progress = try await context.rolePlan(self.id)
        try await context.require(.approveRoles, on: progress.systems, by: operatorName)
        var units = try await context.units(named: self.unit)
        // A school brings its units; only those that the plan does something at are approved.
        if let named = units {
            let parts = Set(progress.kept.parts.compactMap(\.unit))
            units = named.isDisjoint(with: parts) ? named : named.intersection(parts)
        }
        let plan = try await context.decideRoles {
            try await context.store.approve(
                rolePlan: progress.kept.id, units: units, by: operatorName, reason: self.reason,
                time: HubClock.system.timestamp)
        }
        if self.json { return say(try ReadableJSON.text(plan)) }
        let text = RoleApplyText(language, places: try await context.placeNames())
        say(text.line(plan))
        for line in text.lacking(plan) { say(line) }
    }
}

struct RolesApply: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Carry out what has been approved of a plan, and follow it to the systems.",
        discussion: """
            The plan is made anew first: if it would do anything else today, nothing is done and the difference is shown. A running
            hub carries it out, and goes on by itself after a stop. Steps that fail are among the failed messages.

            Examples:
              knutpunkt roles apply plan-1f2e3d4c5b6a7988 --dry-run
              knutpunkt roles apply plan-1f2e3d4c5b6a7988
              knutpunkt roles apply plan-1f2e --no-wait

            Exit status: 0 all systems have all of it; 1 the plan has moved, or steps failed, were left or wait; 66 no such plan,
            not approved, or another plan is being applied; 77 not allowed.
            """)
    @Argument(help: "The plan's id, whole or its beginning.") var id: String
    @Flag(help: "Only say whether it could be applied, and how much it is.") var dryRun = false
    @Flag(help: "Don't follow it.") var noWait = false
    @Flag(help: "As JSON.") var json = false
    @OptionGroup var options: HubOptions

    func run() async throws {
        let (context, language) = (try await self.options.context(), self.options.language)
        var progress = try await context.rolePlan(self.id)
        try await context.require(.applyRoles, on: progress.systems, by: operatorName)
        let text = RoleApplyText(language, places: try await context.placeNames())
        if progress.kept.state == .open {
            try text.requireApproval(progress.kept)
            do {
                let (steps, units) = try await context.decideRoles {
                    try await context.applyRolePlan(progress, by: operatorName, dryRun: self.dryRun)
                }
                if !self.json { say(text.begun(steps: steps, units: units, dryRun: self.dryRun)) }
            } catch let moved as MovedRolePlan {
                for line in text.moved(moved) { say(line) }
                throw ExitCode(1)
            }
        }
        if self.dryRun || self.noWait { return }
        progress = try await context.rolePlan(progress.kept.id)
        var said: [RoleStepState.State: Int] = [:]
        while progress.kept.state == .applying {
            if !self.json, progress.counts != said {
                said = progress.counts
                say(text.counts(progress))
            }
            try await context.waitForRoles()
            progress = try await context.rolePlan(progress.kept.id)
        }
        if self.json {
            say(try ReadableJSON.text(progress.steps))
        } else {
            for line in text.lines(progress, steps: true) { say(line) }
        }
        if progress.hasLeftovers { throw ExitCode(1) }
    }
}

struct RolesVerify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Read the systems again, and see whether they hold what a plan has given and taken.",
        discussion: """
            Example:
              knutpunkt roles verify plan-1f2e3d4c5b6a7988

            Exit status: 0 they do; 1 something isn't there, or still is; 66 no such plan, or a system has
            told nothing since it was applied; 69 a system can't be read.
            """)
    @Argument(help: "The plan's id, whole or its beginning.") var id: String
    @Flag(help: "Don't read the systems again: what they told last.") var noRead = false
    @Flag(help: "As JSON.") var json = false
    @OptionGroup var options: HubOptions

    func run() async throws {
        let (context, language) = (try await self.options.context(), self.options.language)
        let progress = try await context.rolePlan(self.id)
        let text = RoleApplyText(language, places: try await context.placeNames())
        if !self.noRead {
            try await context.require(.sync, on: progress.systems, by: operatorName)
            for system in progress.systems.sorted() {
                let snapshot = try await context.snapshotRoles(of: system, by: operatorName)
                // What a file said before the roles were given proves nothing.
                guard RFC3339.text(snapshot.asOf) >= progress.kept.since else { throw AppError(.notFound, text.isOld(system)) }
            }
        }
        let wrong = try await context.unverified(progress)
        if self.json {
            say(try ReadableJSON.text(JSONValue.array(wrong.map(\.json))))
        } else {
            for line in text.verified(progress, wrong) { say(line) }
        }
        if !wrong.isEmpty { throw ExitCode(1) }
    }
}

struct RolesUndo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "undo",
        abstract: "Make the plan that takes back what a plan has brought about; it is approved and applied as any other.",
        discussion: """
            Example:
              knutpunkt roles undo plan-1f2e3d4c5b6a7988

            Exit status: 0 the plan is kept; 66 no such plan, or nothing of it has been delivered; 77 not allowed.
            """)
    @Argument(help: "The plan's id, whole or its beginning.") var id: String
    @Flag(help: "As JSON.") var json = false
    @OptionGroup var options: HubOptions

    func run() async throws {
        let (context, language) = (try await self.options.context(), self.options.language)
        let progress = try await context.rolePlan(self.id)
        try await context.require(.planRoles, on: progress.systems, by: operatorName)
        let kept = try await context.keepRolePlan(try context.undoing(progress), by: operatorName)
        if self.json { return say(try ReadableJSON.text(kept)) }
        let text = RoleApplyText(language, places: try await context.placeNames())
        say(text.line(kept))
        for line in text.lacking(kept) { say(line) }
    }
}

struct RolesStop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "Put a plan aside, or stop applying it. What has been taken stays; `roles undo` takes it back.",
        discussion: """
            Example:
              knutpunkt roles stop plan-1f2e3d4c5b6a7988

            Exit status: 0 stopped; 66 no such plan, or it is over; 77 not allowed.
            """)
    @Argument(help: "The plan's id, whole or its beginning.") var id: String
    @OptionGroup var options: HubOptions

    func run() async throws {
        let (context, language) = (try await self.options.context(), self.options.language)
        let progress = try await context.rolePlan(self.id)
        try await context.require(.applyRoles, on: progress.systems, by: operatorName)
        let plan = try await context.decideRoles {
            try await context.store.end(
                rolePlan: progress.kept.id, .stopped, by: operatorName, time: HubClock.system.timestamp)
        }
        say(RoleApplyText(language, places: try await context.placeNames()).line(plan))
    }
}
