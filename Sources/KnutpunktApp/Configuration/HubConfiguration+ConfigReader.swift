import Configuration
public import Foundation
import Logging
import SystemPackage

extension HubConfiguration {
    /// Reads the configuration: flags before environment before file before defaults.
    ///
    /// | key | environment | default |
    /// |---|---|---|
    /// | `data.directory` | `DATA_DIRECTORY` | `knutpunkt-data` |
    /// | `mappings.directory` | `MAPPINGS_DIRECTORY` | `Mappings` |
    /// | `amqp.url` (secret) | `AMQP_URL` | the hub's private node |
    /// | `amqp.url_file` | `AMQP_URL_FILE` | – (a file with the URL, for mounted secrets) |
    /// | `amqp.ca_file` | `AMQP_CA_FILE` | the system's |
    /// | `amqp.client_certificate_file` | `AMQP_CLIENT_CERTIFICATE_FILE` | – (PEM with its chain) |
    /// | `amqp.client_key_file` | `AMQP_CLIENT_KEY_FILE` | – (PEM) |
    /// | `store.key_file` | `STORE_KEY_FILE` | `<data.directory>/hub.key` |
    /// | `store.key_command` | `STORE_KEY_COMMAND` | – (a program that keeps the key in place of the file) |
    /// | `privacy.erasure_list` | `PRIVACY_ERASURE_LIST` | the key's file and `.erased` |
    /// | `http.listen` | `HTTP_LISTEN` | – (`host:port` where notices of sources are taken) |
    /// | `http.public_url` | `HTTP_PUBLIC_URL` | – (the address by which sources reach it) |
    /// | `api.listen` | `API_LISTEN` | – (`host:port` where other systems fetch over SS 12000; see docs/api.md) |
    /// | `api.public_url` | `API_PUBLIC_URL` | – (the address by which they reach it) |
    /// | `api.behind_proxy` | `API_BEHIND_PROXY` | `false` (a reverse proxy encrypts; needed off loopback) |
    /// | `api.subscription_hours` | `API_SUBSCRIPTION_HOURS` | `168` (how long a subscription lasts unless it is renewed) |
    /// | `api.clients.<client>.<setting>` | `API_CLIENTS_<CLIENT>_<SETTING>` | see docs/api.md |
    /// | `failed.edits_need_approval` | `FAILED_EDITS_NEED_APPROVAL` | `false` (a second person approves corrections) |
    /// | `failed.rules.<rule>.<setting>` | `FAILED_RULES_<RULE>_<SETTING>` | see docs/operations.md |
    /// | `retention.failures_days` | `RETENTION_FAILURES_DAYS` | `30` (days that a failure which is over keeps its content) |
    /// | `retention.archived_days` | `RETENTION_ARCHIVED_DAYS` | `365` (days that what is left of it is kept after that) |
    /// | `retention.audit_days` | `RETENTION_AUDIT_DAYS` | `730` (days that the audit log is kept) |
    /// | `retention.gone_days` | `RETENTION_GONE_DAYS` | `400` (days that ids of records which are gone are kept) |
    /// | `retention.history_days` | `RETENTION_HISTORY_DAYS` | `365` (days that a record's journey is known) |
    /// | `retention.roles_days` | `RETENTION_ROLES_DAYS` | `730` (days that role plans and decisions which are over are kept) |
    /// | `retention.changes_days` | `RETENTION_CHANGES_DAYS` | `730` (days that mass changes which are decided are kept) |
    /// | `probe.identity_numbers` | `PROBE_IDENTITY_NUMBERS` | – (officially published test numbers of pupil, guardian and staff) |
    /// | `probe.unit` | `PROBE_UNIT` | a school unit that has pupils and after-school care |
    /// | `roles.schedule.*` | `ROLES_SCHEDULE_*` | nothing by itself; see docs/roles.md |
    /// | `quality.daily` | `QUALITY_DAILY` | `false` (the rules of source quality are held against the register once a day) |
    /// | `quality.hour` | `QUALITY_HOUR` | `4` (from this hour on) |
    /// | `quality.keep_days` | `QUALITY_KEEP_DAYS` | `90` (of older runs one a week is kept) |
    /// | `quality.alarm_blocking` | `QUALITY_ALARM_BLOCKING` | – (an alarm from so many findings that block something) |
    /// | `permissions.<person>.<action>` | – (in the file alone) | everybody may do everything |
    /// | `http.operations` | `HTTP_OPERATIONS` | – (`host:port` where health and metrics are served) |
    /// | `console.listen` | `CONSOLE_LISTEN` | – (`host:port` where the web console is served) |
    /// | `console.public_url` | `CONSOLE_PUBLIC_URL` | – (the address by which people reach it) |
    /// | `console.behind_proxy` | `CONSOLE_BEHIND_PROXY` | `false` (a reverse proxy speaks TLS, and says who calls) |
    /// | `console.session.idle_minutes` | `CONSOLE_SESSION_IDLE_MINUTES` | `30` (a session that nobody uses ends) |
    /// | `console.session.hours` | `CONSOLE_SESSION_HOURS` | `12` (a session ends, however much it is used) |
    /// | `console.accounts` | `CONSOLE_ACCOUNTS` | `true` (people sign in with accounts that the hub keeps) |
    /// | `console.oidc.*` | `CONSOLE_OIDC_*` (groups in the file alone) | no OpenID provider; see docs/console-access.md |
    /// | `alarms.*` | `ALARMS_*` | see docs/operations/alarms.md |
    /// | `log.format` | `LOG_FORMAT` | `text` (or `json`) |
    /// | `log.level` | `LOG_LEVEL` | `info` |
    /// | `systems.<system>.<path>` | `SYSTEMS_<SYSTEM>_<PATH>` | `Mappings/<system>/system.yaml` |
    ///
    /// - Parameters:
    ///   - file: a YAML file, or `nil` for none.
    ///   - flags: dotted key → text, from the command line.
    /// - Throws: ``AppError`` with every problem found.
    public static func read(
        file: String?, flags: [String: String],
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) async throws -> HubConfiguration {
        var providers: [any ConfigProvider] = [
            InMemoryProvider(
                name: "flags",
                values: Dictionary(
                    flags.map { (AbsoluteConfigKey(ConfigKey($0.key)), ConfigValue(stringLiteral: $0.value)) },
                    uniquingKeysWith: { _, last in last })),
            EnvironmentVariablesProvider(environmentVariables: environment),
        ]
        if let file {
            do {
                providers.append(try await FileProvider<YAMLSnapshot>(filePath: FilePath(file)))
            } catch {
                throw AppError(
                    .configuration,
                    "\(file): can't be read as YAML configuration. Check that the file exists and is valid YAML. Lists whose elements have names "
                        + "of their own, such as a system's cases or files, stand in Mappings/<system>/system.yaml, not here.",
                    cause: error)
            }
        }
        let text = TextReader(reader: ConfigReader(providers: providers))
        var configuration = HubConfiguration(
            dataDirectory: text("data.directory") ?? "knutpunkt-data",
            mappingsDirectory: text("mappings.directory") ?? "Mappings")
        let keys = ConfigurationKeys(file: file, flags: flags.keys)
        configuration.systemKeys = keys.systems
        var problems = keys.problems
        configuration.brokerURL = text("amqp.url")
        var urlIsUnknown = false
        if let path = text("amqp.url_file") {
            if let url = try? String(contentsOfFile: path, encoding: .utf8) {
                configuration.brokerURL = url.trimmingCharacters(in: .whitespacesAndNewlines)
            } else {
                urlIsUnknown = true
                configuration.brokerURL = nil
                problems.append("amqp.url_file: \(path) can't be read. Put the broker's URL in it, or take the key away.")
            }
        }
        configuration.brokerCAFile = text("amqp.ca_file")
        configuration.brokerCertificateFile = text("amqp.client_certificate_file")
        configuration.brokerKeyFile = text("amqp.client_key_file")
        problems += configuration.brokerProblems(urlIsUnknown: urlIsUnknown)
        configuration.keyFile = text("store.key_file")
        configuration.keyCommand = text("store.key_command").map { $0.split(separator: " ").map(String.init) }
        if configuration.keyCommand != nil, configuration.keyFile != nil {
            problems.append("store.key_command and store.key_file: set one of them.")
        } else if let program = configuration.keyCommand?.first ?? text("store.key_command"), !program.hasPrefix("/") {
            problems.append("store.key_command: \"\(program)\" is no program with its whole path, e.g. /usr/local/bin/hub-key.")
        }
        configuration.erasureList = text("privacy.erasure_list")
        configuration.httpListen = text("http.listen")
        configuration.httpPublicURL = text("http.public_url")
        configuration.httpOperations = text("http.operations")
        problems += configuration.httpProblems
        var api = APIConfigurationReader(keys.apiClients) { text($0) }
        configuration.api = api.read()
        problems += api.problems
        switch text("failed.edits_need_approval") {
        case nil, "false": break
        case "true": configuration.editsNeedApproval = true
        case .some(let other): problems.append("failed.edits_need_approval: \"\(other)\" is neither true nor false.")
        }
        var rules = ReplayRulesReader(keys.rules) { text($0) }
        configuration.replayRules = rules.read()
        configuration.ruleSettings = keys.rules
        problems += rules.problems
        var permissions = PermissionsReader(keys.permissions)
        configuration.permissions = permissions.read()
        configuration.permissionSettings = keys.permissions
        problems += permissions.problems
        problems += configuration.readRetention { text($0) }
        problems += configuration.readProbe { text($0) }
        var alarms = AlarmConfigurationReader { text($0) }
        configuration.alarms = alarms.read()
        problems += configuration.readRoleSchedule { text($0) }
        problems += configuration.reconcileSchedule.read { text($0) }
        problems += configuration.readQuality { text($0) }
        problems += alarms.problems
        var console = ConsoleConfigurationReader(roles: keys.consoleRoles, units: keys.consoleUnits) { text($0) }
        configuration.console = console.read()
        problems += console.problems
        if let format = text("log.format") {
            configuration.logsJSON = format == "json"
            if !["json", "text"].contains(format) {
                problems.append("log.format: \"\(format)\" is no format. Write text or json.")
            }
        }
        if let level = text("log.level") {
            if let known = Logger.Level(rawValue: level) {
                configuration.logLevel = known
            } else {
                let known = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
                problems.append("log.level: \"\(level)\" is no level. Known: \(known).")
            }
        }
        guard problems.isEmpty else { throw AppError(.configuration, problems.joined(separator: "\n")) }
        configuration.overrides = { system, path in text("systems.\(system).\(path)") }
        configuration.written = { text($0) }
        return configuration
    }
}

/// Reads any scalar as text: a YAML file gives numbers and booleans, the environment text.
private struct TextReader: Sendable {
    let reader: ConfigReader

    func callAsFunction(_ key: String) -> String? {
        let key = ConfigKey(key)
        if let text = self.reader.string(forKey: key, isSecret: true) { return text }
        if let number = self.reader.int(forKey: key, isSecret: true) { return String(number) }
        if let truth = self.reader.bool(forKey: key, isSecret: true) { return String(truth) }
        return nil
    }
}
