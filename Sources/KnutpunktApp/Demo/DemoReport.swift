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
    public var seconds: Double
    /// The hub's own memory at most, in MiB; its broker apart.
    public var peakMemoryMiB: Int
    /// Seconds of each chapter.
    public var chapters: [String: Double]

    enum CodingKeys: String, CodingKey {
        case scale, seed, records, published, delivered, superseded, withheld, failed, replayed, differences, seconds, chapters
        case peakMemoryMiB = "peak_memory_mib"
    }

    /// JSON with sorted names.
    public func json() throws -> Data {
        Data((try ReadableJSON.text(self) + "\n").utf8)
    }
}
