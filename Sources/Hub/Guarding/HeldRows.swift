import ConnectorKit
import SchoolRecords

/// Puts together a held change of rows in a receiving system.
struct HeldRows {
    private let system: String
    private let subject: String
    private let key: HubKey
    private var earlier: HeldChange?
    private var known: Set<UInt64> = []
    private var counts = PartedCounts()
    private var findings = FieldFindings()
    private var earlierSamples: [HeldSample] = []

    init(_ system: String, _ subject: String, key: HubKey) {
        self.system = system
        self.subject = subject
        self.key = key
    }

    /// Goes on from a set that waits.
    mutating func add(_ open: HeldChange, marks: [UInt64], samples: [HeldSample]) {
        self.earlier = open
        self.known.formUnion(marks)
        self.earlierSamples = samples
        for kind in open.kinds {
            let counts = ChangeCounts(creates: kind.creates, updates: kind.updates, deletes: kind.deletes)
            for change in ChangeKind.allCases where counts[change] > 0 {
                self.counts.add(change, part: kind.kind, counts[change])
            }
        }
    }

    mutating func add(_ effects: [RowEffect]) {
        for effect in effects where self.known.insert(effect.mark(self.key)).inserted {
            self.counts.add(effect.change, part: effect.kind)
            self.findings.add(
                effect.change, effect.record, part: effect.kind, before: Self.fields(effect.before),
                after: Self.fields(effect.after))
        }
    }

    private static func fields(_ row: TargetRow?) -> [String: String] {
        guard let row else { return [:] }
        return Dictionary(row.fields.map { ($0.key, "\($0.value)") }, uniquingKeysWith: { first, _ in first })
    }

    var marks: [UInt64] { self.known.sorted() }

    var isEmpty: Bool { self.known.isEmpty }

    var total: PartedCounts { self.counts }

    var samples: [HeldSample] {
        var taken: [ChangeKind: Int] = [:]
        return (self.earlierSamples + self.findings.samples).filter { sample in
            taken[sample.change, default: 0] += 1
            return taken[sample.change, default: 0] <= FieldFindings.perKind
        }
    }

    /// - Parameters:
    ///   - excess: what is too much, by kind of row.
    ///   - living: rows there are, by kind.
    func change(
        excess: [String: [ChangeExcess]], living: [String: Int], hints: [SetHint] = [], time: String
    ) -> HeldChange {
        let kinds = self.counts.parts.sorted { $0.key < $1.key }.map { kind, counts in
            HeldKind(
                kind: kind, living: living[kind] ?? 0, creates: counts.creates, updates: counts.updates, deletes: counts.deletes,
                excess: excess[kind] ?? self.earlier?.kinds.first { $0.kind == kind }?.excess ?? [])
        }
        return HeldChange(
            id: ChangeSet.id(self.system, self.subject, marks: self.marks, key: self.key), direction: .target,
            system: self.system, entity: self.subject, mode: Intake.Mode.changes.rawValue,
            living: living.values.reduce(0, +), counts: self.counts.total, excess: [], kinds: kinds, hints: hints,
            findings: FieldFinding.joined(self.earlier?.findings ?? [], self.findings.findings), time: time)
    }
}

extension FieldFinding {
    /// What two parts of one set have to say together.
    static func joined(_ first: [FieldFinding], _ second: [FieldFinding]) -> [FieldFinding] {
        guard let left = first.first, let right = second.first else { return first + second }
        var all = Dictionary(first.map { ($0.field, $0) }, uniquingKeysWith: { first, _ in first })
        for finding in second {
            guard let known = all[finding.field] else {
                all[finding.field] = finding
                continue
            }
            let isSame = known.hint == finding.hint
            all[finding.field] = FieldFinding(
                field: finding.field, count: known.count + finding.count, of: 0, hint: isSame ? known.hint : nil,
                hintCount: isSame ? known.hintCount + finding.hintCount : 0)
        }
        let of = left.of + right.of
        return all.values.map {
            FieldFinding(field: $0.field, count: $0.count, of: of, hint: $0.hint, hintCount: $0.hintCount)
        }.sorted { ($1.count, $0.field) < ($0.count, $1.field) }
    }
}
