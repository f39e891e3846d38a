public import ArgumentParser
import Foundation
import Hub
import KnutpunktApp
import Logging

extension Language: ExpressibleByArgument {}

/// The options that every command on a hub takes.
struct HubOptions: ParsableArguments {
    @Option(help: "Configuration file (YAML). Default: $KNUTPUNKT_CONFIG.")
    var config: String?

    @Option(help: "Data directory (data.directory).")
    var data: String?

    @Option(help: "Directory of the mappings (mappings.directory).")
    var mappings: String?

    @Option(help: "The broker's URL (amqp.url). Default: the hub's own private node.")
    var amqpURL: String?

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("Any configuration key, e.g. systems.unikum.drop_folder=/srv/unikum.", valueName: "key=value"))
    var settings: [String] = []

    @Option(help: "Language of what people read: sv or en. Default: $KNUTPUNKT_LANG, $LANG, otherwise sv.")
    var lang: Language?

    var language: Language { self.lang ?? .preferred() }

    func configuration() async throws -> HubConfiguration {
        var flags: [String: String] = [:]
        for setting in self.settings {
            guard let equals = setting.firstIndex(of: "="), equals != setting.startIndex else {
                throw ValidationError("--set \(setting): write it as key=value.")
            }
            flags[String(setting[..<equals])] = String(setting[setting.index(after: equals)...])
        }
        if let data = self.data { flags["data.directory"] = data }
        if let mappings = self.mappings { flags["mappings.directory"] = mappings }
        if let url = self.amqpURL { flags["amqp.url"] = url }
        return try await HubConfiguration.read(
            file: self.config ?? ProcessInfo.processInfo.environment["KNUTPUNKT_CONFIG"], flags: flags)
    }

    /// Logs go to standard error, so that a command's answer alone is on standard output.
    func logger(_ configuration: HubConfiguration, level: Logger.Level? = nil) -> Logger {
        var logger = Logger(label: "knutpunkt") { label -> any LogHandler in
            guard configuration.logsJSON else { return StreamLogHandler.standardError(label: label) }
            return JSONLogHandler.standardError(label: label)
        }
        logger.logLevel = level ?? configuration.logLevel
        return logger
    }

    /// The opened hub, for commands that answer and end; only warnings are logged.
    func context() async throws -> HubContext {
        let configuration = try await self.configuration()
        return try await HubContext.open(configuration, logger: self.logger(configuration, level: .warning))
    }
}

/// Writes to standard output. Who closes it early (a pager, `head`) ends the program as other programs end then.
func say(_ text: String) {
    do {
        try FileHandle.standardOutput.write(contentsOf: Data((text + "\n").utf8))
    } catch {
        let cause = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
        let isClosed = cause?.domain == NSPOSIXErrorDomain && cause?.code == Int(EPIPE)
        Foundation.exit(isClosed ? 141 : 74)
    }
}

/// Writes a file that somebody asked for, whole or not at all; `-` is standard output.
///
/// - Throws: ``AppError`` when it can't be written.
func write(_ text: String, to file: String) throws {
    if file == "-" { return say(text) }
    do {
        try Data((text + "\n").utf8).write(to: URL(fileURLWithPath: file), options: .atomic)
    } catch {
        throw AppError(
            .store, sv: "\(file): filen kan inte skrivas. Kontrollera mappen, rättigheterna och ledigt utrymme.",
            en: "\(file): the file can't be written. Check the folder, the rights on it and the room left.", cause: error)
    }
}
