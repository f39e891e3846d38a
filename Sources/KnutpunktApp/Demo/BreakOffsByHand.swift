import Foundation
import Hub
public import SchoolRecords
public import StandIns

/// Young people who have left upper-secondary school for nothing else, counted by hand in Edlevo, past the hub.
public enum BreakOffsByHand {
    private static let upperSecondary: Set<String> = ["GY", "GYS", "GYA", "GYAN"]
    private static let care: Set<String> = ["FS", "FTH", "OPPFTH"]

    /// Number and last day of those who should be in the list, e.g. `20090101TF01 2026-10-01`: below 20, once in upper-secondary
    /// school, in no studies now or within 30 days, and not out of the last year in June.
    public static func expected(edlevo: EdlevoStandIn, protected: Set<String>, today: CalendarDate) async throws -> Set<String> {
        let now = "\(today)"
        let soon = "\(CalendarDate(daysSinceEpoch: today.daysSinceEpoch + 30))"
        var expected: Set<String> = []
        for (id, person) in try await edlevo.truth(.person) where !protected.contains(id) {
            let enrolments = person["enrolments"]?.arrayValue ?? []
            guard let number = person["civicNo"]?["value"]?.stringValue, let birth = person["birthDate"]?.stringValue,
                let year = Int(birth.prefix(4)), "\(year + 20)\(birth.dropFirst(4))" > now
            else { continue }
            func text(_ enrolment: JSONValue, _ key: String) -> String? { enrolment[key]?.stringValue }
            let studies = enrolments.contains {
                !Self.care.contains(text($0, "schoolType") ?? "") && text($0, "startDate") ?? "" <= soon
                    && text($0, "endDate") ?? "9" >= now
            }
            let ended = enrolments.filter {
                Self.upperSecondary.contains(text($0, "schoolType") ?? "") && text($0, "endDate") ?? "9" < now
            }
            guard !studies, let last = ended.max(by: { text($0, "endDate") ?? "" < text($1, "endDate") ?? "" }) else { continue }
            let end = text(last, "endDate") ?? ""
            let lastYear: Int64 = text(last, "schoolType") == "GY" ? 3 : 4
            if last["schoolYear"]?.integerValue ?? 0 >= lastYear, end.dropFirst(5).hasPrefix("06") { continue }
            expected.insert("\(number) \(end)")
        }
        return expected
    }

    /// Those who are in the list, in the same words.
    public static func told(to list: ListCollector) async -> [String] {
        await list.rows.map { "\($0["personnummer"] ?? "") \($0["sista_dag"] ?? "")" }
    }
}
