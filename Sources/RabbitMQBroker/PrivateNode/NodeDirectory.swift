import Foundation
import Messaging

/// The node's files. All is below one directory, readable by its owner alone.
struct NodeDirectory: Sendable {
    let path: String
    /// More than the hub's own node needs, for tests.
    var additions = NodeAdditions()
    private var identity: NodeIdentity { self.additions.identity }

    init(_ path: String) {
        self.path = URL(fileURLWithPath: path).standardizedFileURL.path
    }

    var stateFile: String { self.path + "/node.json" }
    var lockFile: String { self.path + "/node.lock" }
    var home: String { self.path + "/home" }
    var data: String { self.path + "/data" }
    var logs: String { self.path + "/log" }
    var log: String { self.logs + "/node.log" }
    /// What the node says before its own log is open.
    var startLog: String { self.logs + "/start.log" }
    /// What `rabbitmqctl` said last.
    var controlLog: String { self.logs + "/control.log" }
    private var definitions: String { self.path + "/definitions.json" }
    private var config: String { self.path + "/node.config" }
    private var plugins: String { self.path + "/enabled_plugins" }

    static let virtualHost = "knutpunkt"

    // MARK: Writing

    func create() throws(BrokerError) {
        do {
            for folder in [self.path, self.home, self.data, self.logs] {
                try FileManager.default.createDirectory(
                    atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            }
        } catch {
            throw self.unwritable(error)
        }
        let free = self.freeBytes
        guard free > 64 << 20 else {
            throw BrokerError(
                .startFailed,
                "the private node's directory \(self.path) has only \(free >> 20) MiB of free disk; the node needs at least 64 MiB"
            )
        }
    }

    func writeConfiguration(_ state: NodeState) throws(BrokerError) {
        do {
            try self.writeCookie()
            try self.write(Self.definitionsText(state), to: self.definitions)
            try self.write(self.configText(state), to: self.config)
            try self.write("[\(self.additions.plugins.joined(separator: ","))].\n", to: self.plugins)
        } catch {
            throw self.unwritable(error)
        }
    }

    func loadState() -> NodeState? {
        guard let data = FileManager.default.contents(atPath: self.stateFile) else { return nil }
        return try? JSONDecoder().decode(NodeState.self, from: data)
    }

    func save(_ state: NodeState) throws(BrokerError) {
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            try self.write(String(decoding: try encoder.encode(state), as: UTF8.self) + "\n", to: self.stateFile)
        } catch {
            throw self.unwritable(error)
        }
    }

    /// Whole or not at all, for the owner alone from the first byte on.
    private func write(_ text: String, to file: String, mode: mode_t = 0o600) throws {
        let temporary = file + ".new"
        unsafe unlink(temporary)
        let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        try handle.write(contentsOf: Data(text.utf8))
        try handle.synchronize()
        try handle.close()
        guard unsafe rename(temporary, file) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    }

    /// Erlang takes a cookie only from a file that nobody else can read.
    private func writeCookie() throws {
        let file = self.home + "/.erlang.cookie"
        guard !FileManager.default.fileExists(atPath: file) else { return }
        try self.write(NodeState.secret(), to: file, mode: 0o400)
    }

    private func unwritable(_ error: any Error) -> BrokerError {
        BrokerError(
            .startFailed,
            "the private node's directory \(self.path) can't be written: \(Self.reason(error)); make room or mend its rights",
            cause: error)
    }

    private static func reason(_ error: any Error) -> String {
        if let error = error as? POSIXError { return errorText(error.code.rawValue) }
        if let error = (error as NSError).userInfo[NSUnderlyingErrorKey] as? POSIXError { return errorText(error.code.rawValue) }
        return error.localizedDescription
    }

    private var freeBytes: Int {
        var info = statvfs()
        guard unsafe statvfs(self.path, &info) == 0 else { return .max }
        return Int(clamping: UInt64(info.f_bavail) * UInt64(info.f_frsize))
    }
}

// MARK: - Contents

extension NodeDirectory {
    /// One user, no tags, one vhost of its own. With definitions given the broker makes no `guest`. They are taken at
    /// each start, so a new password (after a lost state file) opens old data.
    private static func definitionsText(_ state: NodeState) -> String {
        """
        {"users": [{"name": "\(state.user)", "password": "\(state.password)", "tags": ""}],
         "vhosts": [{"name": "\(Self.virtualHost)"}],
         "permissions": [{"user": "\(state.user)", "vhost": "\(Self.virtualHost)",
                          "configure": ".*", "write": ".*", "read": ".*"}]}

        """
    }

