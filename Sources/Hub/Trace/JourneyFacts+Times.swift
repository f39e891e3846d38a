import Foundation

/// Steps in the order of their times.
extension JourneyFacts {
    /// Two courses of events as one, each in its order: a step without a time stays behind the one before it.
    static func merged(_ first: [JourneyStep], _ second: [JourneyStep]) -> [JourneyStep] {
        func placed(_ steps: [JourneyStep]) -> [(time: String, step: JourneyStep)] {
            var time = ""
            return steps.map { step in
                time = step.time ?? time
                return (time, step)
            }
        }
        var (left, right) = (placed(first)[...], placed(second)[...])
        var merged: [JourneyStep] = []
        while let a = left.first, let b = right.first {
            if a.time <= b.time { merged.append(left.removeFirst().step) } else { merged.append(right.removeFirst().step) }
        }
        return merged + left.map(\.step) + right.map(\.step)
    }

    static func timed(_ steps: [JourneyStep], since start: String?) -> [JourneyStep] {
        var last = start
        return steps.map { step in
            var step = step
            if let time = step.time {
                // What befell an earlier state lies before the beginning.
                step.milliseconds = last.flatMap { $0 <= time ? Self.milliseconds(from: $0, to: time) : nil }
                last = max(last ?? time, time)
            }
            return step
        }
    }

    static func milliseconds(from start: String, to end: String) -> Int? {
        guard let start = RFC3339.date(start), let end = RFC3339.date(end) else { return nil }
        return Int((end.timeIntervalSince(start) * 1000).rounded())
    }
}
