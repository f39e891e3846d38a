public import ConnectorKit
public import Logging
public import SchoolRecords
import Synchronization

/// Writes rows as JSON to a system that takes them at addresses of their own: each row is put to `path/{key}`, created or
/// replaced there, and deleted there. Which paths and bodies is settings alone, see
/// ``make(system:settings:logger:)``.
///
/// A call whose reply was lost is made again and leads to the same: a row has one address. Nothing in a message or a log line
/// is a key or a value of a row.
public final class RESTTargetConnector: ReadableTarget {
    public let system: String
    let settings: RESTTargetSettings
    let client: SS12000Client
    private let transport: any HTTPTransport
    private let logger: Logger
    /// The paths whose list has answered: from then on a 404 is about a row.
    let answered = Mutex<Set<String>>([])
    /// Paths where the system gave a posted row another key: nothing is posted there again.
    let renaming = Mutex<Set<String>>([])

    /// The most records in one batch, from the setting `batch_size`.
    public var batchSize: Int { self.settings.batchSize }

    /// Rows go one by one: waiting for more gains nothing.
    public var linger: Duration { .milliseconds(5) }

    /// The kinds whose resource isn't set to `delete: false`.
    public var removableKinds: Set<String> { Set(self.settings.resources.filter(\.isDeletable).map(\.kind)) }

    init(
        system: String, settings: RESTTargetSettings, transport: any HTTPTransport, policy: RetryPolicy, clock: ConnectorClock,
        logger: Logger
    ) {
        var logger = logger
        logger[metadataKey: "system"] = "\(system)"
        self.system = system
        self.settings = settings
        self.transport = transport
        self.logger = logger
        self.client = SS12000Client(
            settings: settings.server, transport: transport, policy: policy, clock: clock, logger: logger)
    }

    /// Makes a connector from a system's settings; nothing is opened and no secret is looked up yet.
    ///
    /// The settings are `connection`, `request_timeout_seconds` and `maximum_reply_mebibytes` as for ``SS12000Connector``, and
    /// `batch_size`, `parallel_calls` and `resources`.
    ///
    /// - Throws: ``SettingsError`` with every problem at once.
    public static func make(
        system: String, settings: JSONValue, logger: Logger
    ) throws(SettingsError) -> RESTTargetConnector {
        try self.make(system: system, settings: settings, clock: .system, policy: RetryPolicy(), logger: logger)
    }

    /// Makes a connector with a clock and patience of its own.
    package static func make(
        system: String, settings: JSONValue, clock: ConnectorClock, policy: RetryPolicy, logger: Logger
    ) throws(SettingsError) -> RESTTargetConnector {
        let settings = try RESTTargetSettings(system: system, settings: settings)
        return RESTTargetConnector(
            system: system, settings: settings, transport: AsyncHTTPTransport(settings.server), policy: policy, clock: clock,
            logger: logger)
    }

    // MARK: Writing

    /// Writes a batch row by row: first what is removed, the last resources first; then what is set, the first resources
    /// first; then once more what conflicted with something that may be settled now.
    ///
    /// - Returns: the records with a row that can't be expressed (`unknown-row-kind`, `unknown-field`,
    ///   `required-field-missing`, `wrong-form`, `unusable-key`), of which nothing was written; and those with a row that the
    ///   system refused (`conflict`, `precondition-failed`, `row-refused`, `not-found`, …), whose rows so far may have been.
    /// - Throws: ``ConnectorFailure`` when the system is away or doesn't let us in. Rows may have been written; the batch
    ///   written again changes nothing of them.
    public func write(_ batch: TargetBatch) async throws -> [RecordKey: ConnectorFailure] {
        var work = RESTBatch(batch, settings: self.settings)
        var calls = CallsAtOnce(most: self.settings.parallelCalls)
        for round in work.rounds {
            try await self.perform(round, &work, &calls)
        }
        let conflicts = work.outcome.takeConflicts()
        try await self.perform(conflicts, &work, &calls, isLast: true)
        self.logger.debug(
            "Wrote a batch",
            metadata: ["batch": "\(batch.id)", "rows": "\(work.outcome.written)", "refused": "\(work.outcome.refused.count)"])
        return work.outcome.refused
    }

    /// Sends the calls of one round, some at a time.
    private func perform(
        _ round: [RESTBatch.Call], _ work: inout RESTBatch, _ calls: inout CallsAtOnce, isLast: Bool = false
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
        _ = try await self.list(first, limit: 1).firstPage()
    }

    func list(_ resource: RESTResource, limit: Int) -> ListReader {
        ListReader(
            client: self.client, path: resource.path, setting: "resources' path of \(resource.kind)", query: [], limit: limit)
    }

    /// Closes every connection; the connector is not used afterwards.
    public func shutdown() async { await self.transport.shutdown() }

    // MARK: Reading back

    /// Reads the lists of all resources. What of a list has other fixed parts than the resource's body is not ours and passed
    /// over, as are elements without a key.
    public func readHeld(_ handle: @Sendable ([TargetRow]) async throws -> Void) async throws {
        for resource in self.settings.resources {
            try await self.list(resource, limit: self.settings.server.pageLimit).forEachPage { page in
                guard let elements = page.data.arrayValue else {
                    throw ConnectorFailure(
                        .malformedReply, code: .wrongShape,
                        message: "\(resource.path), page \(page.number), has data that is no list; check connection.api_path")
                }
                let rows = elements.compactMap { element -> TargetRow? in
                    guard let key = element[resource.keyMember].flatMap(ElementReading.usable),
                        let fields = resource.body.fields(of: element)
                    else { return nil }
                    return TargetRow(kind: resource.kind, key: key, fields: fields)
                }
                if !rows.isEmpty { try await handle(rows) }
            }
        }
    }
}
