public import Foundation
public import Logging
public import SchoolRecords

/// An SS 12000 server in general: ``EdlevoStandIn`` with another ``ServerDialect`` and other entities.
public typealias SS12000StandIn = EdlevoStandIn

extension ServerDialect {
    /// A system that gives and takes records in the shapes of SS 12000:2020, as a system with a closed contract is taken to:
    /// the standard's lists and deleted entities, records put to and deleted at their addresses, subscriptions.
    public static let twoWay: ServerDialect = {
        var dialect = ServerDialect.edlevo
        dialect.apiPath = "/api/v2"
        dialect.tokenPath = "/oauth/token"
        dialect.deletedEntitiesPath = "deletedEntities"
        dialect.isCaseSensitive = true
        dialect.pageSize = 200
        dialect.takesWrites = true
        dialect.hasSubscriptions = true
        return dialect
    }()
}

/// Which of the two-way systems a stand-in is.
public enum TwoWaySystem: String, Sendable, CaseIterable {
    /// Timetable and absence.
    case skola24
    /// Stays in preschool and after-school care.
    case tempus
    /// School transport.
    case vega
    /// Where guardians apply.
    case eservice

    /// What it serves and takes.
    public var entities: [Entity] {
        switch self {
        case .skola24: [.activity, .calendarEvent, .attendance, .absence, .lessonReport, .roleGrant, .accountStatus]
        case .tempus:
            [
                .organisation, .person, .group, .placement, .attendanceSchedule, .attendanceEvent, .absence, .roleGrant,
                .accountStatus,
            ]
        case .vega:
            [
                .organisation, .person, .placement, .transportApplication, .transportEligibility, .transportDecision, .roleGrant,
                .accountStatus,
            ]
        case .eservice: [.transportApplication, .transportDecision]
        }
    }
}

extension EdlevoStandIn {
    /// Makes a stand-in of one of the two-way systems, consistent with an Edlevo stand-in of the same municipality: its
    /// records refer to that one's persons, groups and placements by their ids.
    ///
    /// - Parameters:
    ///   - isEmpty: whether it holds nothing at the start; otherwise what is the system's own, see ``DailyLife``.
    /// - Throws: ``StandInError`` when the municipality can't be read.
    public init(
        _ system: TwoWaySystem, in municipality: SyntheticMunicipality, isEmpty: Bool = false,
        dialect: ServerDialect = .twoWay, clientID: String = "knutpunkt", clientSecret: String = "stand-in-secret",
        clock: @escaping @Sendable () -> Date = { Date() },
        logger: Logger = Logger(label: "standin.ss12000", factory: { _ in SwiftLogNoOpLogHandler() })
    ) throws(StandInError) {
        var records: [Entity: [SyntheticRecord]] = [:]
        let life = isEmpty ? nil : try DailyLife(municipality)
        for entity in system.entities { records[entity] = life?.records(of: entity, in: system) ?? [] }
        self.init(
            records: records, of: municipality, dialect: dialect, clientID: clientID, clientSecret: clientSecret, clock: clock,
            logger: logger)
    }
}
