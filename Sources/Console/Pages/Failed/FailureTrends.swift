import Foundation
import Hub

/// How often groups have failed in the last day, in steps of two hours.
struct FailureTrends: Sendable {
    static let steps = 12
    private static let seconds = 7200.0

    private let begins: Date
    private let hours: [String: [String: Int]]

    init(_ groups: [String], _ desk: ConsoleDesk) async throws {
        let end = (desk.clock.now().timeIntervalSince1970 / 3600).rounded(.down) * 3600 + 3600
        self.begins = Date(timeIntervalSince1970: end - Double(Self.steps) * Self.seconds)
        self.hours = try await desk.store.failuresByHour(of: groups, since: RFC3339.text(self.begins))
    }

    /// The oldest step first.
    func counts(of group: String) -> [Int] {
        var counts = Array(repeating: 0, count: Self.steps)
        for (hour, count) in self.hours[group] ?? [:] {
            guard let date = RFC3339.date("\(hour):00:00Z") else { continue }
            let step = Int(date.timeIntervalSince(self.begins) / Self.seconds)
            if counts.indices.contains(step) { counts[step] += count }
        }
        return counts
    }
}
