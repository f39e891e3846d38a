public import Foundation
import SchoolRecords

/// What was agreed of every field: who gets it, from where, and how. Kept beside the mappings and reviewed with them, and not
/// made from them when they are checked: an edit that drops, cuts or turns a field is another than what was agreed.
public struct AgreedFields: Sendable, Hashable {
    /// The file's name in the mappings' directory.
    public static let fileName = "agreed-fields.json"

    public let lines: [FieldLine]

    public init(lines: [FieldLine]) { self.lines = lines }

    /// Reads what ``data`` wrote.
    ///
    /// - Throws: `DecodingError`.
    public init(data: Data) throws { self.lines = try JSONDecoder().decode([FieldLine].self, from: data) }

    /// JSON, a line for each field in a fixed order, so that a change of it is read as a change of lines. Without the rules' line
    /// numbers, which every edit moves.
    ///
    /// - Throws: `EncodingError`.
    public func data() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let lines = try self.lines.sorted(by: Self.isBefore).map { line in
            String(decoding: try encoder.encode(line.withoutPlace), as: UTF8.self)
        }
        return Data("[\n\(lines.joined(separator: ",\n"))\n]\n".utf8)
    }

    private static func isBefore(_ left: FieldLine, _ right: FieldLine) -> Bool {
        func key(_ line: FieldLine) -> [String] {
            [line.system, line.direction.rawValue, line.kind, line.field, line.entity?.rawValue ?? ""]
                + line.origins.flatMap { [$0.entity.rawValue, $0.path] } + line.steps
        }
        return key(left).lexicographicallyPrecedes(key(right))
    }

    /// The lines of a field.
    public func lines(of id: FieldLine.ID) -> [FieldLine] { self.byID[id] ?? [] }

    private var byID: [FieldLine.ID: [FieldLine]] { Dictionary(grouping: self.lines, by: \.id) }

    /// Where the mappings are another than what was agreed, for the systems and directions that are in both.
    ///
    /// - Parameter now: the lines of the mappings that are in use.
    public func findings(now: [FieldLine]) -> [ProbeFinding] {
        let ways = Set(now.map { [$0.system, $0.direction.rawValue] })
        let agreed = self.byID
        let present = Dictionary(grouping: now, by: \.id)
        var findings: [ProbeFinding] = []
        for (id, lines) in agreed where ways.contains([id.system, id.direction.rawValue]) {
            findings += Self.compare(id, agreed: lines, now: present[id] ?? [])
        }
        for (id, lines) in present where agreed[id] == nil && self.knows(id) {
            guard let line = lines.first, line.nature != .lost else { continue }
            findings.append(Self.finding(id, .notAgreed, nil, Self.words(lines), line.rule))
        }
        return findings.sorted { ($0.system, $0.kind, $0.field ?? "") < ($1.system, $1.kind, $1.field ?? "") }
    }

    private func knows(_ id: FieldLine.ID) -> Bool {
        self.lines.contains { $0.system == id.system && $0.direction == id.direction }
    }

    private static func compare(_ id: FieldLine.ID, agreed: [FieldLine], now: [FieldLine]) -> [ProbeFinding] {
        let isGiven = now.contains { $0.nature != .lost }
        guard agreed.contains(where: { $0.nature != .lost }) else {
            return isGiven ? [Self.finding(id, .notAgreed, nil, Self.words(now), now.first?.rule)] : []
        }
        guard isGiven else { return [Self.finding(id, .fieldMissing, Self.words(agreed), nil, now.first?.rule)] }
        // Rules that fill the same field, in the order of the files; what has stayed is left aside.
        var rest = agreed.filter { line in !now.contains { $0.isSame(as: line) } }
        var findings: [ProbeFinding] = []
        for line in now where !agreed.contains(where: { line.isSame(as: $0) }) {
            guard let index = rest.indices.min(by: { line.distance(to: rest[$0]) < line.distance(to: rest[$1]) }) else {
                findings.append(Self.finding(id, .otherRule, Self.words(agreed), line.words, line.rule))
                continue
            }
            let other = rest.remove(at: index)
            let (flaw, expected, found) = line.change(since: other)
            findings.append(Self.finding(id, flaw, expected, found, line.rule))
        }
        if let gone = rest.first, findings.isEmpty {
            findings.append(Self.finding(id, .otherRule, gone.words, Self.words(now), now.first?.rule))
        }
        return findings
    }

    private static func finding(
        _ id: FieldLine.ID, _ flaw: Flaw, _ expected: String?, _ found: String?, _ place: String?
    ) -> ProbeFinding {
        ProbeFinding(
            system: id.system, hop: id.direction == .source ? .reading : .mapping, flaw: flaw, phase: .files, kind: id.kind,
            field: id.field, expected: expected, found: found, place: place)
    }

    private static func words(_ lines: [FieldLine]) -> String { lines.map(\.words).joined(separator: "; ") }
}

extension FieldLine {
    fileprivate var withoutPlace: FieldLine {
        FieldLine(
            system: self.system, direction: self.direction, entity: self.entity, kind: self.kind, field: self.field,
            nature: self.nature, origins: self.origins, steps: self.steps, codes: self.codes, probedBy: self.probedBy)
    }

    /// As people read it: where it comes from, and what is done on the way.
    public var words: String {
        let origins = self.origins.map { "\($0.entity.rawValue).\($0.path)" }
        return ([origins.isEmpty ? self.nature.rawValue : origins.joined(separator: ", ")] + self.steps).joined(separator: " → ")
    }

    /// Whether it is what was agreed; codes that have come to a table are no change of those that were in it.
    fileprivate func isSame(as agreed: FieldLine) -> Bool {
        self.nature == agreed.nature && self.origins == agreed.origins && self.steps == agreed.steps
            && self.entity == agreed.entity && agreed.changedCodes(in: self).isEmpty
    }

    fileprivate func changedCodes(in now: FieldLine) -> [String] {
        self.codes.keys.filter { now.codes[$0] != self.codes[$0] }.sorted()
    }

    /// How many things are otherwise: rules that have moved are held against the one that they came from.
    fileprivate func distance(to agreed: FieldLine) -> Int {
        [self.entity == agreed.entity, self.origins == agreed.origins, self.steps == agreed.steps].count { !$0 }
    }

    fileprivate func change(since agreed: FieldLine) -> (Flaw, expected: String, found: String) {
        if self.origins == agreed.origins, self.steps == agreed.steps, let code = agreed.changedCodes(in: self).first {
            return (.wrongCode, "\(code) → \(agreed.codes[code] ?? "")", "\(code) → \(self.codes[code] ?? "–")")
        }
        let flaw: Flaw =
            switch self.nature {
            case .shortened where agreed.nature != .shortened: .shortened
            case .altered where self.steps.contains { $0.contains("add_days") } && self.steps != agreed.steps: .dateShifted
            case .altered where self.steps.contains("upper") || self.steps.contains("lower"): .letterCase
            case .altered where self.steps.contains("ascii"): .characters
            default: .otherRule
            }
        return (flaw, agreed.words, self.words)
    }
}
