import ConnectorKit
public import Foundation
import Logging
import SchoolRecords
public import ServiceLifecycle

/// Sees to it that a source is read by one reader at a time, also across processes.
public protocol SourceLock: Sendable {
    /// Runs `body` while holding the lock; waits for it as long as another holds it.
    func withLock<Result: Sendable>(
        source: String, _ body: @Sendable () async throws -> Result
    ) async throws -> Result
}

/// Reads a source by schedule: in full at first and then now and then, changes in between; and at once when it is woken by a
/// notice. Pauses are spread by a tenth, so that sources with the same schedule aren't all read at the same moment.
///
/// A reading for a notice reads what the notice names, and goes back a moment only, lest a busy source's last minutes be read again with every change. Readings by
/// schedule go on between them, and go back as far as the source asks for, counted from the last one of them.
public struct IntakeService: Service {
    private let intake: Intake
    private let lock: any SourceLock
    private let changesEvery: Duration
    private let fullEvery: TimeInterval
    private let wake: Wake
    private let health: HealthBoard

    /// - Parameters:
    ///   - changesEvery: pause between readings of changes.
    ///   - fullEvery: seconds between full readings, which find what the source forgot to tell.
    ///   - wake: rung when the source says that it has changed.
    ///   - health: told how the source does.
    public init(
        intake: Intake, lock: any SourceLock, changesEvery: Duration, fullEvery: TimeInterval, wake: Wake = Wake(),
        health: HealthBoard = HealthBoard()
    ) {
        self.intake = intake
        self.lock = lock
        self.changesEvery = changesEvery
        self.fullEvery = fullEvery
        self.wake = wake
        self.health = health
    }

    public func run() async throws {
        let source = self.intake.source.system
        try await restarting("intake", logger: self.intake.logger, clock: self.intake.clock) {
            var breaker = Breaker(first: .seconds(1), most: .seconds(60))
            var swept: Date?
            var notice: Wake.Ring?
            while !Task.isCancelled {
                let started = self.intake.clock.timestamp
                do {
                    let began = self.intake.clock.now()
                    let isSweep = notice == nil || swept.map { began.timeIntervalSince($0) >= self.pauseSeconds } ?? true
                    var intake = self.intake
                    if isSweep {
                        intake.overlap += swept.map { max(0, began.timeIntervalSince($0)) } ?? 0
                    } else {
                        intake.overlap = min(intake.overlap, Self.noticeOverlap)
                    }
                    let reading = intake
                    // What a notice doesn't name is left to the readings by schedule.
                    let scope = isSweep ? .everything : notice?.scope ?? .everything
                    // What is read for one notice goes on with its trace; for several at once nobody can say which it is of.
                    let report = try await TraceContext.$current.withValue(notice?.trace) {
                        try await self.lock.withLock(source: source) {
                            try await reading.run(try await self.nextMode(), about: scope)
                        }
                    }
                    if isSweep { swept = began }
                    self.health.read(
                        source, failed: report.failed, rejected: await self.intake.source.rejectedInputs(),
                        at: self.intake.clock.now())
                    if breaker.succeeded() {
                        self.intake.logger.notice("The source can be read again", metadata: ["source": "\(source)"])
                    }
                    let isAll = report.waiting.isEmpty
                    if report.mode == Intake.Mode.full.rawValue, report.held.isEmpty, isAll {
                        try await self.intake.store.setMark(self.intake.clock.timestamp, source: source, entity: Self.fullMark)
                    }
                    if report.mode == Intake.Mode.full.rawValue, isAll {
                        try await self.intake.store.setMark(self.intake.clock.timestamp, source: source, entity: Self.triedMark)
                    }
                    if report.changed > 0 || report.failed > 0 {
                        self.intake.logger.info(
                            "Source read",
                            metadata: [
                                "source": "\(source)", "mode": "\(report.mode)", "changed": "\(report.changed)",
                                "failed": "\(report.failed)", "seconds": "\(report.seconds)",
                            ])
                    }
                    // Readings for notices don't put off the one by schedule.
                    let past = swept.map { self.intake.clock.now().timeIntervalSince($0) } ?? 0
                    notice = try await self.pause(
                        isSweep ? self.changesEvery : .seconds(max(0, self.pauseSeconds - max(0, past))), since: started,
                        waitingIn: isAll ? nil : report)
                } catch let failure as ConnectorFailure {
                    let first = breaker.state == .closed
                    let wait = breaker.failed(failure)
                    self.health.unreadable(source, failure, at: self.intake.clock.now())
                    self.intake.logger.log(
                        level: first ? .warning : .debug, "The source can't be read now",
                        metadata: [
                            "source": "\(source)", "code": "\(failure.code)", "reason": "\(failure.message)", "wait": "\(wait)",
                            "remedy": "\(failure.runbook)",
                        ])
                    try await self.intake.clock.sleep(wait)
                }
            }
        }
    }

    /// Waits for the next reading by schedule, a notice, somebody's approval of a held change, or what has to be read from another source
    /// first.
    ///
    /// - Parameter report: one that says of something that it waits.
    /// - Returns: the notice, if one came.
    private func pause(_ pause: Duration, since started: String, waitingIn report: IntakeReport?) async throws -> Wake.Ring? {
        var rest = Jitter.spread(pause)
        let source = self.intake.source.system
        while rest > .zero {
            let part = min(rest, .seconds(2))
            rest -= part
            if let ring = try await self.wake.wait(atMost: part, clock: self.intake.clock) {
                self.intake.logger.debug("A notice came: the source is read now", metadata: ["source": "\(source)"])
                return ring
            }
            if let report, try await self.intake.canGoOn(report) { return nil }
            if rest > .zero, try await self.approved().contains(where: { $0.decidedAt ?? "" > started }) { return nil }
        }
        return nil
    }

    private func approved() async throws -> [HeldChange] {
        try await self.intake.store.heldChanges(HeldFilter(.source, self.intake.source.system, nil, [.approved]))
    }

    private var pauseSeconds: TimeInterval { self.changesEvery / .seconds(1) }

    /// How far back a reading for a notice goes, in seconds: what a source stamps and commits side by side.
    private static let noticeOverlap: TimeInterval = 2

    static let fullMark = "full"
    private static let triedMark = "full-tried"
    /// Seconds between full readings while one of them found something that is held: whether it has been put right.
    private static let heldEvery: TimeInterval = 3600

    private func nextMode() async throws -> Intake.Mode {
        let (store, source) = (self.intake.store, self.intake.source.system)
        if try await self.approved().contains(where: { $0.mode == Intake.Mode.full.rawValue }) { return .full }
        func since(_ mark: String) async throws -> TimeInterval {
            guard let last = try await store.mark(source: source, entity: mark).flatMap(RFC3339.date) else { return .infinity }
            return self.intake.clock.now().timeIntervalSince(last)
        }
        guard try await since(Self.fullMark) > self.fullEvery * Jitter.factor(of: source) else { return .changes }
        // Read to the end, and held: the rest of its changes goes on meanwhile.
        return try await since(Self.triedMark) > min(Self.heldEvery, self.fullEvery) ? .full : .changes
    }
}
