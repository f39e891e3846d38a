public import Foundation

/// What a demo came to, as it is written to the report file.
public struct DemoReport: Sendable, Codable, Hashable {
    public var scale: String
    public var seed: UInt64
    /// Records that the source holds at the end, by entity; `children` are pupils and preschool children.
    public var records: [String: Int]
    public var published: Int
    public var delivered: Int
    public var superseded: Int
    public var withheld: Int
    public var failed: Int
    public var replayed: Int
    public var differences: Int
    /// What each system came to, by its name.
    public var systems: [String: SystemOutcome]
    public var absences: AbsenceOutcome
    public var transport: TransportOutcome
    public var breakOffs: BreakOffOutcome
    public var massChange: MassChangeOutcome
    public var termStart: TermStartOutcome
    /// Roles at term start, in a demo of those.
    public var roles: RoleTermStart.Outcome?
    public var seconds: Double
    /// The hub's own memory at most, in MiB; its broker apart.
    public var peakMemoryMiB: Int
    /// Seconds of each chapter.
    public var chapters: [String: Double]

    /// One system at the end.
    public struct SystemOutcome: Sendable, Codable, Hashable {
        /// Rows that it holds as it should.
        public var equal: Int
        public var differences: Int
        /// Records, rows or files written to it in all.
        public var writes: Int
        /// Those written when everything was read again and nothing was new.
        public var needlessWrites: Int

        enum CodingKeys: String, CodingKey {
            case equal, differences, writes
            case needlessWrites = "needless_writes"
        }
    }

    /// Absence reported once, counted in the systems.
    public struct AbsenceOutcome: Sendable, Codable, Hashable {
        /// Those of the day in Skola24, and those that came of them in Tempus.
        public var atSchool = 0
        public var inCare = 0
        /// Those reported in the story, those that came of them, and those left when all were withdrawn.
        public var reported = 0
        public var reportedInCare = 0
        public var left = 0
        /// Whole days reported in Tempus that came to Skola24.
        public var fromCare = 0

        enum CodingKeys: String, CodingKey {
            case reported, left
            case atSchool = "at_school"
            case inCare = "in_care"
            case reportedInCare = "reported_in_care"
            case fromCare = "from_care"
        }
    }

    /// Applications for school transport, counted in the e-service.
    public struct TransportOutcome: Sendable, Codable, Hashable {
        /// Those made, and what came of them at once.
        public var applications = 0
        public var granted = 0
        public var refused = 0
        public var forReview = 0
        /// Those that an official decided, those withdrawn, and the decisions there at the end.
        public var decided = 0
        public var withdrawn = 0
        public var left = 0

        enum CodingKeys: String, CodingKey {
            case applications, granted, refused, decided, withdrawn, left
            case forReview = "for_review"
        }
    }

    /// Studies broken off, counted in the list of the municipality's activity responsibility.
    public struct BreakOffOutcome: Sendable, Codable, Hashable {
        /// Those in the list before, and those who left in the story.
        public var before = 0
        public var left = 0
        /// How many more are in the list then, and when one has begun again.
        public var told = 0
        public var afterReturn = 0

        enum CodingKeys: String, CodingKey {
            case before, left, told
            case afterReturn = "after_return"
        }
    }

    /// An Edlevo that answers with half of its persons, and then with nothing.
    public struct MassChangeOutcome: Sendable, Codable, Hashable {
        /// Persons that the hub has and the reply lacks, counted by hand, and those of the held change.
        public var missing = 0
        public var held = 0
        /// Entities of which nothing came, and for which a change is held.
        public var emptied = 0
        public var heldEmptied = 0
        /// Messages and writes that came of it.
        public var written = 0
        /// Held changes that are left when Edlevo is whole again.
        public var left = 0

        enum CodingKeys: String, CodingKey {
            case missing, held, emptied, written, left
            case heldEmptied = "held_emptied"
        }
    }

    /// A new school year, which is a mass change that somebody approves.
    public struct TermStartOutcome: Sendable, Codable, Hashable {
        /// Pupils who moved up in Edlevo, updates that were held for approval, and writes to Vega when they were approved.
        public var moved = 0
        public var held = 0
        public var written = 0
    }

    enum CodingKeys: String, CodingKey {
        case scale, seed, records, published, delivered, superseded, withheld, failed, replayed, differences, systems, absences,
            transport, seconds, chapters, roles
        case breakOffs = "break_offs"
        case massChange = "mass_change"
        case termStart = "term_start"
        case peakMemoryMiB = "peak_memory_mib"
    }

    /// JSON with sorted names.
    public func json() throws -> Data {
        Data((try ReadableJSON.text(self) + "\n").utf8)
    }
}
