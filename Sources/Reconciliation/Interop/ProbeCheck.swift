public import SchoolRecords

/// Holds what arrived of the probe's records against what they say, stretch by stretch.
///
/// What a field should be is not asked of the mapping: it is the record's own value where the field was agreed to be carried as it
/// is, the same in another form where it is converted, and the agreed code where a code table is on the way. Where nothing was
/// agreed, the mapping's word is taken for where a field comes from and for the codes, and nothing else.
public struct ProbeCheck: Sendable {
    private let agreed: [FieldLine.ID: [FieldLine]]
    private let now: [FieldLine.ID: [FieldLine]]

    /// - Parameters:
    ///   - agreed: `nil` when nothing was agreed yet.
    ///   - now: the lines of the mappings that are in use.
    public init(agreed: AgreedFields?, now: [FieldLine]) {
        func way(_ line: FieldLine) -> [String] { [line.system, line.direction.rawValue] }
        let ways = Set(agreed?.lines.map(way) ?? [])
        self.now = Dictionary(grouping: now, by: \.id)
        let lines = (agreed?.lines ?? []) + now.filter { !ways.contains(way($0)) }
        self.agreed = Dictionary(grouping: lines, by: \.id)
    }

    private func rule(_ id: FieldLine.ID) -> String? { self.now[id]?.first?.rule }

    /// One of the probe's records, with what it refers to.
    public struct Subject: Sendable {
        /// What the probe calls it, e.g. `pupil`.
        public let name: String
        public let entity: Entity
        public let body: JSONValue
        /// Records that it refers to, directly or by way of others.
        public let related: [(entity: Entity, body: JSONValue)]

        public init(name: String, entity: Entity, body: JSONValue, related: [(entity: Entity, body: JSONValue)] = []) {
            self.name = name
            self.entity = entity
            self.body = body
            self.related = related
        }

        func texts(at origin: FieldLine.Origin) -> [String] {
            (origin.entity == self.entity ? self.body.texts(at: origin.path) : [])
                + self.related.filter { $0.entity == origin.entity }.flatMap { $0.body.texts(at: origin.path) }
        }
    }

    // MARK: Reading

    /// What a source's mapping made of a document.
    ///
    /// - Parameter document: as the source gives it; its name in the probe, and the record's entity.
    public func reading(_ document: Subject, _ body: JSONValue, from system: String, phase: ProbeFinding.Phase) -> [ProbeFinding]
    {
        self.fields(system, .source, document.entity.rawValue).flatMap { id, lines -> [ProbeFinding] in
            let given = body.texts(at: id.field)
            let candidates = Self.candidates(lines, document)
            guard given.isEmpty else { return self.wrong(id, lines, given, candidates, .reading, phase) }
            let isWanted = !candidates.isEmpty && lines.contains { $0.probedBy.contains(document.name) }
            return isWanted ? [self.missing(id, .reading, phase, candidates)] : []
        }
    }

    // MARK: Mapping

    /// What a receiving system's mapping made of a record.
    ///
    /// - Parameters:
    ///   - rows: everything that the record gives.
    ///   - kinds: the kinds of row that it has to give; `nil` for those that were agreed.
    public func mapping(
        _ rows: [HeldRow], of record: Subject, to system: String, expecting kinds: Set<String>? = nil, phase: ProbeFinding.Phase
    ) -> [ProbeFinding] {
        var findings: [ProbeFinding] = []
        let given = Set(rows.map(\.kind))
        for kind in (kinds ?? self.kinds(system, record)).subtracting(given).sorted() {
            findings.append(
                ProbeFinding(
                    system: system, hop: .mapping, flaw: .rowMissing, phase: phase, kind: kind,
                    place: self.fields(system, .target, kind).lazy.compactMap { self.rule($0.id) }.first))
        }
        for row in rows {
            for (id, lines) in self.fields(system, .target, row.kind) {
                let own = lines.filter { $0.entity == record.entity }
                guard !own.isEmpty else { continue }
                let candidates = Self.candidates(own, record)
                if let value = row.fields[id.field] {
                    let probed = own.flatMap(\.probedBy)
                    if !probed.isEmpty, !probed.contains(record.name) {
                        // Given of whom it wasn't agreed: a condition has gone.
                        findings.append(
                            ProbeFinding(
                                system: system, hop: .mapping, flaw: .notAgreed, phase: phase, kind: id.kind, field: id.field,
                                found: record.name, place: self.rule(id)))
                    }
                    findings += self.wrong(id, own, [value], candidates, .mapping, phase)
                } else if !candidates.isEmpty, own.contains(where: { $0.probedBy.contains(record.name) }) {
                    // Of a record without a number nobody is given one.
                    findings.append(self.missing(id, .mapping, phase, candidates))
                }
            }
        }
        return findings
    }

