import SchoolRecords
import Testing

@testable import Hub

@Suite("A correction of a message is held to what it may change")
struct MessageEditTests {
    private func person() throws -> JSONValue { try SchoolRecord.validate(.person, Documents.person(1, unit: 2)) }

    private func problem(_ changes: [MessageEdit.Change]) throws -> String? {
        let original = try self.person()
        do throws(MessageEdit.Problem) {
            _ = try MessageEdit.check(MessageEdit.apply(changes, to: original), of: .person, original: original)
            return nil
        } catch { return error.description }
    }

    @Test func `a field is set, another within a list, and one taken away; what differs is told`() throws {
        let original = try self.person()
        let edited = try MessageEdit.apply(
            [
                .init(path: "familyName", value: "Rättsson"), .init(path: "enrolments[0].schoolYear", value: 6),
                .init(path: "birthDate", value: nil),
            ], to: original)
        let (record, fields) = try MessageEdit.check(edited, of: .person, original: original)
        #expect(fields == ["birthDate", "enrolments", "familyName"])
        #expect(record["enrolments"]?.arrayValue?.first?["schoolYear"] == 6 && record["birthDate"] == nil)
    }

    @Test(arguments: ["id", "ID", "Id", "securityMarking", "SECURITYMARKING", "meta", "Meta"])
    func `R8: identity and protection are locked, however they are spelt`(name: String) throws {
        let problem = try self.problem([.init(path: name, value: "Sekretessmarkering")])
        #expect(problem?.contains("can't be corrected") == true)
    }

    @Test func `what is locked can't be taken away`() throws {
        #expect(try self.problem([.init(path: "id", value: nil)])?.contains("can't be taken away") == true)
    }

    @Test(arguments: [
        ("enrolments[7].schoolYear", "no position 7"), ("nobody.value", "isn't there"), ("enrolments[x]", "no path"),
        ("", "no path"), ("favouriteColour", "no field favouriteColour"), ("personStatus", "no valid person"),
    ])
    func `a place or a value that can't be is told`(path: String, words: String) throws {
        let problem = try self.problem([.init(path: path, value: "Blå")])
        #expect(problem?.contains(words) == true, "\(problem ?? "no problem")")
    }

    @Test func `a correction that changes nothing is none`() throws {
        #expect(try self.problem([.init(path: "familyName", value: "Testsson1")])?.contains("changes nothing") == true)
    }
}
