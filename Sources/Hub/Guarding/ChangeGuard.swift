/// Holds a set of changes against the limits: pure.
struct ChangeGuard: Sendable {
    let limits: ChangeLimits
    /// Records before the change: of the entity from this source, and by school unit.
    let living: Int
    let livingByUnit: [String: Int]
    /// Persons in the vault.
    let withheld: Int
    /// The entity has been read to its end before. Until then its growth is the first load.
    let isLoaded: Bool
    /// What went through unseen within the window.
    let earlier: PartedCounts
    /// Of this entity a source doesn't have none at all: everything gone is held, however few it is.
    var neverEmpties = false

    struct Excess: Sendable {
        var total: [ChangeExcess] = []
        var units: [HeldUnit] = []

        var isEmpty: Bool { self.total.isEmpty && self.units.isEmpty }
        /// The kinds that are too many, altogether or within a unit.
        var kinds: Set<ChangeKind> { Set((self.total + self.units.flatMap(\.excess)).map(\.kind)) }
    }

    func excess(_ set: ChangeSet) -> Excess {
        // Before this window began there were those, too, that it has taken away.
        let counts = set.counts
        var excess = Excess()
        excess.total = self.excess(
            living: self.living + self.earlier.total.deletes, withheld: self.withheld, counts.total,
            counts.total + self.earlier.total)
        let gone = counts.total.deletes
        if self.neverEmpties, self.limits.holdsEmptied, gone > 0, gone >= self.living,
            !excess.total.contains(where: { $0.kind == .deletes })
        {
            excess.total.append(ChangeExcess(kind: .deletes, count: gone, limit: max(0, self.living - 1)))
        }
        for unit in counts.parts.keys.sorted() {
            let own = counts.parts[unit] ?? ChangeCounts()
            let before = self.earlier.parts[unit] ?? ChangeCounts()
            let living = (self.livingByUnit[unit] ?? 0) + before.deletes
            let found = self.excess(living: living, withheld: 0, own, own + before)
            guard !found.isEmpty else { continue }
            excess.units.append(
                HeldUnit(
                    unit: unit, living: self.livingByUnit[unit] ?? 0, creates: own.creates, updates: own.updates,
                    deletes: own.deletes, excess: found))
        }
        return excess
    }

    /// Only kinds that the set itself has: what went through before isn't held afterwards.
    private func excess(living: Int, withheld: Int, _ own: ChangeCounts, _ counts: ChangeCounts) -> [ChangeExcess] {
        self.limits.excess(living: living, withheld: withheld, counts).filter { excess in
            own[excess.kind] > 0 && (excess.kind != .creates || self.isLoaded)
        }
    }
}
