import Foundation
import Hub
import SchoolRecords

/// Sorted walks under way: so that the next page doesn't look at everything again.
///
/// Names rest sealed, so no database can sort by them: the first page of a walk looks at all its records once and keeps where they
/// stand, and the following pages go by that. It is only a shortcut: a page token says by itself where to go on.
actor SortedWalks {
    /// Whose walk it is, and what was asked.
    struct Question: Sendable, Hashable {
        let client: String
        let path: String
        let query: QueryPairs
        /// The mappings by which it was answered.
        let mappings: String
    }

    private struct Entry {
        let run: SortedRun
        var used: Date
    }

    private static let mostEntries = 8
    private static let lifetime = 900.0

    private var entries: [Question: Entry] = [:]

    /// The run in which a place is, when it is kept.
    func run(_ question: Question, after place: SortPlace, now: Date) -> SortedRun? {
        guard var entry = self.entries[question], now.timeIntervalSince(entry.used) < Self.lifetime,
            let first = entry.run.places.first, let last = entry.run.places.last,
            !place.isBefore(first, descending: entry.run.isDescending),
            place.isBefore(last, descending: entry.run.isDescending) || !entry.run.hasMore && place == last
        else { return nil }
        entry.used = now
        self.entries[question] = entry
        return entry.run
    }

    func keep(_ run: SortedRun, for question: Question, now: Date) {
        self.entries[question] = Entry(run: run, used: now)
        self.entries = self.entries.filter { now.timeIntervalSince($0.value.used) < Self.lifetime }
        while self.entries.count > Self.mostEntries, let oldest = self.entries.min(by: { $0.value.used < $1.value.used }) {
            self.entries[oldest.key] = nil
        }
    }
}

extension RecordSource {
    /// The next chosen records in the order of one of their fields.
    ///
    /// A record that is there from beginning to end of a walk and doesn't change comes exactly once, whatever else is changed.
    func sortedPage(
        _ choosing: Choosing, by key: SortKey, _ paths: [String], after place: PageToken.Place?, limit: Int,
        question: SortedWalks.Question, walks: SortedWalks, now: Date
    ) async throws -> WalkPage {
        var page = WalkPage()
        guard !choosing.isEmpty else { return page }
        let start = place.map { SortPlace(value: $0.value, id: $0.id) }
        var run: SortedRun
        if let start, let kept = await walks.run(question, after: start, now: now) {
            run = kept
        } else {
            run = SortedRun(descending: key.isDescending)
            var position: ProvidedPosition?
            repeat {
                let (records, next) = try await self.store.provided(
                    choosing.choice, order: .identity, after: position, limit: 500)
                for record in try await self.chosen(records, choosing) {
                    let found = SortPlace(record.json, id: record.key.id, paths)
                    if start.map({ $0.isBefore(found, descending: key.isDescending) }) ?? true { run.add(found) }
                }
                position = next
            } while position != nil
            run.trim()
            if run.places.count > limit { await walks.keep(run, for: question, now: now) }
        }
        var index = start.map { run.index(after: $0) } ?? 0
        while index < run.places.count, page.records.count < limit {
            let places = run.places[index...].prefix(min(500, limit - page.records.count))
            index += places.count
            let registered = try await self.store.records(places.map { RecordKey(choosing.choice.entity, $0.id) })
            // What has gone meanwhile, or isn't chosen any more, is left out.
            let current = places.compactMap { registered[RecordKey(choosing.choice.entity, $0.id)] }.filter(
                choosing.choice.isWithin)
            page.records += try await self.chosen(current, choosing)
        }
        if index > 0, index < run.places.count || run.hasMore {
            let last = run.places[index - 1]
            page.next = PageToken.Place(value: last.value, id: last.id, time: "")
        }
        return page
    }
}

extension SortedRun {
    /// The index of the first place after another.
    func index(after place: SortPlace) -> Int {
        var low = 0
        var high = self.places.count
        while low < high {
            let middle = (low + high) / 2
            if place.isBefore(self.places[middle], descending: self.isDescending) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

extension ProvidedChoice {
    /// Whether a record is there and within the times; what it refers to is for the conditions to say.
    func isWithin(_ record: RegisteredRecord) -> Bool {
        record.isLive && self.createdAfter.map { record.created > $0 } ?? true
            && self.createdBefore.map { record.created <= $0 } ?? true && self.modifiedAfter.map { record.time > $0 } ?? true
            && self.modifiedBefore.map { record.time <= $0 } ?? true
    }
}
