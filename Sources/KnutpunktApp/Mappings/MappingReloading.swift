import Foundation
public import Hub
public import Mapping

/// Asks a running hub to take edited mappings into use.
public struct MappingReloading: Sendable {
    public enum Outcome: Sendable, Hashable {
        /// These are in force now.
        case inForce(version: String)
        /// They were in force already.
        case unchanged(version: String)
        /// The files have errors; the mappings of before stay in force.
        case refused(version: String, [Diagnostic])
        /// The files give more than somebody has accepted; the mappings of before stay in force until somebody does.
        case waits(version: String, [Widening])
    }

    private let configuration: HubConfiguration
    private let clock: HubClock

    public init(_ configuration: HubConfiguration, clock: HubClock = .system) {
        self.configuration = configuration
        self.clock = clock
    }

    /// Checks the files, asks the hub (HUP), and waits until it says that they are in force.
    ///
    /// - Throws: ``AppError`` when no hub runs on the data directory, it can't be asked, or doesn't answer in time.
    public func run(within seconds: Int = 15) async throws -> Outcome {
        let directory = self.configuration.dataDirectory
        guard let state = RunState.read(from: directory) else {
            throw AppError(.notFound, "No hub runs on \(directory). Edited mappings are read when it starts.")
        }
        let load = HubContext.load(self.configuration)
        guard let set = load.set else {
            return .refused(version: state.mappings, load.diagnostics.filter { $0.severity == .error })
        }
        if state.mappings == set.version { return .unchanged(version: set.version) }
        let widening = try ProcessingDesk(self.configuration).widening(to: set)
        guard widening.isEmpty else { return .waits(version: state.mappings, widening) }
        guard state.phase == .running else {
            throw AppError(.broker, "The hub is \(state.phase.rawValue): \(state.detail). Try again when it runs.")
        }
        guard kill(state.pid, SIGHUP) == 0 else {
            throw AppError(.systems, "The hub (process \(state.pid)) can't be asked: run this as the user it runs as.")
        }
        for _ in 0..<(seconds * 10) {
            if RunState.read(from: directory)?.mappings == set.version { return .inForce(version: set.version) }
            try await self.clock.sleep(.milliseconds(100))
        }
        throw AppError(
            .systems,
            "The hub has not taken version \(set.version) within \(seconds) s. It may read another folder than "
                + "\(self.configuration.mappingsDirectory): see its log.")
    }
}
