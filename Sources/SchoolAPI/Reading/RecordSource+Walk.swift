import Hub
import SchoolRecords

/// A page of a walk.
struct WalkPage: Sendable {
    var records: [OpenRecord] = []
    /// Where to go on; `nil` at the end.
    var next: PageToken.Place?
}

extension RecordSource {
    /// Looks at no more records than this for one page: a page may come short, and the next goes on.
    static let mostLooked = 20_000

    /// The next records that are chosen, by their ids or the latest changed first.
    ///
    /// A record that is there from beginning to end of a walk and doesn't change comes exactly once, whatever else is changed.
    func page(_ choosing: Choosing, _ order: ProvidedOrder, after place: PageToken.Place?, limit: Int) async throws -> WalkPage {
        var page = WalkPage()
        guard !choosing.isEmpty else { return page }
        var position = place.map { ProvidedPosition(id: $0.id, time: $0.time) }
        var looked = 0
        // What nothing sifts is read in one go, what is sifted in batches of a size of their own.
        let batch = min(500, max(50, limit))
        while true {
            let (records, next) = try await self.store.provided(choosing.choice, order: order, after: position, limit: batch)
            looked += records.count
            for record in try await self.chosen(records, choosing) {
                page.records.append(record)
                guard page.records.count < limit else {
                    let isLast = next == nil && record.key.id == records.last?.key.id
                    page.next = isLast ? nil : PageToken.Place(id: record.key.id, time: record.modified)
                    return page
                }
            }
            guard let next else { return page }
            position = next
            if looked >= Self.mostLooked {
                page.next = PageToken.Place(id: next.id, time: next.time)
                return page
            }
        }
    }

    /// Those of some records that are chosen and may be seen, in their order.
    func chosen(_ records: [RegisteredRecord], _ choosing: Choosing) async throws -> [OpenRecord] {
        var open = records.compactMap(self.withholding.open).filter { record in
            choosing.conditions.allSatisfy { $0.holds(for: record.json) }
        }
        open = try await self.visible(choosing.choice.entity, open)
        if let relationship = choosing.relationship { open = try await self.related(open, relationship) }
        return open
    }
}
