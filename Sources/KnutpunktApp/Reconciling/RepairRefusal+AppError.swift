public import Hub
import SchoolRecords

extension RepairRefusal {
    /// The refusal as it is told at the command line.
    var error: AppError {
        switch self {
        case .unknownRun(let id):
            AppError(
                .notFound, sv: "Det finns ingen körning \(id). Se: knutpunkt reconcile runs",
                en: "There is no run \(id). See: knutpunkt reconcile runs")
        case .notDone(let id):
            AppError(
                .notFound, sv: "\(id) är inte klar: jämför först. knutpunkt reconcile --resume \(id)",
                en: "\(id) isn't through: compare first. knutpunkt reconcile --resume \(id)")
        case .unknownRepair(let id):
            AppError(
                .notFound, sv: "Det finns ingen rättning \(id). Se: knutpunkt reconcile repairs",
                en: "There is no repair \(id). See: knutpunkt reconcile repairs")
        case .notWaiting(let id, let state):
            AppError(
                .notFound, sv: "\(id) väntar inte på beslut (\(ReconcileWords(.sv).state(state))).",
                en: "\(id) isn't waiting for a decision (\(ReconcileWords(.en).state(state))).")
        case .ownRepair(let id):
            AppError(
                .notAllowed, sv: "\(id) ska godkännas av någon annan än den som gjorde den.",
                en: "\(id) has to be approved by somebody else than who made it.")
        case .outdated(let id):
            AppError(
                .notFound, sv: "\(id) är äldre än \(Int(Repairer.freshHours)) timmar: jämför på nytt först.",
                en: "\(id) is older than \(Int(Repairer.freshHours)) hours: compare again first.")
        }
    }
}

extension HubContext {
    /// Whether a hub runs on this data: without one, what is sent waits.
    public var isHubRunning: Bool { RunState.read(from: self.configuration.dataDirectory)?.phase == .running }

    /// Runs a step of a repair, with its refusals as errors that people can read.
    public func repairing<Result>(_ body: (Repairer) async throws -> Result) async throws -> Result {
        do { return try await body(self.repairer) } catch let refusal as RepairRefusal { throw refusal.error }
    }
}
