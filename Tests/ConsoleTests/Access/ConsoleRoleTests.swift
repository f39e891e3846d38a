import Foundation
import Hub
import Testing

@testable import Console

/// Written apart from the product's table: what a role may is decided twice.
@Suite("A role sees and does what the table says, and nothing else")
struct ConsoleRoleTests {
    /// viewer, operator, approver, support, data protection officer, administrator, cleared.
    private static let order: [ConsoleRole] = [
        .viewer, .operator, .approver, .support, .dataProtectionOfficer, .administrator, .cleared,
    ]

    private static let areas: [ConsoleArea: String] = [
        .overview: "xxxxxx-", .messages: "xxxxxx-", .failed: "xxxx-x-", .mappings: "xxx-xx-", .roles: "-xx--x-",
        .agreement: "xxxxxx-", .person: "-x-xx--", .statistics: "xxx-xx-", .privacy: "----xx-", .settings: "-----x-",
        .intake: "-x---x-",
    ]

    private static let actions: [Permissions.Action: String] = [
        .replay: "-x---x-", .edit: "-x-----", .approve: "--x----", .discard: "-x-----", .archive: "-----x-", .see: "-xxxx--",
        .sync: "-x---x-", .approveChanges: "--x----", .resend: "-x---x-", .planRoles: "-x-----", .approveRoles: "--x----",
        .applyRoles: "--x----", .reconcile: "-x---x-", .repair: "-x-----", .approveRepairs: "--x----", .probe: "-x---x-",
        .accounts: "-----x-", .protect: "-------",
        .seeProtected: "------x", .erase: "-------", .keys: "-------",
    ]

    private static func has(_ row: String?, _ role: ConsoleRole) throws -> Bool {
        let marks = Array(try #require(row))
        try #require(marks.count == Self.order.count)
        return marks[try #require(Self.order.firstIndex(of: role))] == "x"
    }

    private static func user(
        _ roles: Set<ConsoleRole>, units: UnitScope = .all, systems: Permissions.Scope = .all
    ) -> ConsoleUser {
        ConsoleUser(
            name: "anna", displayName: "Anna", roles: roles, units: units, systems: systems, signIn: .account(revision: 1))
    }

    @Test(arguments: ConsoleRole.allCases, ConsoleArea.allCases)
    func `areas`(role: ConsoleRole, area: ConsoleArea) throws {
        #expect(try Self.user([role]).may(area) == Self.has(Self.areas[area], role))
        #expect(!Self.user([]).may(area))
    }

    @Test(arguments: ConsoleRole.allCases, Permissions.Action.allCases)
    func `actions on own and others' units and systems`(role: ConsoleRole, action: Permissions.Action) throws {
        let may = try Self.has(Self.actions[action], role)
        let all = Self.user([role])
        #expect(all.does(action) == may)
        for unit in [nil, "own", "other"] as [String?] {
            for system in [nil, "unikum"] as [String?] { #expect(all.may(action, unit: unit, system: system) == may) }
        }
        let some = Self.user([role], units: .units(["own"]), systems: .systems(["unikum"]))
        let expected: [(String?, String?, Bool)] = [
            ("own", "unikum", may), ("own", "vega", false), ("own", nil, false), ("other", "unikum", false),
            ("other", nil, false), (nil, "unikum", false), (nil, nil, false), ("", "unikum", false), ("own", "", false),
        ]
        for (unit, system, isAllowed) in expected {
            #expect(some.may(action, unit: unit, system: system) == isAllowed, "\(unit ?? "-") \(system ?? "-")")
        }
        #expect(!Self.user([]).may(action, unit: "own", system: "unikum"))
        #expect(!Self.user([role], units: .units([])).may(action, unit: "own", system: "unikum"))
    }

    @Test(arguments: ConsoleRole.allCases, ConsoleRole.allCases)
    func `two roles are as much as both, and no more`(one: ConsoleRole, other: ConsoleRole) {
        let both = Self.user([one, other])
        for area in ConsoleArea.allCases {
            #expect(both.may(area) == (Self.user([one]).may(area) || Self.user([other]).may(area)))
        }
        for action in Permissions.Action.allCases {
            #expect(both.does(action) == (Self.user([one]).does(action) || Self.user([other]).does(action)))
        }
    }

    @Test func `no role alone makes something and approves it`() {
        let pairs: [(Permissions.Action, Permissions.Action)] = [
            (.edit, .approve), (.planRoles, .approveRoles), (.repair, .approveRepairs), (.sync, .approveChanges),
        ]
        for role in ConsoleRole.allCases {
            for (make, approve) in pairs { #expect(!(role.actions.contains(make) && role.actions.contains(approve))) }
        }
    }

    @Test func `what is of no unit is seen by those who have all`() {
        let some = Self.user([.support], units: .units(["own"]))
        #expect(some.sees(unit: "own") && !some.sees(unit: "other") && !some.sees(unit: nil))
        #expect(Self.user([.support]).sees(unit: nil))
    }

    @Test func `the documentation has the same tables`() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../../docs/console-access.md")
        let text = try String(contentsOf: file.standardizedFileURL, encoding: .utf8)
        func row(_ name: String) throws -> String {
            let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("| `\(name)` |") }, "\(name)")
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).map { $0.filter { !$0.isWhitespace } }
            // Before the first cell and after the last one there is nothing.
            return cells.dropFirst(2).prefix(Self.order.count).map { $0 == "x" ? "x" : "-" }.joined()
        }
        for area in ConsoleArea.allCases { #expect(try row(area.rawValue) == Self.areas[area]) }
        for action in Permissions.Action.allCases { #expect(try row(action.rawValue) == Self.actions[action]) }
    }
}
