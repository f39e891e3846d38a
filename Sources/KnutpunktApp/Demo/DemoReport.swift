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

    enum CodingKeys: String, CodingKey {
        case scale, seed, records, published, delivered, superseded, withheld, failed, replayed, differences, systems, absences,
            seconds, chapters
        case peakMemoryMiB = "peak_memory_mib"
    }

    /// JSON with sorted names.
    public func json() throws -> Data {
        Data((try ReadableJSON.text(self) + "\n").utf8)
    }
}
