import ConnectorKit
import Connectors
import Hub
import Mapping
import Messaging
import SchoolRecords

/// Questions to systems that can answer at once.
extension HubContext {
    /// The connectors of systems whose settings have a block `answers`.
    ///
    /// - Throws: ``AppError`` with every problem of every system.
    func answerers() throws -> [any AnsweringConnector] {
        var answerers: [any AnsweringConnector] = []
        var problems: [String] = []
        for system in self.mappings.set.systems.values.sorted(by: { $0.name < $1.name }) {
            do throws(SettingsError) {
                let answerer = try ConnectorFactory.answering(
                    system: system.name, settings: system.settings, logger: self.logger)
                if let answerer { answerers.append(answerer) }
            } catch {
                problems += error.problems.map { "\(system.file): \($0.path): \($0.message)" }
            }
        }
        guard problems.isEmpty else { throw AppError(.configuration, problems.joined(separator: "\n")) }
        return answerers
    }

    /// Whether `flows.yaml` has the flow that asks.
    var isAsking: Bool { self.mappings.set.flows[TransportQuestions.asker] != nil }

    /// The exchange and the queues of questions and answers.
    var questionTopology: Topology {
        let systems = self.mappings.set.systems.values.filter { $0.settings["answers"]?.isNull == false }.map(\.name)
        // A question to a system whose answers come from somebody else's program waits in the same queue.
        let asked = self.mappings.set.flows[TransportQuestions.asker].map { [$0.text("system")] } ?? []
        return TransportQuestions.topology(answering: Array(Set(systems + asked)), isAsking: self.isAsking)
    }
}
