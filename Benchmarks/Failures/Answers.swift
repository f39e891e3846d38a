import Foundation
import Hub
import SchoolRecords

/// What an operator asks for, of a store with very many failures of twenty-five kinds.
struct Answers {
    let store: any HubStore
    let stored: Int

    private static let start = Date(timeIntervalSince1970: 1_787_000_000)

    /// When a failure happened: about four weeks in all.
    private func time(_ number: Int) -> String {
        RFC3339.text(Self.start.addingTimeInterval(Double(number) / Double(self.stored) * 28 * 86_400))
    }

    private func fill() async throws {
        for first in stride(from: 0, to: self.stored, by: 1000) {
            let failures = (first..<min(first + 1000, self.stored)).map { number in
                // Mixed, and not evenly: the first kind has the most.
                let kind = min(number % 25, (number / 25) % 25)
                return NewFailure(
                    stage: .delivery, system: "system-\(kind % 5)", key: RecordKey(.person, "person-\(number)"), sequence: 1,
                    kind: "mapping", code: "code-\(kind)", field: "schoolYear", place: "unikum/person.yaml:33",
                    message: "schoolYear has no code in school_years.csv.", body: Data(repeating: 65, count: 600))
            }
            try await self.store.record(failures, time: self.time(first))
        }
    }

    /// - Returns: how long the slowest answer took, in milliseconds.
    func measure() async throws -> Double {
        let began = ContinuousClock.now
        try await self.fill()
        print("\(self.stored) failures stored in \(ContinuousClock.now - began)")
        let deep = Int64(self.stored * 9 / 10)
        var slowest = 0.0
        func ask(_ name: String, _ body: () async throws -> Int) async throws {
            var times: [Double] = []
            var answers = 0
            for _ in 0..<9 {
                let began = ContinuousClock.now
                answers = try await body()
                times.append((ContinuousClock.now - began) / .milliseconds(1))
            }
            times.sort()
            slowest = max(slowest, times[4])
            let figures = [times[4], times[8]].map { String(format: "%8.1f", $0) }.joined()
            print("\(name.padding(toLength: 46, withPad: " ", startingAt: 0))\(figures) ms   \(answers)")
        }
        func page(_ name: String, _ change: (inout FailureFilter) -> Void) async throws {
            var filter = FailureFilter()
            filter.limit = 100
            change(&filter)
            try await ask("page, " + name) { try await self.store.list(filter).count }
        }
        print("\("".padding(toLength: 46, withPad: " ", startingAt: 0))  median   worst")
        try await ask("groups") { try await self.store.groups(FailureFilter()).count }
        var bySystem = FailureFilter()
        bySystem.system = "system-3"
        try await ask("groups of a system") { try await self.store.groups(bySystem).count }
        var lastDay = FailureFilter()
        lastDay.since = self.time(self.stored * 27 / 28)
        try await ask("groups of the last day") { try await self.store.groups(lastDay).count }
        try await ask("numbers by state") { try await (self.store.counts() as [FailedMessage.State: Int]).count }
        try await page("the first") { _ in }
        try await page("deep") { $0.after = deep }
        try await page("a system") { $0.system = "system-4" }
        try await page("a system, deep") { ($0.system, $0.after) = ("system-4", deep) }
        try await page("a rare code, deep") { ($0.code, $0.after) = ("code-24", deep) }
        try await page("since yesterday") { $0.since = self.time(self.stored * 27 / 28) }
        try await page("half of the time") { ($0.since, $0.until) = (self.time(self.stored / 4), self.time(self.stored * 3 / 4)) }
        try await page("a system and a time, deep") {
            ($0.system, $0.since, $0.after) = ("system-2", self.time(self.stored / 10), deep)
        }
        try await page("a rare code and a time") { ($0.code, $0.until) = ("code-24", self.time(self.stored / 2)) }
        try await page("a record") { $0.record = "person-\(deep)" }
        try await page("several states") { ($0.states, $0.after) = ([.failed, .replaying, .discarded], deep) }
        return slowest
    }
}
