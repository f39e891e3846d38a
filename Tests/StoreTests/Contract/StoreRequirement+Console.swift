import Foundation
import Hub
import Testing

extension StoreRequirement {
    private static func account(_ name: String = "anna") -> ConsoleAccount {
        ConsoleAccount(
            name: name, displayName: "Anna", roles: ["operator", "of-a-later-version"], units: .units(["unit-1", "unit-2"]),
            systems: .systems(["unikum"]),
            password: PasswordDigest(
                rounds: 16, blockSize: 8, parallelism: 1, salt: Data([1, 2]), digest: Data("kept digest".utf8)),
            createdAt: StoreUnderTest.time)
    }

    private static func session(
        _ digest: String, of account: ConsoleAccount? = nil, startedAt: String = StoreUnderTest.time,
        seenAt: String = StoreUnderTest.time
    ) -> ConsoleSession {
        ConsoleSession(
            digest: digest, account: account.map { .init(name: $0.name, revision: $0.revision) }, content: Data("who".utf8),
            startedAt: startedAt, seenAt: seenAt)
    }

    private static func added(_ subject: StoreUnderTest, _ name: String = "anna") async throws -> ConsoleAccount {
        try await #expect(subject.store.add(Self.account(name), by: "root", time: StoreUnderTest.time))
        return try #require(try await subject.store.consoleAccount(name))
    }

    private static func audit(_ subject: StoreUnderTest) async throws -> [String] {
        try await #expect(subject.store.firstBrokenAuditEntry() == nil)
        return try await subject.store.auditEntries(AuditFilter()).map {
            ["\($0.person) \($0.action) \($0.subject)", $0.reason].compactMap(\.self).joined(separator: ": ")
        }
    }

    static let consoleAccounts: [StoreRequirement] = [
        .init("an account of the console is kept whole, once, and the audit log says who made it and what it may") { subject in
            try await #expect(subject.store.consoleAccount("anna") == nil)
            let added = try await Self.added(subject)
            try await #expect(subject.store.add(Self.account(), by: "root", time: StoreUnderTest.later) == false)
            try await #expect(subject.another().consoleAccount("anna") == Self.account().numbered(added.revision))
            _ = try await Self.added(subject, "aa")
            try await #expect(subject.another().consoleAccounts().map(\.name) == ["aa", "anna"])
            let granted = "of-a-later-version, operator; units unit-1, unit-2; systems unikum"
            try await #expect(
                Self.audit(subject) == [
                    "root console.account.add account/anna: \(granted)", "root console.account.add account/aa: \(granted)",
                ])
        },
        .init("a changed account has a new number, its sessions are over, and nobody else's are") { subject in
            let before = try await Self.added(subject)
            let other = try await Self.added(subject, "bo")
            for session in [Self.session("1", of: before), Self.session("2", of: other), Self.session("3")] {
                try await #expect(subject.store.begin(session, by: "anna", reason: "account"))
            }
            let changed = try await subject.store.changeConsoleAccount(
                "anna", action: "console.account.lock", reason: "left", by: "root", time: StoreUnderTest.later
            ) { $0.isLocked = true }
            try await #expect(subject.another().consoleAccount("anna") == changed)
            #expect(changed?.isLocked == true && changed?.revision != before.revision)
            for (digest, isThere) in [("1", false), ("2", true), ("3", true)] {
                try await #expect((subject.another().consoleSession(digest) != nil) == isThere)
            }
            // Somebody who signed in before the change and begins after it isn't let in.
            try await #expect(subject.store.begin(Self.session("4", of: before), by: "anna", reason: "account") == false)
            try await #expect(subject.store.consoleSession("4") == nil)
            try await #expect(Self.audit(subject).last == "root console.account.lock account/anna: left")
            let none = try await subject.store.changeConsoleAccount(
                "nobody", action: "console.account.lock", reason: nil, by: "root", time: StoreUnderTest.later
            ) { $0.isLocked = true }
            #expect(none == nil)
        },
        .init("a removed account is gone with its sessions, and one of the same name is another") { subject in
            let before = try await Self.added(subject)
            _ = try await subject.store.begin(Self.session("1", of: before), by: "anna", reason: "account")
            try await #expect(subject.store.removeConsoleAccount("anna", by: "root", time: StoreUnderTest.later))
            try await #expect(subject.store.removeConsoleAccount("anna", by: "root", time: StoreUnderTest.later) == false)
            try await #expect(subject.another().consoleAccount("anna") == nil)
            try await #expect(subject.store.consoleSession("1") == nil)
            let after = try await Self.added(subject)
            #expect(after.revision != before.revision)
            try await #expect(subject.store.begin(Self.session("2", of: before), by: "anna", reason: "account") == false)
            try await #expect(
                Self.audit(subject).map { $0.prefix { $0 != ":" } } == [
                    "root console.account.add account/anna", "anna console.sign-in console",
                    "root console.account.remove account/anna", "root console.account.add account/anna",
                ])
        },
    ]

    static let consoleSessions: [StoreRequirement] = [
        .init("a session is there for whoever opens the store next, until it is ended; the audit log has both") { subject in
            let session = Self.session("1")
            try await #expect(subject.store.begin(session, by: "anna", reason: "openid"))
            try await #expect(subject.another().consoleSession("1") == session)
            try await #expect(subject.store.consoleSession("2") == nil)
            try await subject.store.seeConsoleSession("1", time: StoreUnderTest.later)
            // An older look doesn't make it older.
            try await subject.store.seeConsoleSession("1", time: StoreUnderTest.time)
            try await #expect(subject.another().consoleSession("1") == Self.session("1", seenAt: StoreUnderTest.later))
            try await #expect(subject.store.endConsoleSession("1", by: "anna", time: StoreUnderTest.later))
            try await #expect(subject.store.endConsoleSession("1", by: "anna", time: StoreUnderTest.later) == false)
            try await #expect(subject.another().consoleSession("1") == nil)
            try await #expect(
                Self.audit(subject) == ["anna console.sign-in console: openid", "anna console.sign-out console"])
        },
        .init("what was begun, or last seen, too long ago is forgotten") { subject in
            let (old, new) = (StoreUnderTest.time, StoreUnderTest.later)
            for (digest, started, seen) in [("1", old, old), ("2", old, new), ("3", new, new)] {
                _ = try await subject.store.begin(
                    Self.session(digest, startedAt: started, seenAt: seen), by: "anna", reason: "openid")
            }
            try await #expect(subject.store.forgetConsoleSessions(startedBefore: old, seenBefore: new) == 1)
            try await #expect(subject.store.consoleSession("1") == nil)
            try await #expect(subject.store.forgetConsoleSessions(startedBefore: new, seenBefore: old) == 1)
            try await #expect(subject.another().consoleSession("3") != nil)
            try await #expect(subject.store.consoleSession("2") == nil)
        },
    ]
}
