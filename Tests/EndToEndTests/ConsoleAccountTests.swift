import Foundation
import Hub
import KnutpunktApp
import Logging
import SchoolRecords
import Testing

@Suite("Accounts of the console at the command line")
struct ConsoleAccountTests {
    private static let password = "grön cykel på taket"

    private static func with(
        _ more: String = "",
        _ body: (_ run: ([String], String?, String) async throws -> Program.Outcome, HubContext) async throws -> Void
    ) async throws {
        try await TemporaryDirectory.with { directory in
            let path = try Program.configuration(directory, more)
            let context = try await HubContext.open(
                try await HubConfiguration.read(file: path, flags: [:]),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            try await body(
                { arguments, input, person in
                    try await Program.run(
                        ["console", "user"] + arguments + ["--config", path], environment: ["SUDO_USER": person], input: input)
                }, context)
        }
    }

    @Test func `an account is made, shown, changed, locked and removed, and the audit log says by whom`() async throws {
        try await Self.with { run, context in
            let added = try await run(
                ["add", "Anna", "--role", "operator", "--unit", "u1", "--unit", "u2", "--display-name", "Anna Ek"],
                Self.password + "\n", "root1")
            #expect(added.status == 0 && added.output.contains("anna"), "\(added.errors)")
            let kept = try #require(try await context.store.consoleAccount("anna"))
            #expect(kept.roles == ["operator"] && kept.units == .units(["u1", "u2"]) && kept.systems == .all)
            let twice = try await run(["add", "anna", "--role", "viewer"], Self.password, "root1")
            #expect(twice.status == 78 && twice.errors.contains("an account anna already"))
            let shown = try await run(["list"], nil, "root1")
            #expect(shown.output.contains("anna (Anna Ek)") && shown.output.contains("school units: u1, u2"))
            let json = try JSONValue(parsing: Data(try await run(["list", "--json"], nil, "root1").output.utf8))
            #expect(json.arrayValue?.first?["roles"] == ["operator"] && json.arrayValue?.first?["units"] == ["u1", "u2"])
            let salt = kept.password.salt.base64EncodedString()
            #expect(!shown.output.contains(salt) && !String(decoding: json.canonicalData, as: UTF8.self).contains(salt))
            let steps: [([String], String?)] = [
                (["change", "anna", "--role", "viewer", "--role", "approver", "--unit", "*", "--system", "unikum"], nil),
                (["password", "anna"], "tre bilar i en garderob"), (["lock", "anna"], nil), (["unlock", "anna"], nil),
            ]
            for (arguments, input) in steps {
                let outcome = try await run(arguments, input, "root2")
                #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
            }
            let changed = try #require(try await context.store.consoleAccount("anna"))
            #expect(changed.roles == ["viewer", "approver"] && changed.units == .all && changed.systems == .systems(["unikum"]))
            #expect(changed.password != kept.password && !changed.isLocked)
            #expect(try await run(["remove", "anna"], nil, "root2").status == 0)
            #expect(try await context.store.consoleAccounts().isEmpty)
            let audit = try await context.store.auditEntries(AuditFilter()).map { "\($0.person) \($0.action) \($0.subject)" }
            #expect(
                audit == [
                    "root1 console.account.add account/anna", "root2 console.account.change account/anna",
                    "root2 console.account.password account/anna", "root2 console.account.lock account/anna",
                    "root2 console.account.unlock account/anna", "root2 console.account.remove account/anna",
                ])
        }
    }

    @Test func `what can't be is told, and nothing is made`() async throws {
        try await Self.with { run, context in
            let wrong: [([String], String?, Int32, String)] = [
                (["add", "anna", "--role", "operator"], "kort", 78, "at least 12 characters"),
                (["add", "anna.lindqvist", "--role", "operator"], "Anna-Lindqvist1", 78, "too much like the name"),
                (["add", "anna", "--role", "operator"], "Sommaren2026!!", 78, "easy to guess"),
                (["add", "anna", "--role", "operator"], "", 78, "No password came"),
                (["add", "anna", "--role", "boss"], Self.password, 78, "There is no role boss. There are: viewer,"),
                (["add", "anna@kommun.example", "--role", "viewer"], Self.password, 78, "can't be an account's name"),
                (["add", "hub", "--role", "viewer"], Self.password, 78, "can't be an account's name"),
                (["add", "anna", "--role", "viewer", "--unit", "*", "--unit", "u1"], Self.password, 78, "ids of school units"),
                (["add", "anna", "--role", "viewer", "--system", "unicum"], Self.password, 78, "no system unicum"),
                (["add", "anna"], Self.password, 64, "--role"), (["change", "anna"], nil, 64, "what is to change"),
                (["change", "anna", "--role", "viewer"], nil, 66, "no account anna"),
                (["lock", "anna"], nil, 66, "no account anna"),
                (["remove", "anna"], nil, 66, "no account anna"), (["password", "anna"], Self.password, 66, "no account anna"),
            ]
            for (arguments, input, status, words) in wrong {
                let outcome = try await run(arguments, input, "root1")
                #expect(outcome.status == status && outcome.errors.contains(words), "\(arguments): \(outcome.errors)")
                #expect(input.map { $0.isEmpty || !outcome.errors.contains($0) } ?? true)
            }
            #expect(try await context.store.consoleAccounts().isEmpty)
        }
    }

    @Test func `where there are permissions, they say who keeps accounts`() async throws {
        try await Self.with("permissions:\n  anna: {accounts: \"*\"}\n  bo: {replay: \"*\"}\n") { run, context in
            let refused = try await run(["add", "bo", "--role", "administrator"], Self.password, "bo")
            #expect(refused.status == 77 && refused.errors.contains("accounts"))
            #expect(try await run(["add", "bo", "--role", "viewer"], Self.password, "anna").status == 0)
            for arguments in [["lock", "bo"], ["remove", "bo"], ["change", "bo", "--role", "administrator"]] {
                #expect(try await run(arguments, nil, "bo").status == 77)
            }
            #expect(try await run(["password", "bo"], "tre bilar i en garderob", "bo").status == 77)
            #expect(try await context.store.consoleAccount("bo")?.roles == ["viewer"])
            let audit = try await context.store.auditEntries(AuditFilter()).map { "\($0.person) \($0.action)" }
            #expect(audit.count { $0 == "bo refused.accounts" } == 5)
        }
    }
}
