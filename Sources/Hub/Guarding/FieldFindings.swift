import SchoolRecords

/// Gathers what a set of changes does to fields, and some of the changes to look at.
struct FieldFindings {
    private struct Field {
        var count = 0
        var hints: [ValueHint: Int] = [:]
        /// The first value after the change, and whether all have had it; what was the same before says nothing.
        var only: String?
        var isSame = true
        var before: Set<String> = []
    }

    private var fields: [String: Field] = [:]
    private var updates = 0
    private(set) var samples: [HeldSample] = []
    private var sampled: [ChangeKind: Int] = [:]

    static let perKind = 8

    /// A change of a record with what it was and what it would be.
    mutating func add(_ kind: ChangeKind, _ key: RecordKey, part: String? = nil, before: JSONValue?, after: JSONValue?) {
        self.add(kind, key, part: part, before: FlatFields.of(before), after: FlatFields.of(after))
    }

    mutating func add(
        _ kind: ChangeKind, _ key: RecordKey, part: String? = nil, before: [String: String], after: [String: String]
    ) {
        if kind == .updates { self.count(before, after, in: part) }
        guard self.sampled[kind, default: 0] < Self.perKind else { return }
        let names = Set(before.keys).union(after.keys).filter { kind != .updates || before[$0] != after[$0] }
        self.sampled[kind, default: 0] += 1
        self.samples.append(
            HeldSample(
                key: key, change: kind, kind: part,
                fields: names.sorted().map { .init(name: $0, before: before[$0], after: after[$0]) }))
    }

    private mutating func count(_ before: [String: String], _ after: [String: String], in part: String?) {
        self.updates += 1
        var hints: [String: ValueHint] = [:]
        var names: Set<String> = []
        for path in Set(before.keys).union(after.keys) where before[path] != after[path] {
            let name = FlatFields.name(path)
            let hint = Self.otherField(path, before, after) ?? ValueHint.of(before[path], after[path])
            names.insert(name)
            if hints[name] == nil { hints[name] = hint }
            var field = self.fields[Self.place(name, part)] ?? Field()
            if let value = after[path] {
                if field.only == nil { field.only = value }
                if field.only != value { field.isSame = false }
            } else {
                field.isSame = false
            }
            if field.before.count < 2, let value = before[path] { field.before.insert(value) }
            self.fields[Self.place(name, part)] = field
        }
        for name in names {
            self.fields[Self.place(name, part)]?.count += 1
            if let hint = hints[name] { self.fields[Self.place(name, part)]?.hints[hint, default: 0] += 1 }
        }
    }

    private static func place(_ name: String, _ part: String?) -> String { part.map { "\($0): \(name)" } ?? name }

    /// Whether a field has got what another one had.
    private static func otherField(_ path: String, _ before: [String: String], _ after: [String: String]) -> ValueHint? {
        guard let value = after[path], value.count > 1 else { return nil }
        let others = before.lazy.filter { $0.key != path && $0.value == value && after[$0.key] != value }.map(\.key)
        guard let other = others.min() else { return nil }
        let isSwap = before[path] != nil && after[other] == before[path]
        return ValueHint(isSwap ? .swapped : .shifted, field: FlatFields.name(other))
    }

    /// The fields that change, the most frequent first.
    var findings: [FieldFinding] {
        self.fields.map { name, field in
            let top = field.hints.max { ($0.value, "\($1.key)") < ($1.value, "\($0.key)") }
            var (hint, hintCount) = top.map { ($0.value * 2 >= field.count ? $0.key : nil, $0.value) } ?? (nil, 0)
            if field.count > 2, field.isSame, field.before.count > 1, hint?.kind != .shifted {
                (hint, hintCount) = (ValueHint(.sameForAll), field.count)
            }
            return FieldFinding(
                field: name, count: field.count, of: self.updates, hint: hint, hintCount: hint == nil ? 0 : hintCount)
        }.sorted { ($1.count, $0.field) < ($0.count, $1.field) }
    }
}
