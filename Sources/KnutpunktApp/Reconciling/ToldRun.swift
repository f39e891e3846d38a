public import Hub

/// A run as it is told in JSON: as it is kept, with the sums that monitoring asks for.
public struct ToldRun: Sendable, Encodable {
    private let run: ReconcileRun

    public init(_ run: ReconcileRun) { self.run = run }

    private enum Sums: String, CodingKey {
        case agreement, differences, inFlight, repairable, isComplete
    }

    public func encode(to encoder: any Encoder) throws {
        try self.run.encode(to: encoder)
        var sums = encoder.container(keyedBy: Sums.self)
        // Of a part nobody can say how much of it agrees, nor of what wasn't read.
        if self.run.scope.isWhole, self.run.systems.contains(where: { $0.state == .done }) {
            try sums.encode(self.run.agreement, forKey: .agreement)
        }
        try sums.encode(self.run.differences, forKey: .differences)
        try sums.encode(self.run.inFlight, forKey: .inFlight)
        try sums.encode(self.run.repairable, forKey: .repairable)
        try sums.encode(self.run.isComplete, forKey: .isComplete)
    }
}
