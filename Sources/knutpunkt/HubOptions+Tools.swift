import KnutpunktApp
import Logging

extension HubOptions {
    /// The mappings, and the Register where there is one, for commands that only ask.
    func tools() async throws -> MappingTools {
        let configuration = try await self.configuration()
        return try await MappingTools.open(configuration, logger: self.logger(configuration, level: .error))
    }
}
