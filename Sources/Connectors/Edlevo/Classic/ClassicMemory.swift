import ConnectorKit
import Foundation
import SchoolRecords
import Synchronization

/// Keeps what was read, so that the entities of one reading come from the same documents, and so that a change of one membership
/// leads to the whole new state of whom it concerns.
final class ClassicMemory: Sendable {
    private struct Kept {
        var state: ClassicState
        /// By the evenly running clock: when everything was read, when changes and employments were asked for last.
        var readAt: Duration
        var changesAt: Duration
        var personnelAt: Duration
        /// The entities that everything was given of since it was read.
        var given: Set<Entity> = []
    }

    private let reader: ClassicReader
    private let turn = Turn()
    private let kept = Mutex<Kept?>(nil)

    /// A reading of everything lasts at most so long; what is asked for later is read anew.
    private static let longestReading = Duration.seconds(3600)

    init(_ reader: ClassicReader) { self.reader = reader }

    private var settings: ClassicSourceSettings { self.reader.settings }

    // MARK: Everything

    /// Everything, read anew unless it was read just now and this entity wasn't given yet.
    func everything(for entity: Entity) async throws -> ClassicState {
        try await self.turn.run {
            let uptime = self.reader.clock.uptime()
            if let kept = self.kept.withLock({ $0 }), !kept.given.contains(entity), uptime - kept.readAt < Self.longestReading {
                self.kept.withLock { _ = $0?.given.insert(entity) }
                return kept.state
            }
            // Who has no record of a kind asks for all of them whenever changes are due: that is no reason to read everything.
            if let kept = self.kept.withLock({ $0 }), kept.state.records.keys[entity]?.isEmpty ?? true {
                return try await self.refresh()
            }
            let state = try await self.load()
            self.kept.withLock { _ = $0?.given.insert(entity) }
            return state
        }
    }

    /// What is known, with the changes up to now.
    func present() async throws -> ClassicState {
        try await self.turn.run {
            guard self.kept.withLock({ $0 != nil }) else { return try await self.load() }
            return try await self.refresh()
        }
    }

    @discardableResult
    private func load() async throws -> ClassicState {
        let uptime = self.reader.clock.uptime()
        let load = try await self.reader.everything()
        return self.kept.withLock { kept in
            let state: ClassicState
            if var before = kept?.state {
                before.take(load)
                state = before
            } else {
                state = ClassicState(load)
            }
            kept = Kept(state: state, readAt: uptime, changesAt: uptime, personnelAt: uptime)
            return state
        }
    }

    // MARK: Changes

    /// What is known, with everything noticed that has changed since an instant.
    ///
    /// - Throws: ``ConnectorFailure`` that needs a full read when nothing is known of the time before and Edlevo doesn't tell.
    func changes(since instant: Date) async throws -> ClassicState {
        try await self.turn.run {
            guard self.kept.withLock({ $0 != nil }) else { return try await self.begin(since: instant) }
            return try await self.refresh()
        }
    }

    /// After a start: everything, and what documents of changes have named since.
    private func begin(since instant: Date) async throws -> ClassicState {
        let now = WallClock(self.reader.clock.now())
        guard self.settings.readsChanges, ClassicWindows(since: WallClock(instant), now: now) != nil else {
            throw Self.needsFullRead("changes so long ago aren't told")
        }
        let state = try await self.load()
        guard let windows = ClassicWindows(since: WallClock(instant), now: state.now(self.reader.clock.now())) else {
            throw Self.needsFullRead("changes so long ago aren't told")
        }
        var ids: Set<String> = []
        for type in self.settings.schoolTypes where type.hasDelta {
            // What they say is in the records already, and may be newer there; only whom they name counts.
            let changes = try await self.reader.changes(type, in: windows, to: IMSOrganization())
            ids.formUnion(changes.ids)
            if changes.takesAway {
                // Whose records the memberships gave that are no longer there, nobody knows.
                self.kept.withLock { $0 = nil }
                throw Self.needsFullRead("something was taken away while the hub wasn't running")
            }
        }
        return self.kept.withLock { kept in
            kept?.state.note(ids)
            return kept?.state ?? state
        }
    }

    private static func needsFullRead(_ reason: String) -> ConnectorFailure {
        ConnectorFailure(
            .transient, code: .fullReadNeeded, message: "Edlevo can't tell all changes: \(reason)")
    }

    /// Takes the changes in since the last time, unless that was just now.
    private func refresh() async throws -> ClassicState {
        guard let kept = self.kept.withLock({ $0 }) else { return try await self.load() }
        let clock = self.reader.clock
        let uptime = clock.uptime()
        guard uptime - kept.changesAt >= .seconds(self.settings.changesEvery) else { return kept.state }
        guard self.settings.readsChanges else { return try await self.load() }
        let state = kept.state
        let now = state.now(clock.now())
        let end = ClassicWindows.end(now: now)
        guard end > state.completeUntil else { return state }
        let overlap = ClassicWindows.overlap(since: state.completeUntil, now: clock.now())
        guard let windows = ClassicWindows(since: state.completeUntil - overlap, now: now) else { return try await self.load() }

        var organizations = state.records.organizations
        var broken: [IMSOrganization.Broken] = []
        var hasChanges = false
        for type in self.settings.schoolTypes {
            if type.hasDelta {
                let changes = try await self.reader.changes(type, in: windows, to: organizations[type] ?? IMSOrganization())
                organizations[type] = changes.organization
                broken += changes.broken
                hasChanges = hasChanges || !changes.ids.isEmpty || !changes.broken.isEmpty
            } else {
                organizations[type] = try await self.reader.organization(type).organization
                hasChanges = true
            }
        }
        var employments = state.records.employments
        let isPersonnelDue = uptime - kept.personnelAt >= .seconds(self.settings.personnelEvery)
        if self.settings.duties == .personnel, isPersonnelDue {
            employments = try await self.reader.employments()
            hasChanges = true
        }
        var new = kept
        new.changesAt = uptime
        if isPersonnelDue { new.personnelAt = uptime }
        if hasChanges {
            new.state.take(self.reader.records(organizations, employments, made: end), upTo: end, broken: broken)
        } else {
            new.state.advance(to: end)
        }
        let updated = new
        self.kept.withLock { $0 = updated }
        return updated.state
    }
}
