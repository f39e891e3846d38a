import Foundation
import SchoolRecords

/// Everything that a reading would change in one entity, or a delivery in one system, as marks: enough to count it, to name it
/// and to tell whether it is the same as another, and nothing of anybody's data.
struct ChangeSet: Sendable {
    private struct Change: Sendable {
        let mark: UInt64
        let kind: ChangeKind
        let part: String?
    }

    private var changes: [Change] = []
    private(set) var counts = PartedCounts()

    /// - Parameters:
    ///   - mark: a keyed hash of the record, what it is now and what it would be.
    ///   - part: the school unit or the kind of row.
    mutating func add(_ kind: ChangeKind, mark: UInt64, part: String?) {
        self.changes.append(Change(mark: mark, kind: kind, part: part))
        self.counts.add(kind, part: part)
    }

    /// What taking a state would change, if anything.
    mutating func add(_ record: RecordKey, _ comparison: RecordComparison, unit: String?, key: HubKey) {
        let kind: ChangeKind
        switch comparison.difference {
        case .created: kind = .creates
        case .updated: kind = .updates
        case .deleted: kind = .deletes
        case .unchanged: return
        }
        self.add(
            kind, mark: key.mark("\(record)|\(kind.rawValue)|\(comparison.sequence)|\(comparison.content ?? "")"),
            part: kind == .creates ? unit : comparison.unit)
    }

    var isEmpty: Bool { self.changes.isEmpty }

    /// The marks in order.
    var marks: [UInt64] { self.changes.map(\.mark).sorted() }

    /// What is in this set beyond the marks; `nil` when one of the marks isn't in this set.
    func surplus(beyond marks: [UInt64]) -> ChangeSet? {
        let wanted = Set(marks)
        var found = 0
        var rest = ChangeSet()
        for change in self.changes {
            if wanted.contains(change.mark) { found += 1 } else { rest.add(change.kind, mark: change.mark, part: change.part) }
        }
        return found == wanted.count ? rest : nil
    }

    /// A name for exactly this set: `edlevo-person-1f2e3d4c5b6a7988`.
    func id(_ system: String, _ subject: String, key: HubKey) -> String {
        Self.id(system, subject, marks: self.marks, key: key)
    }

    /// - Parameter marks: in order.
    static func id(_ system: String, _ subject: String, marks: [UInt64], key: HubKey) -> String {
        var data = Data()
        for mark in marks { data.append(mark) }
        return "\(system)-\(subject)-\(key.contentHash(data).prefix(16))"
    }
}

extension Data {
    fileprivate mutating func append(_ mark: UInt64) {
        for shift in stride(from: 0, to: 64, by: 8) { self.append(UInt8(truncatingIfNeeded: mark >> UInt64(shift))) }
    }
}

extension HubKey {
    /// A keyed 64-bit mark of a text.
    func mark(_ text: String) -> UInt64 { UInt64(self.contentHash(Data(text.utf8)).prefix(16), radix: 16) ?? 0 }
}
