import Foundation
public import Hub

/// Keeps alarms in a file of the data directory: readable for people and commands also when the store is what fails.
public struct AlarmFile: AlarmMemory {
    private let path: String

    public init(dataDirectory: String) { self.path = dataDirectory + "/alarms.json" }

    public func load() -> AlarmState {
        guard let data = FileManager.default.contents(atPath: self.path),
            let state = try? JSONDecoder().decode(AlarmState.self, from: data)
        else { return AlarmState() }
        return state
    }

    public func save(_ state: AlarmState) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        try encoder.encode(state).write(to: URL(fileURLWithPath: self.path), options: .atomic)
    }
}
