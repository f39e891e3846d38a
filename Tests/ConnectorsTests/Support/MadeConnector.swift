import ConnectorKit
import Connectors
import Mapping
import SchoolRecords

/// A connector, by the way records take through it.
enum MadeConnector {
    case source(any SourceConnector)
    case target(any TargetConnector)

    /// What the settings of a system of one direction make.
    static func make(_ settings: JSONValue, system: String = "x") throws(SettingsError) -> MadeConnector {
        if settings["direction"] == "source" || settings["connector"] == "ss12000" {
            return .source(
                try ConnectorFactory.source(system: system, settings: settings, logger: ServerUnderTest.silent))
        }
        return .target(try ConnectorFactory.target(system: system, settings: settings, logger: ServerUnderTest.silent))
    }

    /// What the file of a system makes, in all its directions.
    static func make(_ system: SystemDescription) throws(SettingsError) -> [MadeConnector] {
        var made: [MadeConnector] = []
        if let side = system.source {
            made.append(
                .source(
                    try ConnectorFactory.source(
                        system: system.name, settings: side.settings, logger: ServerUnderTest.silent)))
        }
        if let side = system.target {
            made.append(
                .target(
                    try ConnectorFactory.target(
                        system: system.name, settings: side.settings, logger: ServerUnderTest.silent)))
        }
        return made
    }
}
