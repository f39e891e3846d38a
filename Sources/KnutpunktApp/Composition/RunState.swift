import Foundation

/// What a running hub says of itself, in a file of its data directory: for `status`, health checks and the demo.
public struct RunState: Sendable, Codable, Hashable {
    public enum Phase: String, Sendable, Codable { case startingBroker, running, stopping }
    public let pid: Int32
    public let phase: Phase
    /// What it does in this phase, in English; may change from version to version.
    public let detail: String
    /// The version of the mappings in force.
    public let mappings: String

    static func path(in dataDirectory: String) -> String { dataDirectory + "/hub.state" }

    func write(to dataDirectory: String) {
        // A hub whose disk is full runs on; only this notice of it is missing then.
        try? JSONEncoder().encode(self).write(to: URL(fileURLWithPath: Self.path(in: dataDirectory)), options: .atomic)
    }

    /// The state of the hub that runs on a data directory, or `nil` when none does.
    public static func read(from dataDirectory: String) -> RunState? {
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: Self.path(in: dataDirectory))),
            let state = try? JSONDecoder().decode(RunState.self, from: data),
            FileManager.default.fileExists(atPath: "/proc/\(state.pid)")
        else { return nil }
        return state
    }

    static func remove(from dataDirectory: String) {
        try? FileManager.default.removeItem(atPath: Self.path(in: dataDirectory))
    }
}