    // MARK: Connector and system

    /// What a system holds of rows that it was given.
    ///
    /// - Parameters:
    ///   - carried: what the connector itself makes of each row, written and read without the system; those that it can't say are
    ///     left out.
    ///   - before: the rows as they were given before a change.
    ///   - held: every row of the probe that the system shows.
    public func held(
        given: [HeldRow], carried: [HeldRow], before: [HeldRow], held: [HeldRow], in system: String,
        phase: ProbeFinding.Phase
    ) -> [ProbeFinding] {
        func byID(_ rows: [HeldRow]) -> [[String]: HeldRow] {
            Dictionary(rows.map { ([$0.kind, $0.key], $0) }, uniquingKeysWith: { first, _ in first })
        }
        let (carriedByID, beforeByID) = (byID(carried), byID(before))
        let found = Dictionary(grouping: held) { [$0.kind, $0.key] }
        var findings: [ProbeFinding] = []
        func add(
            _ row: HeldRow, _ hop: ProbeFinding.Hop, _ flaw: Flaw, _ field: String? = nil, _ expected: String? = nil,
            _ got: String? = nil
        ) {
            let place = field.flatMap {
                self.rule(FieldLine.ID(system: system, direction: .target, kind: row.kind, field: $0))
            }
            findings.append(
                ProbeFinding(
                    system: system, hop: hop, flaw: flaw, phase: phase, kind: row.kind, field: field, expected: expected,
                    found: got, place: place))
        }
        for row in given {
            let id = [row.kind, row.key]
            guard let rows = found[id], let first = rows.first else {
                add(row, .system, .rowMissing)
                continue
            }
            if rows.count > 1 { add(row, .system, .duplicated) }
            for (field, value) in row.fields.sorted(by: { $0.key < $1.key }) {
                let old = beforeByID[id]?.fields[field]
                if let carried = carriedByID[id], let flaw = Flaw.between(value, carried.fields[field]) {
                    add(row, .connector, flaw, field, value, carried.fields[field])
                } else if let flaw = Flaw.between(value, first.fields[field], before: old == value ? nil : old) {
                    add(row, .system, flaw, field, value, first.fields[field])
                }
            }
        }
        let known = Set(given.map { [$0.kind, $0.key] })
        for row in held where !known.contains([row.kind, row.key]) {
            add(row, .system, beforeByID[[row.kind, row.key]] == nil ? .duplicated : .notDeleted)
        }
        return findings
    }

    /// What a system still holds after everything was deleted.
    ///
    /// - Parameter held: without what the system keeps for good by agreement.
    public func left(_ held: [HeldRow], in system: String) -> [ProbeFinding] {
        Set(held.map(\.kind)).sorted().map { kind in
            ProbeFinding(system: system, hop: .system, flaw: .notDeleted, phase: .deleted, kind: kind)
        }
    }

    // MARK: Fields

    private func fields(
        _ system: String, _ direction: FieldLine.Direction, _ kind: String
    ) -> [(id: FieldLine.ID, lines: [FieldLine])] {
        self.agreed.filter { $0.key.system == system && $0.key.direction == direction && $0.key.kind == kind }
            .map { ($0.key, $0.value.filter { $0.nature != .lost }) }.filter { !$0.1.isEmpty }.sorted { $0.0.field < $1.0.field }
    }

