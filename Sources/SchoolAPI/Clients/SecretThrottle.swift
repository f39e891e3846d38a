import Foundation

/// Slows down who tries secrets: after a few wrong ones from an address for a client, that address waits.
actor SecretThrottle {
    private struct Entry {
        var failures = 0
        var until = Date.distantPast
        var last = Date.distantPast
    }

    private static let free = 5
    private static let longest = 900.0
    private static let mostEntries = 10_000

    private var entries: [String: Entry] = [:]

    /// Seconds to wait before the next try; 0 for none.
    func wait(_ address: String, _ client: String, now: Date) -> Int {
        guard let entry = self.entries[Self.key(address, client)] else { return 0 }
        return max(0, Int(entry.until.timeIntervalSince(now).rounded(.up)))
    }

    func note(_ address: String, _ client: String, isRight: Bool, now: Date) {
        let key = Self.key(address, client)
        guard !isRight else {
            self.entries[key] = nil
            return
        }
        var entry = self.entries[key] ?? Entry()
        if now.timeIntervalSince(entry.last) > Self.longest { entry.failures = 0 }
        entry.failures += 1
        entry.last = now
        if entry.failures >= Self.free {
            entry.until = now.addingTimeInterval(min(Self.longest, pow(2, Double(min(20, entry.failures - Self.free)))))
        }
        self.entries[key] = entry
        if self.entries.count > Self.mostEntries {
            self.entries = self.entries.filter { now.timeIntervalSince($0.value.last) <= Self.longest }
            // Whoever tries from so many addresses at once makes room for himself only by the oldest.
            while self.entries.count > Self.mostEntries, let oldest = self.entries.min(by: { $0.value.last < $1.value.last }) {
                self.entries[oldest.key] = nil
            }
        }
    }

    /// A name that nobody has is cut, so that it takes no room.
    private static func key(_ address: String, _ client: String) -> String { "\(address) \(client.prefix(64))" }
}
