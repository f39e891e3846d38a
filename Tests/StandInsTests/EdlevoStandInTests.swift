import Foundation
import SchoolRecords
import StandIns
import Testing

@Suite struct `The Edlevo stand-in` {
    @Test func `serves every record page by page to whom it gave a token`() async throws {
        let municipality = try `A synthetic municipality`.small()
        try await withEdlevoStandIn(EdlevoStandIn(municipality: municipality)) { standIn in
            let client = try await EdlevoClient(standIn)
            for entity in Entity.allCases {
                let pages = try await client.pages(of: entity, query: "?limit=13")
                let served = pages.flatMap { $0["data"]?.arrayValue ?? [] }
                #expect(served == (try municipality.documents(of: entity)))
                #expect(pages.count == (served.count + 12) / 13)
            }
        }
    }
}
