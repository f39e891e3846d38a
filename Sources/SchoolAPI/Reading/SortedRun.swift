import Foundation
import Hub
import SchoolRecords

/// Where a record stands among others that are sorted by one of its fields.
package struct SortPlace: Sendable, Hashable {
    /// `nil` for a record without a value: after all others upwards, before them downwards.
    package let value: String?
    package let id: String

    /// The value of a record in the form in which it is compared: without regard to case, Swedish letters in their order.
    init(_ json: JSONValue, id: String, _ paths: [String]) {
        let texts = paths.compactMap { json.texts(at: $0.split(separator: ".")[...]).first }
        self.value = texts.isEmpty ? nil : Self.folded(texts.joined(separator: "\u{1}"))
        self.id = id
    }

    package init(value: String?, id: String) {
        self.value = value
        self.id = id
    }

    static func folded(_ text: String) -> String {
        var folded = ""
        for character in text.precomposedStringWithCanonicalMapping.lowercased() {
            switch character {
            // å, ä and ö come after z, in this order.
            case "å": folded.append("{")
            case "ä", "æ": folded.append("|")
            case "ö", "ø": folded.append("}")
            default:
                folded.append(
                    contentsOf: character.isASCII
                        ? String(character) : String(character).folding(options: .diacriticInsensitive, locale: nil))
            }
        }
        return folded
    }

    /// Whether it comes before another; equal values in the order of their ids.
    package func isBefore(_ other: SortPlace, descending: Bool) -> Bool {
        if self.value == other.value { return self.id < other.id }
        guard let value = self.value else { return descending }
        guard let otherValue = other.value else { return !descending }
        return descending ? value > otherValue : value < otherValue
    }
}

/// The places that come next in a sorted walk: as many as fit into a run, of all that are looked at.
package struct SortedRun: Sendable {
    /// So many places are kept at once; the next run looks at the records again.
    package static let most = 20_000

    package let isDescending: Bool
    private let most: Int
    package private(set) var places: [SortPlace] = []
    /// Whether there are more after the last.
    package private(set) var hasMore = false

    package init(descending: Bool, most: Int = Self.most) {
        self.isDescending = descending
        self.most = most
    }

    package mutating func add(_ place: SortPlace) {
        self.places.append(place)
        if self.places.count >= self.most * 2 { self.trim() }
    }

    /// Brings the places into order; to be called when all have been added.
    package mutating func trim() {
        let isDescending = self.isDescending
        self.places.sort { $0.isBefore($1, descending: isDescending) }
        if self.places.count > self.most {
            self.places.removeLast(self.places.count - self.most)
            self.hasMore = true
        }
    }
}
