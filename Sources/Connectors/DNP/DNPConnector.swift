public import ConnectorKit
public import Logging
public import SchoolRecords
import Synchronization

/// Writes pupils, staff, groups and activities to Skolverket's test service, over its Provisioning API (1.3.1).
///
/// A batch goes in the order that Skolverket wants: what is removed from activities back to persons, then what is set from persons to
/// activities, each kind to the end of its jobs before the next begins. Rows of one object are put together with what Skolverket has of
/// it, so that a group is sent whole again when one pupil comes. Everything written again leaves the same. Nothing in a message
/// or a log line is a key or a value of a row.
public final class DNPConnector: ReadableTarget, RowCarrying {
    public let system: String
    let settings: DNPSettings
    let rules: DNPRules
    let client: DNPClient
    let clock: ConnectorClock
    let logger: Logger
    private let transport: any HTTPTransport
    /// How often a group has been sent with members that Skolverket didn't know.
    let incomplete = Mutex<[String: Int]>([:])

    /// The most records in one batch, from the setting `batch_size`.
    public var batchSize: Int { self.settings.batchSize }

    /// Each batch costs several calls of few that are allowed.
    public var linger: Duration { .seconds(1) }

    /// All of them.
    public var removableKinds: Set<String> { Set(DNPRowKind.allCases.map(\.rawValue)) }

    init(
        system: String, settings: DNPSettings, transport: any HTTPTransport, policy: RetryPolicy, clock: ConnectorClock,
        logger: Logger
    ) {
        var logger = logger
        logger[metadataKey: "system"] = "\(system)"
        self.system = system
        self.settings = settings
        self.rules = DNPRules(sendsNamesInEPPN: settings.sendsNamesInEPPN)
        self.transport = transport
        self.clock = clock
        self.logger = logger
        self.client = DNPClient(settings: settings, transport: transport, policy: policy, clock: clock, logger: logger)
    }

    /// Makes a connector from a system's settings; nothing is opened yet. The settings are those of the connector `dnp`, see
    /// `docs/systems/dnp.md`.
    ///
    /// - Throws: ``SettingsError`` with every problem at once.
    public static func make(system: String, settings: JSONValue, logger: Logger) throws(SettingsError) -> DNPConnector {
        try self.make(system: system, settings: settings, clock: .system, policy: RetryPolicy(), logger: logger)
    }

    /// Makes a connector with a clock and patience of its own.
    package static func make(
        system: String, settings: JSONValue, clock: ConnectorClock, policy: RetryPolicy, logger: Logger
    ) throws(SettingsError) -> DNPConnector {
        let settings = try DNPSettings(system: system, settings: settings)
        return DNPConnector(
            system: system, settings: settings, transport: AsyncHTTPTransport(settings), policy: policy, clock: clock,
            logger: logger)
    }

    // MARK: Writing

    /// Writes a batch, every job to its end.
    ///
    /// - Returns: the records with a row that Skolverket's rules don't allow (`required-field-missing`, `wrong-form`,
    ///   `eppn-unusable`, …), of which nothing was written; those that Skolverket refused (`row-refused`, `conflict`, `not-found`); and,
    ///   to be tried again, those that refer to one of these, or that Skolverket had a temporary fault with.
    /// - Throws: ``ConnectorFailure`` when Skolverket is away, doesn't let us in, or doesn't get done with a job. Something may have been
    ///   written; the batch written again changes nothing of it.
    public func write(_ batch: TargetBatch) async throws -> [RecordKey: ConnectorFailure] {
        var work = DNPWork(batch, rules: self.rules)
        try await TraceContext.$current.withValue(batch.trace) {
            for type in DNPType.allCases.reversed() { try await self.delete(type, &work) }
            var known = DNPKnown()
            for type in DNPType.allCases { try await self.update(type, &work, &known) }
        }
        let warnings = work.warnings.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", ")
        self.logger.log(
            level: warnings.isEmpty ? .debug : .notice, "Wrote a batch",
            metadata: [
                "batch": "\(batch.id)", "objects": "\(work.written)", "refused": "\(work.refused.count)",
                "warnings": "\(warnings)",
            ])
        return work.refused
    }

    public func probe() async throws { _ = try await self.client.page(of: .person, 1, limit: 1, token: nil) }

    /// Closes every connection; the connector is not used afterwards.
    public func shutdown() async { await self.transport.shutdown() }

    // MARK: Reading back

    private var unitInRow: Bool { self.settings.groupUnits == .rows }

    /// Reads everything, persons and groups by look-ups of what the lists name: lists of persons lack the enrolments.
    public func readHeld(_ handle: @Sendable ([TargetRow]) async throws -> Void) async throws {
        for type in DNPType.allCases {
            try await self.client.forEachPage(of: type) { elements in
                var documents = elements.compactMap { DNPDocument(type, reading: $0) }
                guard documents.count == elements.count else { throw DNPClient.wrongShape(type.path) }
                if type == .person || type == .group {
                    documents = Array(try await self.client.lookUp(type, documents.map(\.id)).values)
                }
                let rows = documents.filter { !$0.isForeign }.flatMap { $0.rows(unitInRow: self.unitInRow) }
                if !rows.isEmpty { try await handle(rows) }
            }
        }
    }

    public func carried(_ row: TargetRow) -> TargetRow? {
        guard (try? self.rules.check(row)) != nil, let kind = DNPRowKind(row.kind) else { return nil }
        var fields = row.fields
        fields["nationality"] = nil
        if kind == .group || kind == .activity, !self.unitInRow { fields["unit"] = nil }
        if fields["email"] == nil { fields["emailType"] = nil }
        return TargetRow(kind: row.kind, key: row.key, fields: fields)
    }
}
