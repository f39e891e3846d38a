/// The inbox of Edlevo's HR import: what waits in it, what was imported, and what its log says. Pure.
///
/// Messages of a person are taken in the order in which they came; one that can't be taken stops all later ones of that person
/// (HR import, 4.4).
public struct PersonnelInbox: Sendable {
    /// Why a message can't be taken.
    public enum Gap: String, Sendable, Hashable {
        case place, title, employmentType
        /// Nobody with the number is in Edlevo or in the population register.
        case person
        /// A placement outside of its employment.
        case dates
    }

    /// What an entry of the log is about: never a value of a person.
    public struct Entry: Sendable, Hashable {
        public let gap: Gap
        /// The code that isn't mapped, where it is one.
        public let code: String?
    }

    /// A placement in a message.
    struct Placement: Sendable, Hashable {
        var info: String?
        var place: String
        var schoolType: String
        var title: String
        var percent: String?
        var signature: String?
        var start: String
        var end: String
    }

    /// An employment in a message.
    struct Employment: Sendable, Hashable {
        var type: String
        var start: String
        var end: String
        var placements: [Placement]
    }

    /// What isn't mapped in Edlevo: ids of places, title codes, types of employment.
    public internal(set) var unmapped: Set<String> = []
    /// Numbers that the population register has; `nil` = it has everybody.
    public internal(set) var population: Set<String>?
    public internal(set) var log: [Entry] = []
    /// Identity number → messages that aren't taken yet, in the order of their coming.
    var waiting: [String: [[Employment]]] = [:]
    /// External employment information → the duty that it is.
    public internal(set) var duties: [String: String] = [:]
    /// Identity number → employments that were imported: each placement's information and last day.
    var ends: [String: [String: String]] = [:]
    /// Persons all of whose roles ended with their last employment, with that day: in the order in which it happened.
    public internal(set) var rolesEnded: [(person: String, day: String)] = []
    var counter = 0

    /// How many persons are stopped.
    public var stopped: Int { self.waiting.count }
}
