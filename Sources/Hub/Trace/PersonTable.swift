import ConnectorKit
import Foundation
import SchoolRecords

/// Rows of systems side by side, by the register's fields that they come from. Pure.
struct PersonTable {
    private struct Group {
        var fields: Set<String> = []
        var has: [String] = []
        var should: [String] = []
    }

    private let records: [RegisteredRecord]
    private let showsValues: Bool
    /// Origin → system → what it has.
    private var cells: [String: [PersonView.Cell]] = [:]

    init(records: [RegisteredRecord], showsValues: Bool) {
        self.records = records
        self.showsValues = showsValues
    }

    /// - Parameter uses: row kind and field → where it comes from.
    /// - Returns: how many fields aren't as they should be.
    mutating func add(_ system: String, uses: [String: String], has: [TargetRow], should: [TargetRow]) -> Int {
        var groups: [String: Group] = [:]
        func note(_ rows: [TargetRow], _ path: WritableKeyPath<Group, [String]>) {
            // Two records may give the same row: it is there once.
            for row in Set(rows) {
                // A relation may have nothing but its ends, which are its key.
                for (field, value) in row.fields.isEmpty ? ["-": "•"] : row.fields {
                    let name = "\(row.kind).\(field)"
                    let origin = uses[name].flatMap { $0.isEmpty ? nil : $0 } ?? "-"
                    groups[origin, default: Group()].fields.insert(name)
                    groups[origin, default: Group()][keyPath: path].append("\(name) \(value)")
                }
            }
        }
        note(has, \.has)
        note(should, \.should)
        var differing = 0
        for (origin, group) in groups {
            let (has, should) = (group.has.sorted(), group.should.sorted())
            let mark: PersonView.Mark =
                has == should ? .same : has.isEmpty ? .missing : should.isEmpty ? .left : .differs
            if mark != .same { differing += 1 }
            let isShown = self.showsValues || mark != .same
            self.cells[origin, default: []].append(
                PersonView.Cell(
                    system: system, mark: mark, fields: group.fields.sorted(), has: isShown ? Self.values(has) : nil,
                    should: isShown ? Self.values(should) : nil))
        }
        return differing
    }

    var lines: [PersonView.Line] {
        self.cells.map { origin, cells in
            let isShown = self.showsValues || cells.contains { $0.mark != .same }
            return PersonView.Line(origin: origin, register: isShown ? self.register(origin) : nil, cells: cells)
        }.sorted { $0.origin < $1.origin }
    }

    /// The values without the fields' names, each once.
    private static func values(_ named: [String]) -> [String] {
        Set(named.map { $0.split(separator: " ", maxSplits: 1).dropFirst().first.map(String.init) ?? "" }).sorted().map(
            Self.masked)
    }

    /// What the register has at an origin.
    private func register(_ origin: String) -> [String] {
        var values: Set<String> = []
        for path in origin.components(separatedBy: ", ") {
            let parts = path.split(separator: ".").map(String.init)
            for record in self.records where record.key.entity.rawValue == parts.first {
                guard let document = try? JSONValue(parsing: record.body) else { continue }
                Self.collect(document, parts.dropFirst(), into: &values)
            }
        }
        return values.sorted().map(Self.masked)
    }

    private static func collect(_ value: JSONValue, _ path: ArraySlice<String>, into values: inout Set<String>) {
        if let elements = value.arrayValue {
            for element in elements { Self.collect(element, path, into: &values) }
        } else if let name = path.first {
            if let member = value[name] { Self.collect(member, path.dropFirst(), into: &values) }
        } else if let text = value.stringValue {
            values.insert(text)
        } else if case .object = value {
        } else {
            values.insert(String(decoding: value.canonicalData, as: UTF8.self))
        }
    }

    /// All that a record has, by path.
    static func fields(of record: JSONValue) -> [String: [String]] {
        var fields: [String: Set<String>] = [:]
        func collect(_ value: JSONValue, _ path: String) {
            if case .object(let members) = value {
                for (name, member) in members { collect(member, path.isEmpty ? name : "\(path).\(name)") }
            } else if let elements = value.arrayValue {
                for element in elements { collect(element, path) }
            } else if value != .null {
                let text = value.stringValue ?? String(decoding: value.canonicalData, as: UTF8.self)
                fields[path, default: []].insert(Self.masked(text))
            }
        }
        collect(record, "")
        return fields.mapValues { $0.sorted() }
    }

    /// The date of birth is enough to tell persons apart; the last four digits of a number stay hidden.
    static func masked(_ text: String) -> String {
        guard (try? PersonalIdentityNumber(text, today: CalendarDate(year: 2099, month: 12, day: 31))) != nil else { return text }
        return "\(text.trimmingCharacters(in: .whitespaces).dropLast(4))••••"
    }
}
