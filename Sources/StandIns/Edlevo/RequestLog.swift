import SchoolRecords

/// What was asked of a stand-in: how often, never with which values.
public struct RequestLog: Sendable, Hashable {
    /// A kind of request.
    public struct Line: Sendable, Hashable {
        /// `GET` or `POST`.
        public let method: String
        /// `token`, `persons`, `persons/{id}`, `persons/lookup`, `deletedentities`, … or `?` for no path of ours.
        public let path: String
        /// The names of the query parameters in lower case, sorted.
        public let parameters: [String]
        /// The status of the answer.
        public let status: Int
    }

    /// How often each kind was asked.
    public private(set) var counts: [Line: Int] = [:]

    /// Traces (W3C) that the latest requests carried, by what kind of request: 32 digits each.
    public private(set) var traces: [(line: Line, trace: String)] = []
    private static let mostTraces = 1000

    mutating func note(_ line: Line, traceparent: String? = nil) {
        self.counts[line, default: 0] += 1
        guard let trace = traceparent.flatMap({ TraceContext($0) })?.traceID else { return }
        if self.traces.count >= Self.mostTraces { self.traces.removeFirst(Self.mostTraces / 2) }
        self.traces.append((line, trace))
    }

    /// Whether requests to write, or others, carried a trace.
    public func carried(_ trace: String, writes: Bool) -> Bool {
        self.traces.contains { $0.trace == trace && (["PUT", "POST", "DELETE"].contains($0.line.method) == writes) }
    }

    public static func == (left: RequestLog, right: RequestLog) -> Bool { left.counts == right.counts }

    public func hash(into hasher: inout Hasher) { hasher.combine(self.counts) }

    /// All requests, those for tokens among them.
    public var total: Int { self.counts.values.reduce(0, +) }

    /// Records put, posted and deleted, whatever the answer was.
    public var writes: Int {
        self.counts.reduce(0) { sum, entry in
            let isWrite =
                ["PUT", "POST", "DELETE"].contains(entry.key.method) && entry.key.path != "token"
                && !entry.key.path.hasPrefix("subscriptions") && !entry.key.path.hasSuffix("/lookup")
            return isWrite ? sum + entry.value : sum
        }
    }

    /// How many requests fit; what is left out fits all.
    public func count(path: String? = nil, parameter: String? = nil, status: Int? = nil) -> Int {
        self.counts.reduce(0) { sum, entry in
            let fits =
                (path.map { $0 == entry.key.path } ?? true)
                && (parameter.map { entry.key.parameters.contains($0.lowercased()) } ?? true)
                && (status.map { $0 == entry.key.status } ?? true)
            return fits ? sum + entry.value : sum
        }
    }
}
