public import Foundation

/// What a system holds, in short: the sum of its rows' digests in each of 65,536 buckets. Where a bucket's sum has changed, a row in
/// it has come, gone or changed.
public struct HeldDigest: Sendable, Hashable {
    static let buckets = 65_536

    private var sums = [UInt64](repeating: 0, count: Self.buckets)

    public init() {}

    /// - Returns: `nil` for data that isn't one.
    public init?(_ data: Data) {
        guard data.count == Self.buckets * 8 else { return nil }
        let bytes = Array(data)
        for bucket in 0..<Self.buckets {
            var sum: UInt64 = 0
            for index in 0..<8 { sum = sum << 8 | UInt64(bytes[bucket * 8 + index]) }
            self.sums[bucket] = sum
        }
    }

    public mutating func add(_ digest: UInt64, inBucket bucket: Int) { self.sums[bucket] &+= digest }

    public var data: Data {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.buckets * 8)
        for sum in self.sums { for index in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: sum >> UInt64(8 * (7 - index)))) } }
        return Data(bytes)
    }

    /// The buckets whose sums differ.
    public func changes(since earlier: HeldDigest) -> Set<Int> {
        Set((0..<Self.buckets).filter { self.sums[$0] != earlier.sums[$0] })
    }
}
