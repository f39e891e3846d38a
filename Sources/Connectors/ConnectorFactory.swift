public import ConnectorKit
public import Logging
public import SchoolRecords

/// Makes the connector that a system's settings name in `connector`.
public enum ConnectorFactory {
    private enum Kind: String, CaseIterable {
        case ss12000
        case delimitedFiles = "delimited_files"
        case handedIn = "handed_in"
        case fullFiles = "full_files"
        case edlevoClassic = "edlevo_classic"
        case ss12000REST = "ss12000_rest"
        case sdsFiles = "sds_files"
        case dnp
        case scim
        case openEPlatform = "open_eplatform"

        var isSource: Bool {
            switch self {
            case .ss12000, .delimitedFiles, .handedIn, .edlevoClassic, .openEPlatform: true
            case .fullFiles, .ss12000REST, .sdsFiles, .dnp, .scim: false
            }
        }
        var isTarget: Bool { self != .ss12000 && self != .handedIn && self != .openEPlatform }
    }

    /// Makes a connector that records come from; `settings` are those of this direction alone.
    ///
    /// - Throws: ``SettingsError`` with every problem at once; for another `connector` it tells those of this direction.
    public static func source(
        system: String, settings: JSONValue, logger: Logger
    ) throws(SettingsError) -> any SourceConnector {
        switch try self.kind(system, settings, where: \.isSource) {
        case .delimitedFiles: try DelimitedSourceConnector.make(system: system, settings: settings, logger: logger)
        case .edlevoClassic: try EdlevoClassicConnector.make(system: system, settings: settings, logger: logger)
        case .handedIn: try HandedInConnector(system: system, settings: settings)
        case .openEPlatform: try OpenEPlatformConnector.make(system: system, settings: settings, logger: logger)
        case .ss12000, .fullFiles, .ss12000REST, .sdsFiles, .dnp, .scim:
            try SS12000Connector.make(system: system, settings: settings, logger: logger)
        }
    }

    /// Makes a connector that records are written to; `settings` are those of this direction alone.
    ///
    /// - Throws: ``SettingsError`` with every problem at once; for another `connector` it tells those of this direction.
    public static func target(
        system: String, settings: JSONValue, logger: Logger
    ) throws(SettingsError) -> any TargetConnector {
        switch try self.kind(system, settings, where: \.isTarget) {
        case .fullFiles: try FullFilesConnector.make(system: system, settings: settings, logger: logger)
        case .sdsFiles: try SDSConnector.make(system: system, settings: settings, logger: logger)
        case .dnp: try DNPConnector.make(system: system, settings: settings, logger: logger)
        case .ss12000REST: try RESTTargetConnector.make(system: system, settings: settings, logger: logger)
        case .scim: try SCIMTargetConnector.make(system: system, settings: settings, logger: logger)
        case .edlevoClassic: try EdlevoClassicTarget.make(system: system, settings: settings, logger: logger)
        case .delimitedFiles, .ss12000, .handedIn, .openEPlatform:
            try UnikumConnector.make(system: system, settings: settings, logger: logger)
        }
    }

    /// Makes a connector that answers questions, of the block `answers` of a system's settings; `nil` when there is none.
    ///
    /// - Throws: ``SettingsError`` with every problem at once.
    public static func answering(
        system: String, settings: JSONValue, logger: Logger
    ) throws(SettingsError) -> (any AnsweringConnector)? {
        guard let answers = settings["answers"], !answers.isNull else { return nil }
        return try RESTAnswerer.make(system: system, settings: answers, logger: logger)
    }

    private static func kind(
        _ system: String, _ settings: JSONValue, where fits: (Kind) -> Bool
    ) throws(SettingsError) -> Kind {
        if let kind = settings["connector"]?.stringValue.flatMap(Kind.init(rawValue:)), fits(kind) { return kind }
        let names = Kind.allCases.filter(fits).map(\.rawValue).joined(separator: ", ")
        throw SettingsError(
            system: system, problems: [SettingProblem(path: "connector", message: "must be one of \(names)")])
    }
}
