/// Something that the probe, or a look at the mappings, has found to be otherwise than it should.
///
/// Values are those of the probe's own synthetic records; nothing of a person is in it.
public struct ProbeFinding: Sendable, Hashable, Codable {
    /// The stretch of the way on which it happened, from the source to what the system shows.
    public enum Hop: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
        /// From the source's document to the record.
        case reading
        /// Kept in the register.
        case register
        /// Outbox, broker, queue, retries.
        case delivery
        /// From the record to the system's row.
        case mapping
        /// From the row to what is sent, and from what is read to the row.
        case connector
        /// What the system made of it.
        case system

        public static func < (left: Hop, right: Hop) -> Bool {
            (Self.allCases.firstIndex(of: left) ?? 0) < (Self.allCases.firstIndex(of: right) ?? 0)
        }
    }

    /// What the probe had done when it was found.
    public enum Phase: String, Sendable, Hashable, Codable, CaseIterable {
        /// Nothing: it stands in the mapping files.
        case files
        case created
        case updated
        case deleted
    }

    /// Of whose way: for a reading the source, otherwise the receiving system.
    public let system: String
    public let hop: Hop
    public let flaw: Flaw
    public let phase: Phase
    /// The kind of row; for a reading the entity.
    public let kind: String
    /// `nil` when it is about the row as a whole.
    public let field: String?
    /// What should have arrived, and what did.
    public let expected: String?
    public let found: String?
    /// Where to look: `file:line` of the rule, the failed message, what it waits for.
    public let place: String?

    public init(
        system: String, hop: Hop, flaw: Flaw, phase: Phase, kind: String, field: String? = nil, expected: String? = nil,
        found: String? = nil, place: String? = nil
    ) {
        self.system = system
        self.hop = hop
        self.flaw = flaw
        self.phase = phase
        self.kind = kind
        self.field = field
        self.expected = expected
        self.found = found
        self.place = place
    }

    private struct Subject: Hashable {
        let system: String
        let kind: String
        let field: String?
        let isReading: Bool
    }

    /// One for each field: the first on its way. What is wrong before is wrong after, and of a row that isn't there every field is
    /// missing. Of several on one stretch the one found first counts.
    public static func first(of findings: [ProbeFinding]) -> [ProbeFinding] {
        var first: [Subject: ProbeFinding] = [:]
        var order: [Subject] = []
        for finding in findings {
            let subject = Subject(
                system: finding.system, kind: finding.kind, field: finding.field, isReading: finding.hop == .reading)
            guard let known = first[subject] else {
                first[subject] = finding
                order.append(subject)
                continue
            }
            if finding.hop < known.hop { first[subject] = finding }
        }
        let missing = Set(first.values.filter { $0.field == nil && $0.flaw == .rowMissing }.map { [$0.system, $0.kind] })
        return order.compactMap { first[$0] }.filter { finding in
            finding.field == nil || !(finding.flaw == .fieldMissing && missing.contains([finding.system, finding.kind]))
        }.sorted { left, right in
            (left.system, left.kind, left.field ?? "", left.hop) < (right.system, right.kind, right.field ?? "", right.hop)
        }
    }
}
