public import CoreMetrics
import Synchronization

/// Keeps the program's metrics and writes them in Prometheus' text format 0.0.4. Installed once, as the program starts.
///
/// Counters end in `_total`, gauges show their last value, timers are histograms in seconds. A metric with other labels is another
/// series. Nothing is ever forgotten, so labels must have few values: systems, entities, kinds.
public final class PrometheusMetrics: MetricsFactory {
    struct Key: Hashable {
        let label: String
        let dimensions: [Pair]
    }

    struct Pair: Hashable {
        let name: String
        let value: String
    }

    private struct Registry {
        var counters: [Key: PrometheusCounter] = [:]
        var gauges: [Key: PrometheusGauge] = [:]
        var timers: [Key: PrometheusTimer] = [:]
    }

    private let registry = Mutex(Registry())

    public init() {}

    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        let key = Self.key(label, dimensions)
        return self.registry.withLock { registry in
            if let known = registry.counters[key] { return known }
            let counter = PrometheusCounter()
            registry.counters[key] = counter
            return counter
        }
    }

    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        let key = Self.key(label, dimensions)
        return self.registry.withLock { registry in
            if let known = registry.gauges[key] { return known }
            let gauge = PrometheusGauge()
            registry.gauges[key] = gauge
            return gauge
        }
    }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        let key = Self.key(label, dimensions)
        return self.registry.withLock { registry in
            if let known = registry.timers[key] { return known }
            let timer = PrometheusTimer()
            registry.timers[key] = timer
            return timer
        }
    }

    public func destroyCounter(_ handler: any CounterHandler) {}
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    public func destroyTimer(_ handler: any TimerHandler) {}

    private static func key(_ label: String, _ dimensions: [(String, String)]) -> Key {
        Key(label: label, dimensions: dimensions.map { Pair(name: $0.0, value: $0.1) }.sorted { $0.name < $1.name })
    }

    /// All metrics, by name and labels.
    public var text: String {
        let registry = self.registry.withLock { $0 }
        var families: [String: (type: String, lines: [String])] = [:]
        func add(_ key: Key, _ type: String, _ lines: [String]) {
            families[Self.name(key.label), default: (type, [])].lines += lines
        }
        for (key, counter) in Self.sorted(registry.counters) {
            add(key, "counter", ["\(Self.series(key)) \(counter.value)"])
        }
        for (key, gauge) in Self.sorted(registry.gauges) {
            add(key, "gauge", ["\(Self.series(key)) \(Self.number(gauge.value))"])
        }
        for (key, timer) in Self.sorted(registry.timers) {
            let seen = timer.value
            var lines: [String] = []
            var sum = 0
            for (bound, count) in zip(PrometheusTimer.bounds.map(Self.number) + ["+Inf"], seen.buckets) {
                sum += count
                lines.append("\(Self.series(key, suffix: "_bucket", extra: Pair(name: "le", value: bound))) \(sum)")
            }
            lines.append("\(Self.series(key, suffix: "_sum")) \(Self.number(seen.sum))")
            lines.append("\(Self.series(key, suffix: "_count")) \(sum)")
            add(key, "histogram", lines)
        }
        return families.sorted { $0.key < $1.key }
            .map { "# TYPE \($0.key) \($0.value.type)\n" + $0.value.lines.joined(separator: "\n") + "\n" }.joined()
    }

    private static func sorted<Value>(_ metrics: [Key: Value]) -> [(key: Key, value: Value)] {
        metrics.sorted { self.series($0.key) < self.series($1.key) }
    }

    private static func series(_ key: Key, suffix: String = "", extra: Pair? = nil) -> String {
        let labels = (key.dimensions + (extra.map { [$0] } ?? [])).map { pair in
            let value = pair.value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
            return "\(self.name(pair.name))=\"\(value)\""
        }
        return self.name(key.label) + suffix + (labels.isEmpty ? "" : "{\(labels.joined(separator: ","))}")
    }

    /// Letters, digits and underscores; a digit isn't first.
    private static func name(_ text: String) -> String {
        let name = String(
            text.unicodeScalars.map {
                $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0)) ? Character($0) : "_"
            })
        return name.first?.isNumber == true ? "_" + name : name
    }

    private static func number(_ value: Double) -> String {
        value.rounded() == value && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }
}

final class PrometheusCounter: CounterHandler {
    private let state = Mutex<Int64>(0)

    var value: Int64 { self.state.withLock { $0 } }

    func increment(by amount: Int64) { self.state.withLock { $0 &+= amount } }

    func reset() { self.state.withLock { $0 = 0 } }
}

final class PrometheusGauge: RecorderHandler {
    private let state = Mutex(0.0)

    var value: Double { self.state.withLock { $0 } }

    func record(_ value: Int64) { self.record(Double(value)) }

    func record(_ value: Double) { self.state.withLock { $0 = value } }
}

final class PrometheusTimer: TimerHandler {
    struct Seen {
        var buckets = [Int](repeating: 0, count: PrometheusTimer.bounds.count + 1)
        var sum = 0.0
    }

    /// Upper bounds in seconds: from what is at once to what is an outage.
    static let bounds = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600, 3600]

    private let state = Mutex(Seen())

    var value: Seen { self.state.withLock { $0 } }

    func recordNanoseconds(_ duration: Int64) {
        let seconds = Double(duration) / 1e9
        self.state.withLock { seen in
            seen.buckets[Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count] += 1
            seen.sum += seconds
        }
    }
}
