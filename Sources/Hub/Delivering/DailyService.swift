public import Logging
public import ServiceLifecycle

public import SchoolRecords

/// Has every record mapped anew for a receiving system when a new day has come: periods begin and end without anything
/// changing in the source. What maps to the same rows as before is not written.
public struct DailyService: Service {
    private let system: String
    private let entities: [Entity]
    private let store: any HubStore
    private let clock: HubClock
    private let logger: Logger

    public init(system: String, entities: [Entity], store: any HubStore, clock: HubClock = .system, logger: Logger) {
        self.system = system
        self.entities = entities
        self.store = store
        self.clock = clock
        self.logger = logger
    }

    private static let mark = "mapped-on"

    public func run() async throws {
        try await repeating("daily", every: .seconds(60), logger: self.logger, clock: self.clock) {
            try await self.remapIfNew()
        }
    }

    /// Returns how many records were sent for mapping.
    @discardableResult
    func remapIfNew() async throws -> Int {
        let today = "\(self.clock.calendarDate)"
        let last = try await self.store.mark(source: self.system, entity: Self.mark)
        guard last != today else { return 0 }
        var count = 0
        // Before the first day nothing has been mapped by any date.
        for entity in last == nil ? [] : self.entities {
            var after: String?
            while true {
                let records = try await self.store.liveRecords(of: entity, after: after, limit: 500)
                guard let end = records.last else { break }
                after = end.key.id
                try await self.store.redeliver(records.map(\.key), to: self.system, reason: "new-day")
                count += records.count
            }
        }
        let forms = last == nil ? [] : try await self.store.livingForms(for: self.system).map(\.key)
        if !forms.isEmpty {
            try await self.store.redeliver(forms, to: self.system, reason: "new-day")
            count += forms.count
        }
        try await self.store.setMark(today, source: self.system, entity: Self.mark)
        if count > 0 {
            self.logger.info("A new day: records are mapped anew", metadata: ["system": "\(self.system)", "count": "\(count)"])
        }
        return count
    }
}
