public import ConnectorKit
import Foundation
public import Logging
public import SchoolRecords

/// Writes to Edlevo's classic services: contact details, principal names, bus cards and employments, absences that guardians
/// report, totals of absence and presence. See ``make(system:settings:logger:)``.
///
/// Each row is a call of its own; rows of one person are written in their order. Where a repeated call would double something, or
/// where Edlevo says nothing when it takes nothing, what is there is looked at before and after. Values of persons and licence
/// keys stand in no message and no log line.
public final class EdlevoClassicTarget: TargetConnector {
    public let system: String
    let settings: ClassicTargetSettings
    let client: ClassicClient
    let clock: ConnectorClock
    private let transport: any HTTPTransport
    private let logger: Logger

    /// The most records in one batch, from the setting `batch_size`.
    public var batchSize: Int { self.settings.batchSize }

    /// Only extra attributes can be deleted over these services.
    public var removableKinds: Set<String> { [ClassicRowKind.eppn.rawValue] }

    init(
        system: String, settings: ClassicTargetSettings, transport: any HTTPTransport, policy: RetryPolicy, clock: ConnectorClock,
        logger: Logger
    ) {
        var logger = logger
        logger[metadataKey: "system"] = "\(system)"
        self.system = system
        self.settings = settings
        self.transport = transport
        self.clock = clock
        self.logger = logger
        self.client = ClassicClient(
            server: settings.server, transport: transport, policy: policy, clock: clock, logger: logger)
    }

    /// Makes a connector from a system's settings; nothing is opened and no key is looked up yet.
    ///
    /// The rows and their fields: `contact` (person; emailhome, emailworkschool, emailworkschool2, phone, mobile, work), `eppn`
    /// (person, eppn), `buscard` (student, personid, schooltype, start, end, distance, type, number), `employment`, `absence`
    /// (student, guardian, schooltype, start, stop), `absence_total` (student, schooltype, kind, minutes, offered, start, end, code,
    /// reason).
    ///
    /// - Throws: ``SettingsError`` with every problem at once.
    public static func make(
        system: String, settings: JSONValue, logger: Logger
    ) throws(SettingsError) -> EdlevoClassicTarget {
        try self.make(system: system, settings: settings, clock: .system, policy: RetryPolicy(), logger: logger)
    }

    /// Makes a connector with a clock and patience of its own.
    package static func make(
        system: String, settings: JSONValue, clock: ConnectorClock, policy: RetryPolicy, logger: Logger
    ) throws(SettingsError) -> EdlevoClassicTarget {
        let settings = try ClassicTargetSettings(system: system, settings: settings)
        return EdlevoClassicTarget(
            system: system, settings: settings, transport: AsyncHTTPTransport(settings.server), policy: policy, clock: clock,
            logger: logger)
    }

    // MARK: Writing

    /// Writes a batch row by row: what is removed first, principal names last.
    ///
    /// - Returns: the records with a row that can't be expressed (`unknown-row-kind`, `unknown-field`, `required-field-missing`,
    ///   `wrong-form`), of which nothing was written; and those with a row that Edlevo didn't take (`row-refused`,
    ///   `several-bus-cards`, `bus-card-not-taken`, `person-not-found`, `reply-lost`), whose other rows may have been.
    /// - Throws: ``ConnectorFailure`` when the system is away or doesn't let us in. Rows may have been written; the batch written
    ///   again doubles nothing of them.
    public func write(_ batch: TargetBatch) async throws -> [RecordKey: ConnectorFailure] {
        var work = ClassicBatch(
            batch, today: CalendarDate(WallClock(self.clock.now()).text.prefix(10)) ?? CalendarDate(daysSinceEpoch: 0))
        var calls = CallsAtOnce(most: self.settings.parallelCalls)
        for phase in work.phases {
            try await calls.perform(phase, where: { _ in true }) { ofOnePerson in
                var answers: [(ClassicBatch.Call, RowAnswer)] = []
                for call in ofOnePerson {
                    let answer = try await TraceContext.$current.withValue(call.trace) { try await self.send(call) }
                    answers.append((call, answer))
                }
                return answers
            } _: { answers in
                for (call, answer) in answers {
                    try await calls.heed(answer, self.probe)
                    work.settle(call, answer)
                }
            }
        }
        self.logger.debug(
            "Wrote a batch", metadata: ["batch": "\(batch.id)", "rows": "\(work.written)", "refused": "\(work.refused.count)"])
        return work.refused
    }

    /// Asks for the person with an id that nobody has.
    public func probe() async throws {
        let nobody: ClassicClient.Parameters = [("PersonId", ClassicBody.id("00000000-0000-4000-8000-000000000000"))]
        let service = ClassicService(.person, "GetPersonInfo")
        let reply = try await self.whole { try await self.client.send(.get, service, nobody) }
        // That there is nobody is an answer too.
        if reply.status == 404, reply.contentType == "text/html" { throw self.client.refusal(reply, service) }
    }

    /// A reply that ends before its end is asked for again.
    func whole(_ send: () async throws -> HTTPReply) async throws -> HTTPReply {
        do {
            return try await send()
        } catch is CutShort {
            do {
                return try await send()
            } catch is CutShort {
                throw TransportError.cutShort.failure(
                    of: CallTarget(name: self.system, setting: "connection.base_url", url: self.settings.server.baseURL))
            }
        }
    }

    /// Closes every connection; the connector is not used afterwards.
    public func shutdown() async { await self.transport.shutdown() }
}
