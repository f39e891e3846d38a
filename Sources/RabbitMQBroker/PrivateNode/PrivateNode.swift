public import Logging
public import Messaging
import Synchronization

/// A RabbitMQ node of the hub's own, on loopback, with its data, log and secrets in one directory.
///
/// States: down → starting → up ⇄ (died, while ``run()`` watches) starting; up → stopped. Its queues and messages
/// outlive it: a later start on the same directory has them again, on the same ports when those are free.
public final class PrivateNode: Sendable {
    struct Life {
        var state: NodeState
        var process: NodeProcess?
        var isStopped = false
    }

    /// How long things may take.
    struct Limits: Sendable {
        var start: Duration = .seconds(120)
        /// For a node that runs already to let us in.
        var adoption: Duration = .seconds(30)
        /// For the node to end in order.
        var end: Duration = .seconds(20)
    }

    let directory: NodeDirectory
    let limits: Limits
    let installation: NodeInstallation
    let logger: Logger
    let life: Mutex<Life>
    let lock: Mutex<DirectoryLock?>

    private init(
        directory: NodeDirectory, installation: NodeInstallation, limits: Limits, state: NodeState, lock: DirectoryLock,
        logger: Logger
    ) {
        self.limits = limits
        self.directory = directory
        self.installation = installation
        self.logger = logger
        self.life = Mutex(Life(state: state))
        self.lock = Mutex(lock)
    }

    /// Starts the node, or takes over the one that a killed hub left running in this directory, and waits until it lets
    /// us in.
    ///
    /// - Parameters:
    ///   - directory: made when missing; belongs to this node alone.
    ///   - onProgress: called for each phase, and about once a second while waiting.
    /// - Throws: `notInstalled`, or `startFailed` naming the directory or the log that tells why.
    public static func start(
        directory: String, installation: NodeInstallation = .debian, logger: Logger,
        onProgress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) async throws -> PrivateNode {
        try await Self.start(
            directory: directory, installation: installation, limits: Limits(), logger: logger, onProgress: onProgress)
    }

    static func start(
        directory: String, installation: NodeInstallation, limits: Limits, additions: NodeAdditions = NodeAdditions(),
        logger: Logger, onProgress: @escaping @Sendable (Progress) -> Void
    ) async throws -> PrivateNode {
        try installation.check()
        var directory = NodeDirectory(directory)
        directory.additions = additions
        onProgress(.preparing)
        try directory.create()
        let lock = try DirectoryLock(file: directory.lockFile, directory: directory.path)
        let state = try directory.loadState() ?? additions.fresh ?? NodeState.fresh()
        let node = PrivateNode(
            directory: directory, installation: installation, limits: limits, state: state, lock: lock, logger: logger)
        do {
            if try await !node.adopt(onProgress) { try await node.bringUp(keepingPort: false, onProgress) }
        } catch {
            await node.stop()
            throw error
        }
        return node
    }

    /// Runs a node for the duration of `body`.
    public static func withPrivateNode<Result: Sendable>(
        directory: String, installation: NodeInstallation = .debian, logger: Logger,
        progress: @escaping @Sendable (Progress) -> Void = { _ in },
        _ body: (PrivateNode) async throws -> Result
    ) async throws -> Result {
        let node = try await Self.start(
            directory: directory, installation: installation, logger: logger, onProgress: progress)
        let result: Swift.Result<Result, any Error>
        do {
            result = .success(try await body(node))
        } catch {
            result = .failure(error)
        }
        await node.stop()
        return try result.get()
    }

    /// - Throws: `notInstalled` with the command that installs rabbitmq-server.
    public static func checkInstallation() throws(BrokerError) {
        try NodeInstallation.debian.check()
    }

    /// The address of the node that runs in a directory, whoever started it; `nil` when none does. Holds the password.
    public static func url(directory: String) -> String? {
        let directory = NodeDirectory(directory)
        guard let state = directory.loadState(), let id = state.process, let process = NodeProcess(id: id),
            process.start == state.processStart
        else { return nil }
        return state.url
    }

    /// Where and as whom to connect: user without administrator's rights, vhost of its own. Holds the password.
    public var url: String { self.life.withLock { $0.state.url } }

    /// The node's own log file.
    public var logFile: String { self.directory.log }

    /// Watches over the node and starts it again, on the same port, when it dies. Ends when ``stop()`` is called.
    ///
    /// - Throws: `CancellationError` when cancelled; a start that fails is tried again.
    public func run() async throws {
        var backoff = Backoff(initial: .seconds(1), maximum: .seconds(30))
        while true {
            let (isStopped, process) = self.life.withLock { ($0.isStopped, $0.process) }
            if isStopped { return }
            if process?.isAlive == true {
                try await Task.sleep(for: .milliseconds(250))
                continue
            }
            self.logger.info("the private node died, starting it again", metadata: ["node.log": "\(self.logFile)"])
            do {
                try await self.bringUp(keepingPort: true) { _ in }
                backoff.reset()
                self.logger.info("the private node is up again")
            } catch let error as BrokerError where error.code != .closed {
                self.logger.info(
                    "the private node did not come up, trying again", metadata: ["error.message": "\(error.message)"])
                try await Task.sleep(for: backoff.next())
            } catch let error as BrokerError where error.code == .closed {
                return
            }
        }
    }

    /// Ends the node in order, so that its next start is quick; after 20 s it is killed, which loses nothing either.
    public func stop() async {
        let process = self.life.withLock { life in
            life.isStopped = true
            return life.process
        }
        if let process { await Self.end(process, patience: self.limits.end) }
        let state = self.life.withLock { life in
            life.process = nil
            life.state.process = nil
            life.state.processStart = nil
            return life.state
        }
        // Only a hint for the next start, which looks for itself too.
        try? self.directory.save(state)
        self.lock.withLock { $0 = nil }
    }

    /// What `rabbitmqctl` needs to talk to this node.
    package var control: (program: String, environment: [String: String]) {
        let state = self.life.withLock { $0.state }
        return (self.installation.control, self.directory.controlEnvironment(state))
    }

    /// The process of the node that runs in a directory, whoever started it; for tools that look from outside.
    public static func processID(in directory: String) -> Int32? {
        let directory = NodeDirectory(directory)
        return NodeProcess.running(in: directory, recorded: directory.loadState()?.process)?.id
    }

    /// The process of the node while it runs.
    package var processID: Int32? { self.life.withLock { $0.process?.id } }
}

extension NodeState {
    var url: String { "amqp://\(self.user):\(self.password)@127.0.0.1:\(self.port)/\(NodeDirectory.virtualHost)" }
}
