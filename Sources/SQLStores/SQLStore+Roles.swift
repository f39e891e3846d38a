public import Hub
import Messaging
import SchoolRecords

extension SQLStore: RoleBook {
    public func take(_ changes: [RoleChange], counting: TakeCounting, time: String) async throws -> [RoleTaking] {
        let seals = self.seals
        let states = try changes.map { HashedState(try $0.state(), key: seals.key) }
        let origin = ChangeOrigin.current
        let takings = try await self.database.write { connection in
            let taking = Taking(
                source: RoleGrant.source, counting: counting, time: time, origin: origin, seals: seals, connection: connection)
            return try taking.take(Array(zip(changes, states)))
        }
        if takings.contains(where: { $0.outcome == .taken }) { self.bell.ring() }
        return takings
    }

    public func roles(
        in system: String, side: RoleSide, after id: String?, limit: Int
    ) async throws -> [RegisteredRecord] {
        let place: [SQLValue] =
            switch side {
            case .decided: [.text(system), .text(RoleGrant.source)]
            case .held: [.text(""), .text(system)]
            }
        let rows = try await self.database.read { connection in
            try connection.query(
                """
                SELECT \(Self.recordColumns) FROM record r LEFT JOIN data_key k ON k.owner = r.owner
                WHERE r.receiver = ? AND r.source = ? AND r.operation = 'upserted' AND r.entity = 'rolegrant' AND r.id > ?
                ORDER BY r.id LIMIT ?
                """, place + [.text(id ?? ""), .integer(Int64(limit))])
        }
        return try rows.compactMap { try self.registered($0) }
    }

    public func roleSequences(_ ids: Set<String>) async throws -> [String: Int64] {
        try await self.database.read { connection in
            try KnownRecord.find(ids.map { RecordKey(.roleGrant, $0) }, connection).reduce(into: [:]) { found, entry in
                if entry.value.source == RoleGrant.source { found[entry.key.id] = entry.value.sequence }
            }
        }
    }
}

extension Taking {
    /// Takes role changes: all, or none when one of them has moved.
    func take(_ changes: [(change: RoleChange, state: HashedState)]) throws -> [RoleTaking] {
        var known = try KnownRecord.find(changes.map(\.change.key), self.connection)
        var takings: [RoleTaking] = []
        var kept: [Change] = []
        var lost: [RoleChange] = []
        for (change, hashed) in changes {
            let before = known[change.key]
            let sequence = before?.sequence ?? 0
            let isEqual = Self.isEqual(hashed, before)
            func taking(_ outcome: RoleTaking.Outcome, _ sequence: Int64) -> RoleTaking {
                RoleTaking(
                    key: change.key, system: change.grant.system, operation: change.operation, sequence: sequence,
                    outcome: outcome)
            }
            // Another source's record is nobody's grant, and a grant never changes its system.
            let isForeign = before.map { $0.source != RoleGrant.source || $0.receiver != change.grant.system } ?? false
            guard !isForeign, change.after == nil || change.after == sequence || isEqual else {
                takings.append(taking(.moved, sequence))
                continue
            }
            if isEqual, change.after != sequence {
                takings.append(taking(.unchanged, sequence))
                continue
            }
            takings.append(taking(.taken, sequence + 1))
            if isEqual, change.operation == .granted { lost.append(change) }
            known[change.key] = KnownRecord(
                sequence: sequence + 1, source: RoleGrant.source, liveHash: hashed.hash, unit: hashed.state.unit,
                receiver: change.grant.system)
            let kind: ChangeKind =
                change.operation == .revoked ? .deletes : before?.liveHash == nil ? .creates : .updates
            kept.append(
                Change(
                    state: hashed.state, hash: hashed.hash, sequence: sequence + 1, kind: kind,
                    unit: hashed.state.unit ?? before?.unit, receiver: change.grant.system))
        }
        guard !takings.contains(where: { $0.outcome == .moved }) else {
            return takings.map { taking in
                taking.outcome != .taken
                    ? taking
                    : RoleTaking(
                        key: taking.key, system: taking.system, operation: taking.operation, sequence: taking.sequence - 1,
                        outcome: .stopped)
            }
        }
        try self.keep(kept)
        try self.forget(Set(kept.lazy.map(\.state).filter(\.isGone).map(\.key)))
        for (system, changes) in Dictionary(grouping: lost, by: \.grant.system) {
            try SQLStore.forgetContents(of: changes.map(\.key), in: system, seals: self.seals, self.connection)
        }
        return takings
    }

    private static func isEqual(_ hashed: HashedState, _ before: KnownRecord?) -> Bool {
        guard let before, before.source == RoleGrant.source else { return false }
        return hashed.hash == before.liveHash
    }
}
