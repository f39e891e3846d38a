import Mapping

/// In which order the steps of a plan are taken.
///
/// 1. Revocations that stand in the way of a grant: the grant names them in `waitsFor`.
/// 2. Grants and changes.
/// 3. All other revocations. One of a role that the person gets at another place waits for that grant, so that nobody who
///    moves between units is without the role for a moment.
///
/// Within each of the three by system, unit, person and role: the same steps have one order, whatever order they were found in.
struct PlanOrder {
    let decider: RoleDecider

    /// Orders the steps of one person.
    ///
    /// - Parameters:
    ///   - staying: what should be revoked and isn't by this plan.
    ///   - coming: what should be granted and isn't by this plan.
    /// - Returns: the steps, and what can't be taken before something that this plan leaves out.
    func order(_ entries: [PlanEntry], staying: [PlanEntry], coming: [PlanEntry]) -> (steps: [PlanEntry], waiting: [PlanEntry]) {
        let revocations = entries.filter { $0.action == .revoke }
        var waiting: [PlanEntry] = []
        var steps: [PlanEntry] = []
        var first: Set<String> = []
        for entry in entries where entry.action != .revoke {
            guard entry.action == .grant else {
                steps.append(entry)
                continue
            }
            if let other = staying.first(where: { self.decider.collide(entry.key, $0.key) }) {
                waiting.append(
                    PlanEntry(
                        key: entry.key, action: .block, unit: entry.unit, reasons: entry.reasons,
                        block: .waitsForRevocation(other.key.name, other.key.scope), marks: entry.marks, isStaff: entry.isStaff,
                        id: entry.id))
                continue
            }
            var entry = entry
            entry.waitsFor = revocations.filter { self.decider.collide(entry.key, $0.key) }.map(\.id).sorted()
            first.formUnion(entry.waitsFor)
            steps.append(entry)
        }
        let grants = steps.filter { $0.action == .grant }
        for var entry in revocations {
            if !first.contains(entry.id) {
                if let other = coming.first(where: { $0.key.name == entry.key.name }) {
                    waiting.append(
                        PlanEntry(
                            key: entry.key, action: .block, unit: entry.unit, before: entry.before, after: entry.before,
                            block: .waitsForGrant(other.key.name, other.key.scope), marks: entry.marks, isStaff: entry.isStaff,
                            id: entry.id))
                    continue
                }
                entry.waitsFor = grants.filter { $0.key.name == entry.key.name }.map(\.id).sorted()
            }
            steps.append(entry)
        }
        return (steps, waiting)
    }

    /// The steps of all, in their order.
    static func sorted(_ steps: [PlanEntry]) -> [PlanEntry] {
        var awaited: Set<String> = []
        for step in steps where step.action == .grant { awaited.formUnion(step.waitsFor) }
        func round(_ step: PlanEntry) -> Int {
            guard step.action == .revoke else { return 1 }
            return awaited.contains(step.id) ? 0 : 2
        }
        let keyed = steps.map { (round: round($0), step: $0) }
        return keyed.sorted { left, right in
            if left.round != right.round { return left.round < right.round }
            if left.step.key.name.system != right.step.key.name.system {
                return left.step.key.name.system < right.step.key.name.system
            }
            if left.step.unit != right.step.unit { return (left.step.unit ?? "") < (right.step.unit ?? "") }
            return left.step.key < right.step.key
        }.map(\.step)
    }
}
