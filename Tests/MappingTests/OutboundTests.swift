import Mapping
import SchoolRecords
import Testing

@Suite("Outbound mappings")
struct OutboundTests {
    @Test func `a row has the fields that have a value, and its rule's line`() throws {
        let mapping = try Files.outbound(
            """
            rows:
              - kind: user
                key: number
                fields:
                  number: {from: civicNo.value, transform: {identity_number: hyphenated12}, required: true}
                  name: givenName
                  mail: "emails[type=Privat].value"
            """
        ).outbound()
        let rows = try mapping.rows(["id": "p1", "givenName": "Prov", "civicNo": ["value": "20130101TF01"]])
        #expect(rows == [OutputRow(kind: "user", key: "20130101-TF01", fields: ["number": "20130101-TF01", "name": "Prov"], line: 2)])
    }
}
