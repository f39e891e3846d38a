import Foundation
public import Logging
import Mapping
public import Reconciliation
import SchoolRecords

/// Why a repair can't be made or sent.
public enum RepairRefusal: Error, Sendable, Hashable {
    case unknownRun(String)
    /// The run isn't through yet, or never came through.
    case notDone(String)
    case unknownRepair(String)
    /// It isn't waiting for approval.
    case notWaiting(String, RepairOrder.State)
    /// Who made it can't approve it.
    case ownRepair(String)
    /// What it is about is too old: so much may have changed that nobody should act on it.
    case outdated(String)
}

/// Has the hub mend what a run found: by telling it what systems really hold, and sending the records to them on their usual way.
///
/// A system is never written to around the hub: the next delivery compares what a record gives with what the hub believes the system to
/// hold, and writes the rows that differ, and nothing else.
public struct Repairer: Sendable {
    /// Hours after which a run is too old to be acted on.
    public static let freshHours = 48.0
    private static let batch = 300

    private let store: any HubStore
    private let mappings: MappingBook
    private let key: HubKey
    private let clock: HubClock
    private let logger: Logger

    public init(store: any HubStore, mappings: MappingBook, key: HubKey, clock: HubClock = .system, logger: Logger) {
        self.store = store
        self.mappings = mappings
        self.key = key
        self.clock = clock
        self.logger = logger
    }

    /// What a repair of these findings would do; nothing is kept or sent.
    ///
    /// - Parameters:
    ///   - filter: which findings; those that the hub can't mend are left out.
    ///   - only: of these, those with these numbers; empty = all.
    /// - Throws: ``RepairRefusal``.
    public func order(
        _ runID: String, _ filter: FindingFilter, numbers only: Set<Int> = [], by person: String
    ) async throws -> RepairOrder {
        guard let run = try await self.store.reconcileRun(runID) else { throw RepairRefusal.unknownRun(runID) }
        guard run.state == .done else { throw RepairRefusal.notDone(runID) }
        let oldest = RFC3339.text(self.clock.now().addingTimeInterval(-Self.freshHours * 3600))
        guard run.beganAt >= oldest else { throw RepairRefusal.outdated(runID) }
        var parts: [RowIdentity: RepairOrder.Part] = [:]
        var numbers: [Int] = []
        try await self.forEachPage(of: runID, filter) { findings in
            for kept in findings where kept.repair == nil && (only.isEmpty || only.contains(kept.number)) {
                numbers.append(kept.number)
                let place = RowIdentity(kind: kept.finding.system, key: kept.finding.kind)
                var part = parts[place] ?? RepairOrder.Part(system: kept.finding.system, kind: kept.finding.kind)
                switch kept.finding.action {
                case .creates: part.creates += 1
                case .deletes: part.deletes += 1
                default: part.updates += 1
                }
                parts[place] = part
            }
        }
        // In several pieces it is the same mass change.
        let earlier = try await self.store.repairs(of: runID).filter { $0.state != .rejected && $0.decidedBy == nil }.flatMap(
            \.parts)
        let judged = parts.values.map { self.judged($0, run, after: earlier) }.sorted {
            ($0.system, $0.kind) < ($1.system, $1.kind)
        }
        let id = "repair-" + self.key.contentHash(Data("\(runID)|\(numbers)|\(self.clock.timestamp)".utf8)).prefix(8)
        return RepairOrder(
            id: id, run: runID, state: .waiting, findings: numbers, parts: judged, madeBy: person, madeAt: self.clock.timestamp)
    }

    /// Puts to a part what of it is more than the system's limits let through.
    ///
    /// - Parameter earlier: parts of other repairs of the run, which nobody has approved.
    private func judged(
        _ part: RepairOrder.Part, _ run: ReconcileRun, after earlier: [RepairOrder.Part]
    ) -> RepairOrder.Part {
        var part = part
        var limits = ChangeLimits(forRows: part.kind, rules: self.mappings.set.systems[part.system]?.target?.limits)
        if limits.createShare == nil {
            // A system that tells next to nothing has hardly lost everything.
            (limits.createShare, limits.createFloor) = (limits.updateShare, limits.updateFloor)
        }
        let rows = run.systems.first { $0.system == part.system }?.rows[part.kind]
        let living = max(rows?.expected ?? 0, rows?.held ?? 0)
        var counts = ChangeCounts(creates: part.creates, updates: part.updates, deletes: part.deletes)
        for other in earlier where other.system == part.system && other.kind == part.kind {
            counts += ChangeCounts(creates: other.creates, updates: other.updates, deletes: other.deletes)
        }
        part.excess = limits.excess(living: living, counts).map { "\($0.kind.rawValue) \($0.count) > \($0.limit)" }
        return part
    }

