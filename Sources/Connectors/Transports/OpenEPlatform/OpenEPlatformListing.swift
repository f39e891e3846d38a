import Foundation
import SchoolRecords

/// The cases of an entity as they were listed: numbers and where they were found, nothing of what is in them.
struct OpenEPlatformListing: Sendable {
    /// Where a case was listed.
    struct Place: Sendable, Hashable {
        let family: String
        let status: String?
        var isNumberOnly = false
    }

    /// In the order of the lists.
    private(set) var numbers: [String] = []
    /// A case that moves while the lists are read may be in two; the later list is right.
    private(set) var places: [String: Place] = [:]
    /// Elements without a number: what is missing may be one of them.
    private(set) var nameless = 0

    mutating func take(_ list: OpenEPlatformClient.List, at place: Place) {
        for number in list.numbers where self.places.updateValue(place, forKey: number) == nil { self.numbers.append(number) }
        self.nameless += list.nameless
    }
}

/// What is remembered of the lists of an entity, to tell what is new, what has moved and what is gone.
struct OpenEPlatformMemory: Sendable {
    private(set) var places: [String: OpenEPlatformListing.Place]
    /// When each case was first missing.
    private(set) var gone: [String: Date] = [:]

    /// What is gone is told for so long: by then somebody has read everything.
    private static let longest: TimeInterval = 40 * 86_400

    init(_ listing: OpenEPlatformListing) { self.places = listing.places }

    /// The cases of a listing that weren't there before, or were in another status.
    func news(in listing: OpenEPlatformListing) -> Set<String> {
        Set(listing.places.filter { self.places[$0.key] != $0.value }.keys)
    }

    /// Notes what isn't listed any more.
    mutating func miss(_ listing: OpenEPlatformListing, at now: Date) {
        self.gone = self.gone.filter { listing.places[$0.key] == nil && now.timeIntervalSince($0.value) < Self.longest }
        guard listing.nameless == 0 else { return }
        for number in self.places.keys where listing.places[number] == nil {
            self.places[number] = nil
            self.gone[number] = now
        }
    }

    /// Notes what is listed and was read.
    mutating func take(_ listing: OpenEPlatformListing, at now: Date) {
        self.miss(listing, at: now)
        self.places.merge(listing.places) { _, new in new }
    }
}