    /// Erlang terms rather than `rabbitmq.conf`, whose translation costs a second at each start.
    private func configText(_ state: NodeState) -> String {
        """
        %% coding: utf-8
        [{rabbit, [
           {tcp_listeners, [{"127.0.0.1", \(state.port)}]},
           {load_definitions, \(Self.erlang(self.definitions))},
           {loopback_users, []},
        \(self.additions.settings)
           {disk_free_limit, 50000000},
           {consumer_timeout, 2592000000},
           {vm_memory_high_watermark, 0.25},
           {collect_statistics_interval, 60000},
           {log, [{console, [{enabled, false}]},
                  {file, [{file, \(Self.erlang(self.log))}, {level, info}, {date, ""}, {size, 10485760}, {count, 3}]}]}]},
         {ra, [{wal_max_size_bytes, 33554432}]}].

        """
    }

    private static func erlang(_ text: String) -> String {
        "\"" + text.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "\"", with: "\\\"") + "\""
    }

    /// All of the node's surroundings; nothing of ours is inherited, so no secret of the hub gets into it.
    func environment(_ state: NodeState) -> [String: String] {
        [
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "LANG": "C.UTF-8",
            "HOME": self.home,
            "RABBITMQ_NODENAME": self.identity.name,
            "RABBITMQ_USE_LONGNAME": "\(self.identity.hasLongName)",
            "RABBITMQ_DIST_PORT": "\(state.distributionPort)",
            "RABBITMQ_MNESIA_BASE": self.path,
            "RABBITMQ_MNESIA_DIR": self.data,
            "RABBITMQ_LOG_BASE": self.logs,
            "RABBITMQ_PID_FILE": self.path + "/node.pid",
            "RABBITMQ_CONFIG_FILE": self.config,
            "RABBITMQ_ADVANCED_CONFIG_FILE": self.path + "/none",
            "RABBITMQ_CONF_ENV_FILE": self.path + "/none",
            "RABBITMQ_GENERATED_CONFIG_DIR": self.path + "/generated",
            "RABBITMQ_ENABLED_PLUGINS_FILE": self.plugins,
            "RABBITMQ_FEATURE_FLAGS_FILE": self.path + "/feature_flags",
            // A crash dump would hold the messages of the moment.
            "ERL_CRASH_DUMP_BYTES": "0",
            // Has the start script become the node itself instead of watching over it.
            "RUNNING_UNDER_SYSTEMD": "true",
            // No epmd (a daemon that would outlive us and listen on all addresses), distribution on loopback alone.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS":
                "\(self.identity.hasLongName ? "-name" : "-sname") \(self.identity.name) -start_epmd false -erl_epmd_port \(state.distributionPort) "
                + "-kernel inet_dist_use_interface {\(self.identity.address.replacingOccurrences(of: ".", with: ","))}",
            // RabbitMQ sees to epmd again each minute, by an Erlang of its own that would start one.
            "ERL_ZFLAGS": "-start_epmd false",
        ]
    }

    /// For `rabbitmqctl`, which finds the node without epmd this way.
    func controlEnvironment(_ state: NodeState) -> [String: String] {
        [
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "LANG": "C.UTF-8",
            "HOME": self.home,
            "RABBITMQ_NODENAME": self.identity.name,
            "RABBITMQ_USE_LONGNAME": "\(self.identity.hasLongName)",
            "RABBITMQ_CONF_ENV_FILE": self.path + "/none",
            "RABBITMQ_CTL_ERL_ARGS":
                "-start_epmd false -erl_epmd_port \(state.distributionPort) -dist_listen false",
        ]
    }
}

/// What a test's node has beside the hub's own settings.
struct NodeAdditions: Sendable {
    /// Plugins to enable.
    var plugins: [String] = []
    /// Lines of Erlang terms within the application `rabbit`, each with a comma at its end.
    var settings = ""
    /// Another than the usual one for a member of a cluster.
    var identity = NodeIdentity.alone
    /// Ports and secrets of a node that has none yet; members of a cluster share them.
    var fresh: NodeState?
}
