import Foundation
import Synchronization

/// Slows down who guesses passwords: after some tries each next one has to wait longer, up to a few minutes, never for good.
///
/// Tries are counted by account and address together, by address and by account. A browser in which the person has signed in
/// before is counted by itself alone: nobody else can shut its person out. In memory, and bounded: a restart of the hub is no way
/// to guess faster.
final class SignInThrottle: Sendable {
    /// What tries are counted by.
    enum Key: Hashable, Sendable {
        case accountAndAddress(String, String)
        case address(String)
        case account(String)
        /// A browser that the person has signed in with before.
        case browser(String)

        /// How many tries are free, and the longest wait in seconds.
        var rule: (free: Int, most: Double) {
            switch self {
            case .accountAndAddress: (3, 300)
            case .address: (30, 300)
            case .account: (10, 30)
            case .browser: (5, 300)
            }
        }
    }

    private struct Tries {
        var count = 0
        var last: Double
    }

    /// A try is forgotten after so many seconds without another.
    static let memory: Double = 3600
    static let mostKeys = 20_000

    private let tries = Mutex<[Key: Tries]>([:])

    init() {}

    /// Lets a try begin, and counts it as one that fails until ``succeeded(_:)`` says otherwise: many at once are no way around.
    ///
    /// - Parameter now: seconds of some clock that only goes forward.
    /// - Returns: how long to wait; `nil` when the try may be made.
    func begin(_ keys: [Key], now: Double) -> Double? {
        self.tries.withLock { tries in
            let waits = keys.compactMap { key in tries[key].flatMap { Self.wait(key, $0, now) } }
            if let longest = waits.max() { return longest }
            for key in keys {
                var counted = tries[key].flatMap { now - $0.last < Self.memory ? $0 : nil } ?? Tries(last: now)
                counted.count += 1
                counted.last = now
                tries[key] = counted
            }
            if tries.count > Self.mostKeys { Self.shrink(&tries, now) }
            return nil
        }
    }

    /// Takes back that a try was counted: it was right, or wasn't judged at all.
    func succeeded(_ keys: [Key]) {
        self.tries.withLock { tries in
            for key in keys {
                switch key {
                // Who knows one password mustn't wipe out what they try at others.
                case .address, .account: tries[key]?.count -= 1
                case .accountAndAddress, .browser: tries[key] = nil
                }
            }
        }
    }

    /// How many tries a key has had, for whoever wants to be told.
    func count(_ key: Key) -> Int { self.tries.withLock { $0[key]?.count ?? 0 } }

    private static func wait(_ key: Key, _ tries: Tries, _ now: Double) -> Double? {
        guard tries.count >= key.rule.free else { return nil }
        let delay = min(key.rule.most, Double(1 << min(20, tries.count - key.rule.free)))
        let left = tries.last + delay - now
        return left > 0 ? left : nil
    }

    /// Forgets what is over; and when that is too little, whoever has tried least.
    private static func shrink(_ tries: inout [Key: Tries], _ now: Double) {
        tries = tries.filter { now - $0.value.last < Self.memory }
        guard tries.count > Self.mostKeys else { return }
        let least = tries.sorted { ($0.value.count, $0.value.last) < ($1.value.count, $1.value.last) }
        for (key, _) in least.prefix(Self.mostKeys / 4) { tries[key] = nil }
    }
}
