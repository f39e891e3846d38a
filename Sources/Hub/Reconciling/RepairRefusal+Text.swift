public import ConnectorKit

extension RepairRefusal {
    /// What is refused and what to do, for people.
    public var text: Bilingual {
        switch self {
        case .unknownRun(let id):
            Bilingual(
                sv: "Det finns ingen körning \(id). Se: knutpunkt reconcile runs",
                en: "There is no run \(id). See: knutpunkt reconcile runs")
        case .notDone(let id):
            Bilingual(
                sv: "\(id) är inte klar: jämför först. knutpunkt reconcile --resume \(id)",
                en: "\(id) isn't through: compare first. knutpunkt reconcile --resume \(id)")
        case .unknownRepair(let id):
            Bilingual(
                sv: "Det finns ingen rättning \(id). Se: knutpunkt reconcile repairs",
                en: "There is no repair \(id). See: knutpunkt reconcile repairs")
        case .notWaiting(let id, let state):
            Bilingual(
                sv: "\(id) väntar inte på beslut (\(ReconcileWords(.sv).state(state))).",
                en: "\(id) isn't waiting for a decision (\(ReconcileWords(.en).state(state))).")
        case .ownRepair(let id):
            Bilingual(
                sv: "\(id) ska godkännas av någon annan än den som gjorde den.",
                en: "\(id) has to be approved by somebody else than who made it.")
        case .outdated(let id):
            Bilingual(
                sv: "\(id) är äldre än \(Int(Repairer.freshHours)) timmar: jämför på nytt först.",
                en: "\(id) is older than \(Int(Repairer.freshHours)) hours: compare again first.")
        }
    }
}
