import Foundation
import Hub

/// Makes ids of messages: UUIDs of version 7 (RFC 9562), which begin with the time. They are found by an index, and ids that
/// grow are cheap to add to one; random ones would touch all of it.
struct EventIDs: Sendable {
    private let milliseconds: UInt64

    /// - Parameter time: RFC 3339; what can't be read counts as 1970.
    init(at time: String) {
        self.milliseconds = UInt64(max(0, (RFC3339.date(time)?.timeIntervalSince1970 ?? 0) * 1000))
    }

    func next() -> String {
        let (random, tail) = (UInt16.random(in: 0 ... .max), UInt64.random(in: 0 ... .max))
        func byte(_ value: UInt64, _ index: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: value >> (index * 8)) }
        let time = self.milliseconds
        return UUID(
            uuid: (
                byte(time, 5), byte(time, 4), byte(time, 3), byte(time, 2), byte(time, 1), byte(time, 0),
                0x70 | UInt8(truncatingIfNeeded: random >> 12), UInt8(truncatingIfNeeded: random), 0x80 | (byte(tail, 7) & 0x3F),
                byte(tail, 6), byte(tail, 5), byte(tail, 4), byte(tail, 3), byte(tail, 2), byte(tail, 1), byte(tail, 0)
            )
        ).uuidString.lowercased()
    }
}
