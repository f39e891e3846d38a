import ConnectorKit
import SchoolRecords

/// In which order Edlevo is told of a person's employments. Pure.
///
/// Edlevo takes what it is told in the order in which it comes, ends all roles when the last employment ends, and takes nothing more of
/// a person when one thing fails (HR import, 4.4 and 4.5). So all that has changed goes in one message, and what lasts longer stands
/// before what ends.
enum ClassicEmploymentOrder {
    private static let noEnd = "9999-12-31"

    /// Rows as employments, each with its placements: those that last longest first.
    static func employments(_ rows: [[String: String]]) -> [[[String: String]]] {
        let groups = Dictionary(grouping: rows) { $0["employeenumber"] ?? "#\($0["info"] ?? "")" }
        func end(_ row: [String: String]) -> String { row["end"] ?? Self.noEnd }
        func start(_ row: [String: String]) -> String { row["placement_start"] ?? row["start"] ?? "" }
        let employments = groups.map { number, rows in
            (
                number: number, end: rows.map(end).max() ?? Self.noEnd,
                placements: rows.sorted { (start($0), $0["info"] ?? "") < (start($1), $1["info"] ?? "") }
            )
        }
        return employments.sorted { one, other in
            one.end == other.end ? one.number < other.number : one.end > other.end
        }.map(\.placements)
    }

    /// Placements that are no more, of employments that still are: such as the time after a leave that was called off. They end
    /// yesterday, or on their first day when that is later; always within the employment (Personnel API v8, 4.3). What belongs to no
    /// employment that is told of now stays as it is: who has vanished altogether may have become protected, or be missing in a file.
    static func ended(_ write: TargetWrite, today: CalendarDate) -> [TargetRow] {
        let kind = ClassicRowKind.employment.rawValue
        let whole = Dictionary(
            write.set.filter { $0.kind == kind }.map { ($0.fields["employeenumber"] ?? "", $0.fields) },
            uniquingKeysWith: { first, _ in first })
        let yesterday = CalendarDate(daysSinceEpoch: today.daysSinceEpoch - 1).description
        return write.removed.compactMap { row in
            guard row.kind == kind, let whole = row.fields["employeenumber"].flatMap({ whole[$0] }),
                let first = row.fields["placement_start"] ?? row.fields["start"]
            else { return nil }
            let last = min(max(yesterday, first), whole["end"] ?? Self.noEnd)
            guard (row.fields["placement_end"] ?? row.fields["end"] ?? Self.noEnd) > last else { return nil }
            var fields = row.fields
            // Of the employment as a whole what is said now holds.
            for name in ["start", "end"] { fields[name] = whole[name] }
            fields["placement_start"] = min(max(first, whole["start"] ?? first), last)
            fields["placement_end"] = last
            return TargetRow(kind: row.kind, key: row.key, fields: fields)
        }
    }
}
