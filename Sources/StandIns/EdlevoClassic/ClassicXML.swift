import Foundation
import SchoolRecords

/// Small pieces of XML as texts.
enum ClassicXML {
    static func escaped(_ text: String) -> String {
        text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
            .replacingOccurrences(of: ">", with: "&gt;").replacingOccurrences(of: "\"", with: "&quot;")
    }

    /// An element with a text; nothing without one.
    static func leaf(_ name: String, _ text: String?, _ attributes: String = "") -> String {
        guard let text, !text.isEmpty else { return "" }
        return "<\(name)\(attributes.isEmpty ? "" : " \(attributes)")>\(self.escaped(text))</\(name)>"
    }

    /// An element around others; nothing around nothing.
    static func element(_ name: String, _ content: String, _ attributes: String = "") -> String {
        content.isEmpty ? "" : "<\(name)\(attributes.isEmpty ? "" : " \(attributes)")>\(content)</\(name)>"
    }

    static let source = "NORRVIK"

    /// Edlevo's form of an id: a GUID in capitals between braces; a contact group's has CG before it.
    static func id(_ id: String) -> String {
        id.hasPrefix("CG") ? "CG" + self.id(String(id.dropFirst(2))) : "{\(id.uppercased())}"
    }

    static func sourcedID(_ id: String) -> String {
        "<sourcedid><source>\(self.source)</source><id>\(self.id(id))</id></sourcedid>"
    }

    /// The local time of a stamp, to the second.
    static func time(_ stamp: Timestamp) -> String { self.time(Date(timeIntervalSince1970: Double(stamp.microseconds) / 1e6)) }

    static func time(_ date: Date) -> String {
        let zone = TimeZone(identifier: "Europe/Stockholm") ?? .gmt
        let seconds = Int(date.timeIntervalSince1970.rounded(.down)) + zone.secondsFromGMT(for: date)
        return String(Timestamp(microseconds: Int64(seconds) * 1_000_000).text.prefix(19))
    }

    /// Reads a local time, or a day.
    static func date(_ text: String) -> Date? {
        let full = text.count == 10 ? text + "T00:00:00" : text
        return Moment(full.prefix(19)).map { Date(timeIntervalSince1970: Double($0.secondsSinceEpoch)) }
    }

    static let noEnd = "9999-12-31"
}
