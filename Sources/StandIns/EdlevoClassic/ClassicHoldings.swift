public import Foundation

/// What was written to the classic services and stands in no export of the organisation.
public struct ClassicHoldings: Sendable {
    /// Extra attributes of a person for one service.
    public struct Attributes: Sendable, Hashable {
        public let id: String
        public let person: String
        public let service: String
        /// Element name → texts.
        public var values: [String: [String]]
    }

    /// A bus card.
    public struct BusCard: Sendable, Hashable {
        public var student: String
        public var schoolType: String
        public var start: String
        public var end: String
        public var distance: String?
        public var type: String
        public var number: String

        /// Describes a card; dates are `yyyy-MM-dd`, both belong to it.
        public init(
            student: String, schoolType: String, start: String, end: String, distance: String?, type: String, number: String
        ) {
            self.student = student
            self.schoolType = schoolType
            self.start = start
            self.end = end
            self.distance = distance
            self.type = type
            self.number = number
        }
    }

    /// A placement that the personnel import has in its inbox.
    public struct Employment: Sendable, Hashable {
        public var personID: String
        /// Element path → text, e.g. `placement.place.id`.
        public var fields: [String: String]
    }

    /// An absence that a guardian reported.
    public struct Absence: Sendable, Hashable {
        public let student: String
        public let guardian: String
        public let start: String
        public let stop: String
    }

    /// Totals of a pupil in a subject.
    public struct Total: Sendable, Hashable {
        /// `absence` or `presence`.
        public let kind: String
        public let schoolType: String
        public let student: String
        public let start: String
        public let end: String
        public let code: String
        public let reason: String?
        public let minutes: String
        public let offered: String?
    }

    /// Two persons who were made one.
    public struct Merge: Sendable, Hashable {
        public let remaining: String
        public let vanished: String
        public let at: Date
    }

    public internal(set) var attributes: [Attributes] = []
    public internal(set) var busCards: [BusCard] = []
    /// External employment information → what was imported last, in the order of arrival.
    public internal(set) var employments: [String: Employment] = [:]
    public internal(set) var absences: [Absence] = []
    public internal(set) var totals: [Total] = []
    public internal(set) var aliases: [String: String] = [:]
    public internal(set) var merges: [Merge] = []
    /// Every body that was posted, with its service.
    public internal(set) var posted: [(service: String, body: Data)] = []
    /// Every document that was answered, with its service.
    public internal(set) var answered: [(service: String, body: Data)] = []
    var counter = 0
}
