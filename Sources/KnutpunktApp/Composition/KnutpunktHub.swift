import Mapping
import UnixSignals
import ConnectorKit
import Connectors
import Console
import Foundation
public import Hub
import Logging
import Messaging
import Provisioning
import RabbitMQBroker
import SchoolRecords
import ServiceLifecycle

/// A hub put together: the one place that sees every adapter.
public struct KnutpunktHub: Sendable {
    let context: HubContext
    let connections: Connections
    private let answerers: [any AnsweringConnector]
    private let clock: HubClock
    /// What cuts a source's pause short.
    private let wakes: [String: Wake]
    private let doors: NoticeDoors
    /// What `http.operations` shows as metrics.
    private let metrics: @Sendable () -> String
    private let board = HealthBoard()
    /// The web console; `nil` when it is off.
    private let console: ServedConsole?
    /// What other systems fetch from.
    private let api: [any Service]

    /// Puts a hub together; nothing runs yet.
    ///
    /// - Parameter metrics: the metrics' text, from where the program gathers them.
    /// - Throws: ``AppError`` with everything that is wrong with the set-up.
    public init(
        _ context: HubContext, clock: HubClock = .system, metrics: @escaping @Sendable () -> String = { "" }
    ) throws {
        self.context = context
        let problems = context.configuration.apiAccessProblems(context.logger)
        guard problems.isEmpty else { throw AppError(.configuration, problems.joined(separator: "\n")) }
        let connections = try context.connectors()
        let wakes = Dictionary(uniqueKeysWithValues: connections.sources.map { ($0.source.system, Wake()) })
        self.connections = connections
        self.answerers = try context.answerers()
        self.clock = clock
        self.wakes = wakes
        self.metrics = metrics
        self.doors = try context.noticeDoors { wakes[$0]?.ring(trace: $1, scope: $2) }
        self.console = try ServedConsole(context, clock: clock)
        self.api = try context.apiServices(clock: clock)
    }

    /// Which entities each receiving system takes.
    var targets: [String: [Entity]] {
        Dictionary(
            uniqueKeysWithValues: self.connections.targets.map { target in
                (target.system, self.context.mappings.set.deliveredEntities(system: target.system))
            })
    }

