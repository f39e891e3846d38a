import Console
import Hub
import Synchronization
import ServiceLifecycle

/// The web console of a hub that runs.
struct ServedConsole: Sendable {
    private let context: HubContext
    private let address: HubConfiguration.ListenAddress
    private let site: ConsoleSite
    private let work: ConsoleWork
    private let health: Health

    /// How the hub is, from where it is read once the hub runs.
    private final class Health: Sendable {
        let reader = Mutex<HealthReader?>(nil)
    }

    /// - Returns: `nil` when `console.listen` names no address.
    /// - Throws: ``AppError`` when the set-up can't be used.
    init?(_ context: HubContext, clock: HubClock) throws {
        guard let address = context.configuration.console.listen.flatMap(HubConfiguration.ListenAddress.init) else { return nil }
        let health = Health()
        let work = ConsoleWork(logger: context.logger)
        self.context = context
        self.address = address
        self.health = health
        self.work = work
        self.site = try context.consoleSite(
            reading: {
                guard let reader = health.reader.withLock({ $0 }) else { return HealthReading(time: clock.timestamp) }
                return await reader.read(context.configuration.alarms.rules)
            }, work: work, clock: clock)
    }

    func services(_ reader: HealthReader) -> [any Service] {
        self.health.reader.withLock { $0 = reader }
        return [
            self.work,
            ConsoleListener(host: self.address.host, port: self.address.port, site: self.site, logger: self.context.logger),
        ]
    }
}