    /// The kinds of row that a record was agreed to give.
    private func kinds(_ system: String, _ record: Subject) -> Set<String> {
        Set(
            self.agreed.values.joined().lazy.filter {
                $0.system == system && $0.direction == .target && $0.entity == record.entity
                    && $0.probedBy.contains(record.name)
            }.map(\.kind))
    }

    private static func candidates(_ lines: [FieldLine], _ record: Subject) -> [String] {
        lines.flatMap(\.origins).flatMap(record.texts)
    }

    private func missing(
        _ id: FieldLine.ID, _ hop: ProbeFinding.Hop, _ phase: ProbeFinding.Phase, _ candidates: [String]
    ) -> ProbeFinding {
        ProbeFinding(
            system: id.system, hop: hop, flaw: .fieldMissing, phase: phase, kind: id.kind, field: id.field,
            expected: candidates.first, place: self.rule(id))
    }

    /// Values that are none of those that they could be.
    private func wrong(
        _ id: FieldLine.ID, _ lines: [FieldLine], _ given: [String], _ candidates: [String], _ hop: ProbeFinding.Hop,
        _ phase: ProbeFinding.Phase
    ) -> [ProbeFinding] {
        for value in given where !lines.contains(where: { $0.allows(value, from: candidates) }) {
            let codes = lines.reduce(into: [String: String]()) { $0.merge($1.codes) { first, _ in first } }
            let wanted = codes.isEmpty ? Self.nearest(to: value, candidates) : candidates.lazy.compactMap { codes[$0] }.first
            let flaw = codes.isEmpty ? wanted.flatMap { Flaw.between($0, value) } ?? .otherValue : .wrongCode
            return [
                ProbeFinding(
                    system: id.system, hop: hop, flaw: flaw, phase: phase, kind: id.kind, field: id.field, expected: wanted,
                    found: value, place: self.rule(id))
            ]
        }
        return []
    }

    /// The value that was most likely meant.
    private static func nearest(to value: String, _ candidates: [String]) -> String? {
        candidates.first { (Flaw.between($0, value) ?? .otherValue) != .otherValue } ?? candidates.first
    }
}

extension FieldLine {
    /// Whether a value can be what this line makes of one of these.
    fileprivate func allows(_ value: String, from candidates: [String]) -> Bool {
        switch self.nature {
        case .constant, .derived, .lost: return true
        // What was agreed to be lossy is held against the agreement alone.
        case .shortened where self.codes.isEmpty, .altered: return true
        case .exact: return candidates.contains(value)
        case .converted, .shortened:
            let words = candidates + candidates.compactMap { $0.split(whereSeparator: \.isWhitespace).first.map(String.init) }
            if !self.codes.isEmpty, words.contains(where: { self.codes[$0] == value }) { return true }
            // A code that the table lacks may be left as it is, or be another alternative's.
            let isCoded = !self.codes.isEmpty && words.contains { self.codes[$0] != nil }
            return !isCoded && candidates.contains { SameValue.holds($0, value) }
        }
    }
}

/// Whether two texts are one value in two forms: a number with and without hyphens, a telephone number with and without the
/// country, a date written otherwise.
enum SameValue {
    static func holds(_ left: String, _ right: String) -> Bool {
        if left == right { return true }
        let (one, other) = (Self.signs(left), Self.signs(right))
        guard !one.isEmpty, !other.isEmpty else { return false }
        if one == other { return true }
        if let first = Double(left), let second = Double(right) { return first == second }
        if CalendarDate(left) != nil || CalendarDate(right) != nil { return one.sorted() == other.sorted() }
        // The last seven signs tell a telephone number, the last ten an identity number.
        let length = min(one.count, other.count)
        guard length >= 7, min(one.count(where: \.isNumber), other.count(where: \.isNumber)) >= 6 else { return false }
        return one.suffix(length - 1) == other.suffix(length - 1)
    }

    private static func signs(_ text: String) -> String { text.lowercased().filter { $0.isLetter || $0.isNumber } }
}
