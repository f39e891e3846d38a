import ConnectorKit
import Foundation

/// The windows in which Edlevo tells changes (Organization API v12, 9.2; Person API v6, 4.12): at least 5 minutes and at most
/// 24 hours long, ended 5 minutes ago, begun at most 30 days ago. Pure; all by Edlevo's clock.
struct ClassicWindows: Sendable, Hashable {
    struct Window: Sendable, Hashable {
        let start: WallClock
        let end: WallClock

        var parameters: ClassicClient.Parameters { [("StartDate", self.start.text), ("EndDate", self.end.text)] }
    }

    let windows: [Window]

    static let least = 300
    static let most = 86_400
    static let age = 300
    static let oldest = 30 * 86_400

    /// The last moment that can be asked about.
    static func end(now: WallClock) -> WallClock { now - Self.age }

    /// The windows from a moment up to the last that can be asked about, one after the other; none when nothing can be asked
    /// about yet.
    ///
    /// - Returns: `nil` when the moment is too long ago.
    init?(since: WallClock, now: WallClock) {
        let end = Self.end(now: now)
        var start = min(since, end - Self.least)
        // A little room for the time until the call arrives.
        guard now.seconds - start.seconds <= Self.oldest - 600 else { return nil }
        var windows: [Window] = []
        while end.seconds - start.seconds > Self.most {
            // The last window must not be too short.
            let length = end.seconds - start.seconds < Self.most + Self.least ? Self.most / 2 : Self.most
            windows.append(Window(start: start, end: start + length))
            start = start + length
        }
        windows.append(Window(start: start, end: end))
        self.windows = windows
    }

    /// How far before the last known moment is asked again: transactions don't end in the order of their times. When the clock
    /// was set back in between, an hour had the same times twice.
    static func overlap(since: WallClock, now: Date) -> Int {
        let zone = TimeZone(identifier: "Europe/Stockholm") ?? .gmt
        let before = zone.secondsFromGMT(for: since.date - 7200)
        return zone.secondsFromGMT(for: now) < before ? 3900 : 300
    }
}
