public import ConnectorKit
public import Logging
public import ServiceLifecycle

/// Where alarms are kept over restarts: not in the store, as its own trouble must be told too.
public protocol AlarmMemory: Sendable {
    /// What was kept; empty when nothing was or it can't be read.
    func load() -> AlarmState

    /// - Throws: when it can't be kept; alarms may be told twice after a restart then.
    func save(_ state: AlarmState) throws
}

/// The alarms and what is to be told of them, with the reading that they come from.
public struct AlarmState: Sendable, Hashable, Codable {
    public var book = AlarmBook()
    public var post = AlarmPost()
    public var reading: HealthReading?

    public init() {}
}

/// Looks at the hub's health every now and then, raises and ends alarms, tells them, and sets the metrics' gauges.
public struct HealthService: Service {
    private let reader: HealthReader
    private let rules: AlarmRules
    private let sinks: [any AlarmSink]
    private let memory: any AlarmMemory
    private let clock: HubClock
    private let interval: Duration
    private let logger: Logger

    /// - Parameter interval: between two looks.
    public init(
        reader: HealthReader, rules: AlarmRules, sinks: [any AlarmSink], memory: any AlarmMemory, clock: HubClock = .system,
        interval: Duration = .seconds(15), logger: Logger
    ) {
        self.reader = reader
        self.rules = rules
        self.sinks = sinks
        self.memory = memory
        self.clock = clock
        self.interval = interval
        self.logger = logger
    }

    public func run() async throws {
        try await restarting("health", logger: self.logger, clock: self.clock) {
            var state = self.memory.load()
            state.post.keep(only: self.sinks.map(\.name))
            while !Task.isCancelled {
                await self.look(&state)
                try await self.clock.sleep(self.interval)
            }
        }
        for sink in self.sinks { await sink.shutdown() }
    }

    /// One look: read, judge, tell.
    func look(_ state: inout AlarmState) async {
        let reading = await self.reader.read(self.rules)
        reading.setGauges()
        let events = state.book.judge(self.rules.findings(in: reading), at: self.clock.now())
        state.reading = reading
        state.post.add(events, for: self.sinks.map(\.name))
        HealthReading.setGauges(openAlarms: state.book.open)
        // Kept before it is told: a crash in between tells again, and sinks know a cause again.
        self.keep(state)
        var isTold = false
        for sink in self.sinks {
            for event in state.post.events(for: sink.name) {
                do {
                    try await sink.tell(event)
                    state.post.told(event, to: sink.name)
                    isTold = true
                } catch {
                    self.logger.warning(
                        "An alarm couldn't be told; it is told again",
                        metadata: ["sink": "\(sink.name)", "cause": "\(event.alarm.cause)", "error": "\(error)"])
                    break
                }
            }
        }
        if isTold { self.keep(state) }
    }

    private func keep(_ state: AlarmState) {
        do {
            try self.memory.save(state)
        } catch {
            self.logger.error("The state of alarms couldn't be kept", metadata: ["error": "\(error)"])
        }
    }
}