    /// Runs until a signal asks it to stop (TERM or INT: stop taking, finish or give back, flush).
    ///
    /// - Throws: ``AppError`` when another hub runs on the data directory or the broker can't be had.
    public func run() async throws {
        let configuration = self.context.configuration
        let logger = self.context.logger
        guard let lock = try FileLock(path: configuration.dataDirectory + "/hub.lock") else {
            throw AppError(
                .alreadyRunning,
                "Another hub runs on \(configuration.dataDirectory). Stop it first, or give this one another data.directory.")
        }
        defer { withExtendedLifetime(lock) {} }
        let pid = ProcessInfo.processInfo.processIdentifier
        @Sendable func enter(_ phase: RunState.Phase, _ detail: String) {
            RunState(pid: pid, phase: phase, detail: detail, mappings: self.context.mappings.set.version)
                .write(to: configuration.dataDirectory)
            logger.notice("Hub", metadata: ["phase": "\(phase.rawValue)", "detail": "\(detail)"])
        }
        enter(.startingBroker, configuration.brokerURL == nil ? "private node" : "connecting")
        defer { RunState.remove(from: configuration.dataDirectory) }
        do {
            try await BrokerSource.withBroker(
                configuration, logger: logger, onProgress: { enter(.startingBroker, $0) }
            ) { broker, node in
                try await self.context.store.keep(
                    self.context.configuration.permissions, by: "hub", time: self.clock.timestamp)
                try await broker.declare(self.context.topology)
                try await broker.declare(self.context.questionTopology)
                enter(.running, "ready")
                let group = ServiceGroup(
                    configuration: .init(
                        services: self.services(broker: broker, node: node) { enter(.running, "ready") }.map {
                            .init(service: $0)
                        },
                        gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
                try await group.run()
                enter(.stopping, "closing")
            }
        } catch let error as BrokerError {
            // Another try can't help then: under systemd it isn't started again.
            let isSetUp = error.code == .topologyConflict || error.code == .misconfigured
            throw AppError(isSetUp ? .configuration : .broker, error.message, cause: error)
        }
    }

    /// In the order of dependence: stopped from the last to the first.
    private func services(
        broker: any Broker, node: PrivateNode?, onReload: @escaping @Sendable () -> Void
    ) -> [any Service] {
        let logger = self.context.logger
        let store = self.context.store
        var services: [any Service] = []
        if let node { services.append(NodeService(node: node)) }
        services.append(
            MappingWatcher(
                configuration: self.context.configuration, book: self.context.mappings, clock: self.clock,
                logger: logger,
                onReload: onReload))
        services.append(LastNetService(broker: broker, store: store, clock: self.clock, logger: logger))
        for target in self.connections.targets {
            services.append(
                DeliveryService(
                    target: target, broker: broker, store: store, key: self.context.key, mappings: self.context.mappings,
                    clock: self.clock, health: self.board, logger: logger))
        }
        let carried = self.connections.targets.compactMap { $0 as? any CarriedTarget }
        if !carried.isEmpty {
            services.append(
                CarryingService(
                    targets: carried, store: store, mappings: self.context.mappings, clock: self.clock, logger: logger))
        }
        for (system, entities) in self.targets {
            services.append(DailyService(system: system, entities: entities, store: store, clock: self.clock, logger: logger))
        }
        for kind in FlowKind.listed(in: self.context.mappings.set) {
            services.append(
                FlowService(
                    kind, broker: broker, store: store, mappings: self.context.mappings, clock: self.clock, logger: logger))
        }
        for answerer in self.answerers {
            services.append(AnswerService(system: answerer, broker: broker, clock: self.clock, logger: logger))
        }
        if self.context.isAsking {
            services.append(
                TransportQuestions(
                    broker: broker, store: store, mappings: self.context.mappings, clock: self.clock, logger: logger))
        }
        services.append(
            OutboxRelay(
                store: store, broker: broker, clock: self.clock, topology: self.context.topology, health: self.board,
                logger: logger))
        services.append(RetryService(store: store, clock: self.clock, logger: logger))
        services.append(ReplayService(store: store, clock: self.clock, logger: logger))
        services.append(
            ProbeCleaningService(
                store: store, mappings: self.context.mappings, isProbing: { try self.context.isProbing }, clock: self.clock,
                logger: logger))
        services.append(
            RoleApplyService(
                store: store, publisher: self.context.rolePublisher(clock: self.clock), clock: self.clock, logger: logger))
        if self.context.configuration.roleSchedule.isOn {
            services.append(RoleScheduleService(self.context, clock: self.clock))
        }
        services.append(
            ProtectionService(
                keeper: self.context.formKeeper(clock: self.clock), clock: self.clock, logger: logger))
        services.append(ReconcileService(self.context, clock: self.clock))
        services.append(
            QualityService(
                self.context.configuration.quality, store: store, clock: self.clock, logger: logger,
                runner: { self.context.qualityRunner(clock: self.clock) }))
        services.append(
            RetentionService(
                periods: self.context.configuration.retention, forgetting: self.context.configuration.forgetting, store: store,
                clock: self.clock, logger: logger))
        services.append(
            ErasureService(
                eraser: self.context.eraser(clock: self.clock), rotator: self.context.rotator(clock: self.clock),
                clock: self.clock, logger: logger))
        let rules = self.context.configuration.replayRules
        if !rules.isEmpty {
            services.append(ReplayRuleService(rules: rules, store: store, clock: self.clock, logger: logger))
        }
        let reader = self.context.healthReader(
            board: self.board, broker: broker, targets: self.connections.targets.map(\.system),
            sources: self.connections.sources.map(\.source).filter { !($0 is any HandedInSource) }.map(\.system),
            clock: self.clock)
        services.append(self.context.healthService(reader, clock: self.clock))
        if let console { services += console.services(reader) }
        if let address = self.context.configuration.httpOperations.flatMap(HubConfiguration.ListenAddress.init) {
            services.append(
                OperationsListener(
                    host: address.host, port: address.port, unready: { await self.context.unready(broker) },
                    metrics: self.metrics, logger: logger))
        }
        if let address = self.context.configuration.httpListen.flatMap(HubConfiguration.ListenAddress.init) {
            services.append(HTTPListener(host: address.host, port: address.port, doors: self.doors, logger: logger))
        }
        services += self.api
        for source in self.connections.sources.compactMap({ $0.source as? any SubscribableSource }) {
            if let keeper = SubscriptionKeeper(source: source, clock: self.clock, logger: logger) { services.append(keeper) }
        }
        for (source, settings) in self.connections.sources where !(source is any HandedInSource) {
            let schedule = settings["schedule"]
            let seconds = schedule?["changes_every_seconds"]?.integerValue ?? 60
            let hours = schedule?["full_every_hours"]?.integerValue ?? 24
            services.append(
                IntakeService(
                    intake: self.context.intake(source, settings: settings, clock: self.clock),
                    lock: self.context.sourceLock(clock: self.clock), changesEvery: .seconds(max(1, seconds)),
                    fullEvery: Double(max(1, hours)) * 3600,
                    wake: self.wakes[source.system] ?? Wake(), health: self.board))
        }
        return services
    }
}

/// Watches over the private node as long as the hub runs.
private struct NodeService: Service {
    let node: PrivateNode

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown { try await self.node.run() }
        } catch is CancellationError {}
    }
}

extension HubContext {
    func intake(_ source: any SourceConnector, settings: JSONValue, clock: HubClock) -> Intake {
        Intake(
            source: source, store: self.store, key: self.key, mappings: self.mappings,
            overlap: Double(settings["overlap_seconds"]?.integerValue ?? 300), clock: clock, logger: self.logger)
    }

    func sourceLock(clock: HubClock) -> SourceFileLock {
        SourceFileLock(directory: self.configuration.dataDirectory, clock: clock)
    }
}