    /// Keeps an order, and sends it when it is within the limits; otherwise it waits for somebody else's approval.
    public func place(_ order: RepairOrder) async throws -> RepairOrder {
        var order = order
        try await self.store.keep(order)
        if !order.needsApproval { order = try await self.send(order) }
        return order
    }

    /// Approves an order that waits, and sends it.
    ///
    /// - Throws: ``RepairRefusal``: also when it is the approver's own.
    public func approve(_ id: String, reason: String, by person: String) async throws -> RepairOrder {
        var order = try await self.waiting(id)
        guard order.madeBy != person else { throw RepairRefusal.ownRepair(id) }
        (order.decidedBy, order.decidedAt, order.reason) = (person, self.clock.timestamp, reason)
        return try await self.send(order)
    }

    /// Turns an order down.
    ///
    /// - Throws: ``RepairRefusal``.
    public func reject(_ id: String, reason: String, by person: String) async throws -> RepairOrder {
        var order = try await self.waiting(id)
        (order.decidedBy, order.decidedAt, order.reason, order.state) = (person, self.clock.timestamp, reason, .rejected)
        try await self.store.keep(order)
        return order
    }

    private func waiting(_ id: String) async throws -> RepairOrder {
        guard let order = try await self.store.repair(id) else { throw RepairRefusal.unknownRepair(id) }
        guard order.state == .waiting else { throw RepairRefusal.notWaiting(id, order.state) }
        return order
    }

    // MARK: Sending

    private struct SentRecord: Hashable {
        let system: String
        let key: RecordKey
    }

    private func send(_ order: RepairOrder) async throws -> RepairOrder {
        guard let run = try await self.store.reconcileRun(order.run) else { throw RepairRefusal.unknownRun(order.run) }
        var order = order
        let wanted = Set(order.findings)
        // A record may have findings on several pages.
        var sent: Set<SentRecord> = []
        var moved: Set<SentRecord> = []
        try await self.forEachPage(of: order.run, FindingFilter()) { page in
            let findings = page.filter { wanted.contains($0.number) }
            for (system, group) in Dictionary(grouping: findings, by: \.finding.system) {
                let corrections = try await self.corrections(group, in: system)
                let since = run.systems.first { $0.system == system }?.readAt ?? run.beganAt
                let records = try await self.store.correct(corrections, in: system, unlessMovedSince: since)
                for key in corrections.keys {
                    let record = SentRecord(system: system, key: key)
                    if records.contains(key) { sent.insert(record) } else { moved.insert(record) }
                }
            }
            try await self.store.mark(findings.map(\.number), of: order.run, repair: order.id)
        }
        (order.state, order.records, order.moved) = (.sent, sent.count, moved.count)
        try await self.store.keep(order)
        self.logger.notice(
            "A repair is sent", metadata: ["repair": "\(order.id)", "records": "\(order.records)", "moved": "\(order.moved)"])
        return order
    }

    /// What the hub has to be told of each record, so that its next delivery writes what differs.
    private func corrections(_ findings: [KeptFinding], in system: String) async throws -> [RecordKey: [RowCorrection]] {
        let identities = Set(findings.map { RowIdentity(kind: $0.finding.kind, key: $0.finding.key) })
        let givers = try await self.store.givers(of: identities, in: system)
        var corrections: [RecordKey: [RowCorrection]] = [:]
        for kept in findings {
            let row = RowIdentity(kind: kept.finding.kind, key: kept.finding.key)
            let correction = RowCorrection(row: row, isHeld: kept.finding.action != .creates)
            // Everybody who gives the row: as long as one believes it to be there, nobody writes it.
            for record in (givers[row] ?? []).union([kept.finding.record].compactMap { $0 }) {
                corrections[record, default: []].append(correction)
            }
        }
        return corrections
    }

    private func forEachPage(
        of run: String, _ filter: FindingFilter, _ body: ([KeptFinding]) async throws -> Void
    ) async throws {
        var filter = filter
        filter.isReal = true
        filter.remedies = [.sendAgain, .takeAway]
        filter.limit = Self.batch
        while true {
            let page = try await self.store.findings(of: run, filter)
            guard let last = page.last else { return }
            try await body(page)
            filter.after = last.number
        }
    }
}

extension Finding {
    /// What mending it does in the system.
    public var action: ChangeKind {
        switch self.situation {
        case .missing, .roleMissing: .creates
        case .unexpected, .roleExcess, .leaked: .deletes
        case .dependencyBroken: self.cause == .endMissing && self.fields.isEmpty ? .deletes : .updates
        default: .updates
        }
    }
}
