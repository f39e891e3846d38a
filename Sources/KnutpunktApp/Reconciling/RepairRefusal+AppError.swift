import ConnectorKit
public import Hub

extension RepairRefusal {
    /// The refusal as it is told at the command line.
    var error: AppError {
        if case .ownRepair = self { return AppError(.notAllowed, sv: self.text.sv, en: self.text.en) }
        return AppError(.notFound, sv: self.text.sv, en: self.text.en)
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
