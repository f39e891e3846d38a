public import Foundation
public import Logging
import SchoolRecords
public import ServiceLifecycle

/// A stand-in for an Open ePlatform: cases are listed and read over the instance API, with HTTP Basic, as XML in ISO 8859-1. What a list's
/// `fromDate` and `toDate` are about isn't documented: here it is the day on which a case was submitted.
public actor OpenEPlatformStandIn: Service {
    /// How documents are written; all have been seen.
    public enum Form: Sendable, Hashable, CaseIterable {
        /// A declaration, ISO 8859-1, a name space for a case.
        case declared
        /// Neither declaration nor name space, UTF-8.
        case bare
        /// Neither declaration nor name space, ISO 8859-1.
        case undeclared
    }

    public nonisolated let user: String
    public nonisolated let password: String
    nonisolated let form: Form
    nonisolated let clock: @Sendable () -> Date
    nonisolated let server: StandInServer

    var held: [Int: PlatformCase] = [:]
    private var last = 165_475
    var faults = OpenEPlatformFaults()
    var documentsServed = 0
    var requestsServed = 0
    var log = RequestLog()
    /// E-services that there are, by `FamilyID`; others are 404.
    var families: Set<String>

    public init(
        families: Set<String> = ["136", "140"], form: Form = .declared, user: String = "hub",
        password: String = "stand-in-password",
        clock: @escaping @Sendable () -> Date = { Date() },
        logger: Logger = Logger(label: "standin.openeplatform", factory: { _ in SwiftLogNoOpLogHandler() })
    ) {
        self.families = families
        self.form = form
        self.user = user
        self.password = password
        self.clock = clock
        self.server = StandInServer(name: "Open ePlatform", logger: logger)
    }

    // MARK: Running

    /// Serves until it is cancelled or shut down.
    ///
    /// - Throws: ``StandInError`` when the port can't be bound.
    public func run() async throws {
        try await self.server.run { request, context in await self.respond(to: request, in: context) }
    }

    /// `http://127.0.0.1:<port>`, once it listens; the same through outages.
    ///
    /// - Throws: ``StandInError`` when it has ended; `CancellationError`.
    public func serverURL() async throws -> String {
        try await self.server.waitUntilStarted()
        return try self.server.url
    }

    /// Sets how it misbehaves, and returns when it does.
    public func setFaults(_ faults: OpenEPlatformFaults) async throws {
        self.faults = faults
        self.documentsServed = 0
        self.requestsServed = 0
        try await self.server.refuse(faults.outage == .refusing)
    }

    /// What was asked so far.
    public var requests: RequestLog { self.log }

    // MARK: Cases

    /// All cases, by number.
    public var cases: [Int: PlatformCase] { self.held }

    /// Somebody applies.
    ///
    /// - Returns: the case's number.
    @discardableResult
    public func apply(
        _ application: TransportForm, family: String = "136", status: String = "Inskickat", daysAgo: Int = 0
    ) -> Int {
        self.last += 1
        let submitted = self.clock().addingTimeInterval(Double(-daysAgo) * 86_400 - 60)
        self.held[self.last] = PlatformCase(
            number: self.last, family: family, status: status, submitted: submitted, updated: submitted,
            poster: [PlatformElement("Lastname", application.familyName), PlatformElement("ID", "18995")],
            values: application.values)
        return self.last
    }

    /// Applies for some pupils of a municipality who aren't protected, at the school of their class.
    ///
    /// - Parameter schools: the form's name of a school unit or school, by its id; who goes elsewhere doesn't apply.
    /// - Returns: the cases' numbers, by the pupil's id.
    /// - Throws: ``StandInError`` when the municipality can't be read.
    @discardableResult
    public func apply(
        forPupilsOf register: EdlevoStandIn, schools: [String: String], startDate: String, most: Int
    ) async throws -> [String: Int] {
        var cases: [String: Int] = [:]
        for (id, person) in try await register.truth(.person).sorted(by: { $0.key < $1.key }) where cases.count < most {
            guard !SecurityMarking(json: person["securityMarking"]).isProtected,
                let number = person["civicNo"]?["value"]?.stringValue,
                let school = (person["enrolments"]?.arrayValue ?? []).lazy.compactMap({
                    $0["enroledAt"]?["id"]?.stringValue.flatMap { schools[$0] }
                }).first
            else { continue }
            var form = TransportForm(number: number, school: school, startDate: startDate)
            form.givenName = person["givenName"]?.stringValue ?? ""
            form.familyName = person["familyName"]?.stringValue ?? ""
            form.reasons = ["Lång färdväg"]
            cases[id] = self.apply(form)
        }
        return cases
    }

    /// What a form says is changed, as when it is completed.
    public func change(_ number: Int, to application: TransportForm) {
        self.held[number]?.values = application.values
        self.held[number]?.updated = self.now()
    }

    /// An official moves a case. Whether its time of change moves with it isn't documented: here it doesn't.
    public func move(_ number: Int, to status: String) { self.held[number]?.status = status }

    public func delete(_ number: Int) { self.held[number] = nil }

    func now() -> Date { self.clock() + self.faults.clockSkew }
}

/// Runs a stand-in for as long as `body` runs; it listens when `body` begins.
public func withOpenEPlatformStandIn<Result: Sendable>(
    _ standIn: OpenEPlatformStandIn, _ body: (OpenEPlatformStandIn) async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await standIn.run() }
        defer { group.cancelAll() }
        _ = try await standIn.serverURL()
        return try await body(standIn)
    }
}
