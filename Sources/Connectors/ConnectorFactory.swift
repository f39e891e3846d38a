public import ConnectorKit
public import Logging
public import SchoolRecords

/// Makes the connector that a system's settings name in `connector`.
public enum ConnectorFactory {
    /// A connector, by the way records take through it.
    public enum Connector: Sendable {
        /// Records come from it.
        case source(any SourceConnector)
        /// Records are written to it.
        case target(any TargetConnector)
    }

    private enum Kind: String, CaseIterable {
        case ss12000
        case delimitedFiles = "delimited_files"
        case fullFiles = "full_files"
        case ss12000REST = "ss12000_rest"
    }

    /// The names that `connector` may have.
    public static let names = Kind.allCases.map(\.rawValue)

    /// Makes a connector; nothing is opened yet.
    ///
    /// - Parameters:
    ///   - system: the system's name, e.g. `edlevo`.
    ///   - settings: the whole of its `system.yaml`; `direction` says which way `delimited_files` go.
    /// - Throws: ``SettingsError`` with every problem at once; for an unknown `connector` it tells the known ones.
    public static func make(system: String, settings: JSONValue, logger: Logger) throws(SettingsError) -> Connector {
        guard let name = settings["connector"]?.stringValue, let kind = Kind(rawValue: name) else {
            let problem = SettingProblem(path: "connector", message: "must be one of \(self.names.joined(separator: ", "))")
            throw SettingsError(system: system, problems: [problem])
        }
        switch kind {
        case .ss12000:
            return .source(try SS12000Connector.make(system: system, settings: settings, logger: logger))
        case .delimitedFiles:
            if settings["direction"] == "source" {
                return .source(try DelimitedSourceConnector.make(system: system, settings: settings, logger: logger))
            }
            return .target(try UnikumConnector.make(system: system, settings: settings, logger: logger))
        case .fullFiles:
            return .target(try FullFilesConnector.make(system: system, settings: settings, logger: logger))
        case .ss12000REST:
            return .target(try RESTTargetConnector.make(system: system, settings: settings, logger: logger))
        }
    }
}
