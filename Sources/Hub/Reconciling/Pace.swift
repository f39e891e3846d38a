import Foundation

/// Holds back who would ask a system too often.
actor Pace {
    private let interval: Double?
    private let clock: HubClock
    private var last: Date?

    /// - Parameter perSecond: how often at most; `nil` when nothing holds back.
    init(perSecond: Double?, clock: HubClock) {
        self.interval = perSecond.map { 1 / $0 }
        self.clock = clock
    }

    /// Returns when it is time for the next.
    func wait() async throws {
        guard let interval = self.interval else { return }
        let now = self.clock.now()
        if let last = self.last {
            let rest = interval - now.timeIntervalSince(last)
            if rest > 0 { try await self.clock.sleep(.milliseconds(Int(rest * 1000))) }
        }
        self.last = self.clock.now()
    }
}
