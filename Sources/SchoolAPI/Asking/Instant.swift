import Foundation
import Hub
import SchoolRecords

/// A moment as a client writes it: RFC 3339 with its offset.
struct Instant: Sendable, Hashable {
    /// RFC 3339 in UTC with milliseconds, as the store writes its times.
    let stored: String
    let secondsSinceEpoch: Int

    /// `nil` when the text is no moment, or says no offset.
    init?(_ text: String) {
        // A plus sign that wasn't encoded arrives as a space; a moment has no other.
        let text = text.replacing(" ", with: "+")
        guard text.utf8.count >= 20, text.utf8.count <= 40, ["T", "t"].contains(text.dropFirst(10).first),
            text.dropFirst(16).first == ":", Self.hasOffset(text), let moment = Moment(text)
        else { return nil }
        let fraction = moment.description.dropFirst(19).drop { $0 != "." }.dropFirst().prefix(while: \.isNumber)
        let milliseconds = Int((fraction + "000").prefix(3)) ?? 0
        self.secondsSinceEpoch = moment.secondsSinceEpoch
        self.stored = RFC3339.text(
            Date(timeIntervalSince1970: Double(moment.secondsSinceEpoch) + Double(milliseconds) / 1000))
    }

    private static func hasOffset(_ text: String) -> Bool {
        text.hasSuffix("Z") || text.hasSuffix("z") || text.dropLast(5).last.map { "+-".contains($0) } ?? false
    }
}
