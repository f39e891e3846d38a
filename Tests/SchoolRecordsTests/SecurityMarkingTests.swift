import SchoolRecords
import Testing

@Suite("SecurityMarking")
struct SecurityMarkingTests {
    @Test func `only no marking and Ingen are unprotected`() {
        #expect(!SecurityMarking(json: nil).isProtected)
        #expect(!SecurityMarking(json: .null).isProtected)
        #expect(!SecurityMarking(json: "Ingen").isProtected)
    }

    @Test(
        arguments: [
            "Sekretessmarkering", "Skyddad folkbokföring", "ingen", "", "Ny sorts skydd", true, 0, ["Ingen"], ["typ": "Ingen"],
        ] as [JSONValue])
    func `everything else is protected`(value: JSONValue) throws {
        #expect(SecurityMarking(json: value).isProtected)
        var person = Samples.person
        person["securityMarking"] = value
        let normal = try SchoolRecord.validate(.person, person)
        #expect(SecurityMarking(json: normal["securityMarking"]).isProtected)
    }
}
