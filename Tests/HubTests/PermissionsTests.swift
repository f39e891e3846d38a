import Testing

@testable import Hub

@Suite("Who may do what")
struct PermissionsTests {
    private let permissions = Permissions(grants: [
        "anna": [.replay: .systems(["unikum", "vega"]), .edit: .systems(["unikum"])], "bo": [.archive: .all, .replay: .all],
        "clara": [:], "*": [.sync: .systems(["edlevo"])],
    ])

    @Test(
        arguments: [
            ("anna", .replay, ["unikum"], []), ("anna", .replay, ["unikum", "vega"], []),
            ("anna", .replay, ["unikum", "tempus"], ["tempus"]),
            ("anna", .edit, ["vega"], ["vega"]), ("anna", .discard, ["unikum"], ["unikum"]),
            ("anna", .sync, ["edlevo"], ["edlevo"]),
            ("bo", .replay, ["anything"], []), ("clara", .sync, ["edlevo"], ["edlevo"]), ("dag", .sync, ["edlevo"], []),
            ("dag", .sync, ["skola24"], ["skola24"]), ("dag", .replay, ["unikum"], ["unikum"]),
        ] as [(String, Permissions.Action, Set<String>, Set<String>)])
    func `what isn't named isn't allowed, for each system`(
        person: String, action: Permissions.Action, systems: Set<String>, refused: Set<String>
    ) {
        let refusal = self.permissions.refusal(of: action, on: systems, by: person)
        #expect((refusal?.systems ?? []) == refused && (refusal == nil) == refused.isEmpty)
    }

    @Test func `what is about all systems needs all of them`() {
        #expect(self.permissions.refusal(of: .archive, on: [], by: "bo") == nil)
        #expect(self.permissions.refusal(of: .replay, on: [], by: "anna")?.systems == [])
        #expect(self.permissions.refusal(of: .archive, on: [], by: "dag") != nil)
    }

    @Test func `protected persons are seen by who is named for it, never by everybody else`() {
        let open = Permissions(grants: ["*": [.seeProtected: .all, .see: .all], "anna": [.seeProtected: .all], "bo": [:]])
        #expect(open.refusal(of: .seeProtected, on: [], by: "anna") == nil)
        for person in ["bo", "dag", "*"] { #expect(open.refusal(of: .seeProtected, on: [], by: person) != nil, "\(person)") }
        #expect(open.refusal(of: .see, on: [], by: "dag") == nil)
    }

    @Test func `without an entry for everybody else they may do nothing`() {
        let few = Permissions(grants: ["anna": [.replay: .all]])
        for action in Permissions.Action.allCases { #expect(few.refusal(of: action, on: ["unikum"], by: "dag") != nil) }
    }
}
