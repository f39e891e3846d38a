public import SchoolRecords

/// Says what is the matter with a row, why, and what to do: pure, from what is known.
public struct Classifier: Sendable {
    public let system: String
    /// When the run began to read, RFC 3339 in UTC: what moved since is in flight.
    public let began: String
    /// The system whose word counts, entity by entity.
    public let authorities: [Entity: String]
    /// Rows that were repaired once and differ again: sending once more won't help.
    public let repairedBefore: @Sendable (_ kind: String, _ key: String) -> Bool

    public init(
        system: String, began: String, authorities: [Entity: String],
        repairedBefore: @escaping @Sendable (_ kind: String, _ key: String) -> Bool = { _, _ in false }
    ) {
        self.system = system
        self.began = began
        self.authorities = authorities
        self.repairedBefore = repairedBefore
    }

    /// - Parameter evidence: of the row's givers and former giver; one that isn't there is unknown to the register.
    public func finding(_ row: RowCase, _ evidence: [RecordKey: RecordEvidence]) -> Finding {
        let giver = self.tellingGiver(row, evidence)
        let known = giver.flatMap { evidence[$0] }
        let (cause, remedy) = self.verdict(row, known)
        var finding = Finding(
            system: self.system, kind: row.kind, key: row.key, situation: self.situation(row, known, cause), cause: cause,
            remedy: remedy)
        finding.record = giver ?? row.subject
        finding.unit = known?.unit
        let entity = row.isRole ? Entity.roleGrant : finding.record?.entity
        finding.authority = entity.flatMap { self.authorities[$0] } ?? known?.source
        if let expected = row.expected, let held = row.held {
            finding.fields = FieldDifference.all(expected: expected, held: held)
        }
        finding.behind = known?.behind ?? 0
        if cause == .failed || cause == .discarded {
            finding.message = known?.failure?.message
            finding.code = known?.failure?.code
        }
        if cause == .held { finding.held = known?.held }
        if cause == .waiting { finding.awaited = known?.waits.min() ?? known?.referencesStopped.min() }
        return finding
    }

    /// The giver that explains most: one with something in its way before one without.
    private func tellingGiver(_ row: RowCase, _ evidence: [RecordKey: RecordEvidence]) -> RecordKey? {
        let givers = row.givers.isEmpty ? [row.formerGiver].compactMap { $0 } : row.givers
        let hindered = givers.filter { evidence[$0]?.obstacle(since: self.began) != nil }
        return hindered.min() ?? givers.min()
    }

    private func situation(_ row: RowCase, _ known: RecordEvidence?, _ cause: Cause) -> Situation {
        if row.isLeak { return .leaked }
        switch (row.expected, row.held) {
        case (_?, nil): return row.isRole ? .roleMissing : .missing
        case (nil, _): return row.isRole ? .roleExcess : .unexpected
        case (_?, let held?):
            if let known, known.behind > 0, row.given == held { return .stale }
            return row.isRole ? .roleDifferent : .different
        }
    }

    private func verdict(_ row: RowCase, _ known: RecordEvidence?) -> (Cause, Remedy) {
        if row.isLeak { return self.leak(row, known) }
        if let known, let obstacle = known.obstacle(since: self.began) {
            switch obstacle {
            case .failed: return (.failed, .mendMessage)
            case .discarded: return (.discarded, .reconsider)
            case .held: return (.held, .decideHeld)
            case .waiting: return (.waiting, .mendAwaited)
            case .neverGiven: return (.neverGiven, .sendAgain)
            default: return (obstacle, .wait)
            }
        }
        if row.expected == nil { return self.unexpected(row, known) }
        let repair = self.repairedBefore(row.kind, row.key) ? Remedy.mendInterface : .sendAgain
        guard let given = row.given else { return (row.givers.isEmpty ? .neverGiven : .mappingMoved, repair) }
        guard row.held != nil else { return (.lost, repair) }
        return (given == row.expected ? .changedThere : .mappingMoved, repair)
    }

    private func unexpected(_ row: RowCase, _ known: RecordEvidence?) -> (Cause, Remedy) {
        if !row.givers.isEmpty { return (.mappingMoved, row.isRemovable ? .sendAgain : .removeThere) }
        if let takenAwayAt = row.takenAwayAt {
            if takenAwayAt >= self.began { return (.moved, .wait) }
            let isStubborn = self.repairedBefore(row.kind, row.key)
            return (.keptThere, isStubborn ? .mendInterface : row.isRemovable ? .takeAway : .removeThere)
        }
        if row.isRole { return (row.subject == nil ? .nobody : .neverManaged, .planRoles) }
        return (row.subject == nil ? .nobody : .neverManaged, .removeThere)
    }

    /// What shows a protected person is taken away by the hub where the hub gave it, and by hand otherwise: at once, either way.
    private func leak(_ row: RowCase, _ known: RecordEvidence?) -> (Cause, Remedy) {
        if let known, let obstacle = known.obstacle(since: self.began), obstacle.isInFlight { return (obstacle, .recall) }
        let isOurs = !row.givers.isEmpty || row.formerGiver != nil
        return (.protected, isOurs && row.isRemovable ? .takeAway : .recall)
    }
}
