import CRabbitMQ
import Foundation
import Messaging

extension NodeProcess {
    /// Starts a program in a session of its own (a Ctrl-C meant for the hub doesn't reach it), with no descriptor of ours
    /// (else it would hold the hub's locks and sockets after the hub's death) and with default signal handling.
    static func spawn(
        _ program: String, _ arguments: [String] = [], environment: [String: String], directory: String, output: String
    ) throws(BrokerError) -> NodeProcess {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        unsafe posix_spawn_file_actions_adddup2(&actions, 1, 2)
        unsafe posix_spawn_file_actions_addchdir_np(&actions, directory)
        unsafe posix_spawn_file_actions_addclosefrom_np(&actions, 3)

        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe posix_spawnattr_setsigmask(&attributes, &signals)
        for signal in [SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGCHLD] { unsafe sigaddset(&signals, signal) }
        unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
        // POSIX_SPAWN_SETSIGDEF, POSIX_SPAWN_SETSIGMASK and glibc's POSIX_SPAWN_SETSID.
        unsafe posix_spawnattr_setflags(&attributes, 0x04 | 0x08 | 0x80)

        let arguments = [program] + arguments
        let settings = environment.map { "\($0.key)=\($0.value)" }
        var id: pid_t = 0
        let status = unsafe Self.withCStrings(arguments) { arguments in
            unsafe Self.withCStrings(settings) { settings in
                unsafe posix_spawn(&id, program, &actions, &attributes, arguments, settings)
            }
        }
        guard status == 0 else { throw BrokerError(.startFailed, "\(program) can't be started: \(errorText(status))") }
        guard let process = NodeProcess(id: id) else {
            throw BrokerError(.startFailed, "\(program) ended at once; see \(output)")
        }
        return process
    }

    private static func withCStrings(
        _ texts: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> CInt
    ) -> CInt {
        var pointers = unsafe texts.map { unsafe strdup($0) }
        unsafe pointers.append(nil)
        defer { unsafe pointers.forEach { unsafe free($0) } }
        return unsafe pointers.withUnsafeBufferPointer { buffer in
            guard let list = buffer.baseAddress else { return ENOMEM }
            return unsafe body(list)
        }
    }
}
