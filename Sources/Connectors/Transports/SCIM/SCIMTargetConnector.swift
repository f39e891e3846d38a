public import ConnectorKit
public import Logging
public import SchoolRecords
import Synchronization

/// Keeps objects in a SCIM 2.0 server (RFC 7643, 7644) as records are: creates, changes and deletes them, found by their `externalId`.
/// Which types of object, with which attributes, is settings alone, see ``make(system:settings:logger:)``; the schemas of EGIL
/// (`sis:school:1.0`) are those of `Mappings/egil`.
///
/// A call whose reply was lost is made again and leads to the same. Nothing in a message or a log line is a key or a value of a row.
public final class SCIMTargetConnector: ReadableTarget {
    public let system: String
    let settings: SCIMSettings
    let client: SCIMClient
    private let transport: any HTTPTransport
    private let logger: Logger
    /// The paths whose list has answered: from then on a 404 is about an object.
    let answered = Mutex<Set<String>>([])
    /// Paths where the latest object wasn't there: the next one is likely new too, and is first created.
    let growing = Mutex<Set<String>>([])

    public var batchSize: Int { self.settings.batchSize }

    /// Objects go one by one: waiting for more gains nothing.
    public var linger: Duration { .milliseconds(5) }

    /// An object is sent with all its lists.
    public var takesWholeRecords: Bool { true }

    /// Elements of lists, and the kinds whose resource isn't set to `delete: false`.
    public var removableKinds: Set<String> {
        Set(self.settings.resources.flatMap { ($0.isDeletable ? [$0.kind] : []) + $0.lists.map(\.kind) })
    }

    init(
        system: String, settings: SCIMSettings, transport: any HTTPTransport, policy: RetryPolicy, clock: ConnectorClock,
        logger: Logger
    ) {
        var logger = logger
        logger[metadataKey: "system"] = "\(system)"
        self.system = system
        self.settings = settings
        self.transport = transport
        self.logger = logger
        self.client = SCIMClient(settings: settings, transport: transport, policy: policy, clock: clock, logger: logger)
    }

    /// Makes a connector from a system's settings (``SCIMSettings``); nothing is opened and no secret is looked up yet.
    ///
    /// - Throws: ``SettingsError`` with every problem at once.
    public static func make(
        system: String, settings: JSONValue, logger: Logger
    ) throws(SettingsError) -> SCIMTargetConnector {
        try self.make(system: system, settings: settings, clock: .system, policy: RetryPolicy(), logger: logger)
    }

    /// Makes a connector with a clock and patience of its own.
    package static func make(
        system: String, settings: JSONValue, clock: ConnectorClock, policy: RetryPolicy, logger: Logger
    ) throws(SettingsError) -> SCIMTargetConnector {
        let settings = try SCIMSettings(system: system, settings: settings)
        return SCIMTargetConnector(
            system: system, settings: settings, transport: AsyncHTTPTransport(settings), policy: policy, clock: clock,
            logger: logger)
    }

    // MARK: Writing

    /// Writes a batch object by object: first what is set, the first resources first; then what is removed, the last resources
    /// first; then once more what conflicted with something that may be settled now.
    ///
    /// - Returns: the records with a row that can't be expressed (`unknown-row-kind`, `unknown-field`, `relation-end-missing`,
    ///   `required-field-missing`, `wrong-form`, `unusable-key`), of which nothing was written; and those with an object that the
    ///   system refused (`conflict`, `precondition-failed`, `row-refused`, …), whose other objects may have been.
    /// - Throws: ``ConnectorFailure`` when the system is away or doesn't let us in. Objects may have been written; the batch
    ///   written again changes nothing of them.
    public func write(_ batch: TargetBatch) async throws -> [RecordKey: ConnectorFailure] {
        var work = SCIMBatch(batch, settings: self.settings)
        var calls = CallsAtOnce(most: self.settings.parallelCalls)
        for round in work.rounds {
            try await self.perform(round, &work, &calls)
        }
        let conflicts = work.outcome.takeConflicts()
        try await self.perform(conflicts, &work, &calls, isLast: true)
        self.logger.debug(
            "Wrote a batch",
            metadata: [
                "batch": "\(batch.id)", "objects": "\(work.outcome.written)", "refused": "\(work.outcome.refused.count)",
            ])
        return work.outcome.refused
    }

    /// Sends the calls of one round, some at a time.
    private func perform(
        _ round: [SCIMBatch.Call], _ work: inout SCIMBatch, _ calls: inout CallsAtOnce, isLast: Bool = false
    ) async throws {
        try await calls.perform(round, where: { work.outcome.isWanted($0) }) { call in
            (call, try await TraceContext.$current.withValue(call.trace) { try await self.send(call) })
        } _: { call, answer in
            try await calls.heed(answer, self.probe)
            work.outcome.settle(call, answer, isLast: isLast)
        }
    }

    public func probe() async throws {
        guard let first = self.settings.resources.first else { return }
        _ = try await self.list(first).page(start: 1, count: 1, number: 1)
    }

    func list(_ resource: SCIMResource) -> SCIMListReader { SCIMListReader(client: self.client, path: resource.path) }

    /// Closes every connection; the connector is not used afterwards.
    public func shutdown() async { await self.transport.shutdown() }

    // MARK: Reading back

    /// Reads the lists of all resources. An object with other fixed parts than its resource's body, or without a key, is not ours and
    /// passed over.
    public func readHeld(_ handle: @Sendable ([TargetRow]) async throws -> Void) async throws {
        for resource in self.settings.resources {
            try await self.list(resource).forEachPage { objects in
                var rows: [TargetRow] = []
                for object in objects {
                    guard let (row, elements) = resource.rows(of: object) else { continue }
                    rows.append(row)
                    rows += elements
                }
                if !rows.isEmpty { try await handle(rows) }
            }
        }
    }
}

extension SCIMTargetConnector: RowCarrying {
    public func carried(_ row: TargetRow) -> TargetRow? {
        guard let body = self.settings.resource(of: row.kind)?.body ?? self.settings.list(of: row.kind)?.list.body,
            let filled = try? body.plain(row.fields), var fields = body.fields(of: filled)
        else { return nil }
        if let own = self.settings.list(of: row.kind)?.list.object ?? self.settings.resource(of: row.kind)?.keyField {
            fields[own] = row.fields[own]
        }
        return TargetRow(kind: row.kind, key: row.key, fields: fields)
    }
}
