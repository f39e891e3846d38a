import Foundation
import Messaging
public import SchoolRecords

/// Reads how everything is: from the running services' notes, the store and the broker.
public struct HealthReader: Sendable {
    private let board: HealthBoard
    private let store: any HubStore
    private let depth: @Sendable (String) async throws -> Int?
    private let targets: [String]
    private let sources: [String]
    private let queues: [String]
    private let diskFree: @Sendable () -> Int?
    private let termBegins: @Sendable (CalendarDate) -> String?
    private let clock: HubClock

    /// - Parameters:
    ///   - depth: how many messages a queue holds; throws when the broker can't be asked.
    ///   - queues: the hub's queues beside those of the receiving systems.
    ///   - diskFree: MiB on the disk of the store.
    ///   - termBegins: the term that begins about a day.
    public init(
        board: HealthBoard, store: any HubStore, depth: @escaping @Sendable (String) async throws -> Int?, targets: [String],
        sources: [String], queues: [String], diskFree: @escaping @Sendable () -> Int?,
        termBegins: @escaping @Sendable (CalendarDate) -> String? = { _ in nil }, clock: HubClock = .system
    ) {
        self.board = board
        self.store = store
        self.depth = depth
        self.targets = targets.sorted()
        self.sources = sources.sorted()
        self.queues = queues.sorted()
        self.diskFree = diskFree
        self.termBegins = termBegins
        self.clock = clock
    }

    /// Never throws: what can't be read is left as it is when nothing is known.
    public func read(_ rules: AlarmRules) async -> HealthReading {
        let now = self.clock.now()
        let board = self.board.snapshot
        var reading = HealthReading(time: RFC3339.text(now))
        reading.diskFreeMebibytes = self.diskFree()
        reading.publishedLately = board.published.total(at: now)
        reading.isBrokerUp = board.brokerDownSince == nil
        reading.brokerReason = board.brokerReason
        reading.outbox = (try? await self.store.backlog()) ?? 0
        if reading.outbox > 0, let first = try? await self.store.next(limit: 1).first {
            reading.outboxSeconds = self.age(first.change.time, at: now)
        }
        let depths = await self.depths()
        if let error = depths.error {
            reading.isBrokerUp = false
            reading.brokerReason = reading.brokerReason ?? error
        }
        for queue in self.queues { reading.queues[queue] = depths.counts[queue] }
        let waiting = (try? await self.store.waitingCounts()) ?? [:]
        let groups = (try? await self.store.groups(FailureFilter())) ?? []
        let failed = Dictionary(groups.map { ($0.system, $0.count) }, uniquingKeysWith: +)
        for system in self.targets {
            var target = HealthReading.Target(system: system)
            let seen = board.targets[system] ?? SystemActivity()
            target.lastSuccess = seen.lastSuccess.map(RFC3339.text)
            target.breaker = seen.downSince == nil ? .closed : .open
            target.downSeconds = seen.downSince.map { now.timeIntervalSince($0) } ?? 0
            target.backSeconds = seen.backSince.map { now.timeIntervalSince($0) }
            target.code = seen.downCode
            target.runbook = seen.downCode.map(Runbook.message)
            target.reason = seen.downReason
            target.queued = depths.counts[HubTopology.deliveryQueue(of: system)]
            target.oldestSeconds = seen.oldestUnderWay.map { max(0, now.timeIntervalSince($0)) } ?? 0
            target.waiting = waiting[system] ?? 0
            target.failed = failed[system] ?? 0
            target.deliveredLately = seen.delivered.total(at: now)
            target.failedLately = seen.failed.total(at: now)
            reading.targets.append(target)
        }
        for system in self.sources {
            var source = HealthReading.Source(system: system)
            let seen = board.sources[system] ?? SystemActivity()
            let mark = (try? await self.store.mark(source: system, entity: IntakeService.fullMark)).flatMap { $0 }
            let last = seen.lastSuccess ?? mark.flatMap(RFC3339.date)
            source.lastRead = last.map(RFC3339.text)
            source.silentSeconds = last.map { now.timeIntervalSince($0) }
            source.isDown = seen.downSince != nil
            source.downSeconds = seen.downSince.map { now.timeIntervalSince($0) } ?? 0
            source.code = seen.downCode
            source.runbook = seen.downCode.map(Runbook.message)
            source.reason = seen.downReason
            source.rejected = seen.rejected
            source.failed = self.targets.contains(system) ? 0 : failed[system] ?? 0
            reading.sources.append(source)
        }
        var open = HeldFilter()
        open.states = [.held, .told]
        reading.held = ((try? await self.store.heldChanges(open)) ?? []).map(HealthReading.Held.init)
        reading.schoolsWithout = await self.schoolsWithout(rules.expected)
        reading.termBegins = self.termBegins(self.clock.calendarDate)
        reading.rolePlans = await self.rolePlans(at: now)
        reading.roles = (try? await self.store.roleReadiness()) ?? []
        reading.contacts = await self.contacts()
        reading.quality = (try? await self.store.qualityRuns(limit: 1))?.first
        return reading
    }

    /// Plans that the hub made by itself and that nobody has dealt with.
    private func rolePlans(at now: Date) async -> [RolePlanWaiting] {
        let plans = (try? await self.store.rolePlans(limit: 100)) ?? []
        return plans.filter { $0.state == .open && $0.madeBy == RolePlanMaker.schedule }.map { plan in
            RolePlanWaiting(
                id: plan.id, term: plan.term, date: plan.date,
                steps: plan.parts.reduce(0) { $0 + $1.granted + $1.revoked + $1.changed },
                days: Int(self.age(plan.madeAt, at: now) / 86_400))
        }
    }

    /// Requests to be contacted that are open, by source.
    private func contacts() async -> [String: Int] {
        var contacts: [String: Int] = [:]
        for system in self.sources {
            let counts = (try? await self.store.liveCounts(source: system, entities: [.contactRequest])) ?? [:]
            if let count = counts[.contactRequest], count > 0 { contacts[system] = count }
        }
        return contacts
    }

    private func depths() async -> (counts: [String: Int], error: String?) {
        var counts: [String: Int] = [:]
        for queue in self.targets.map(HubTopology.deliveryQueue) + self.queues {
            do {
                counts[queue] = try await self.depth(queue)
            } catch {
                return (counts, "\(error)")
            }
        }
        return (counts, nil)
    }

    /// School units that some source has groups in, and from which what is expected is missing whole.
    private func schoolsWithout(_ expected: [AlarmRules.Expected]) async -> [String: [String]] {
        guard !expected.isEmpty else { return [:] }
        var schools: Set<String> = []
        for source in self.sources {
            schools.formUnion(((try? await self.store.liveCountsByUnit(of: .group, source: source)) ?? [:]).keys)
        }
        var missing: [String: [String]] = [:]
        for one in expected {
            guard let there = try? await self.store.liveCountsByUnit(of: one.entity, source: one.source) else { continue }
            missing[one.name] = schools.subtracting(there.filter { $0.value > 0 }.keys).sorted()
        }
        return missing
    }

    private func age(_ time: String, at now: Date) -> Double {
        RFC3339.date(time).map { max(0, now.timeIntervalSince($0)) } ?? 0
    }
}
