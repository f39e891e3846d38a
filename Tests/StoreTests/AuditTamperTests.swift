import Foundation
import Hub
import SQLStores
import SQLiteDatabase
import TestChance
import Testing

@Suite("What is changed in the audit log is found, with its place")
struct AuditTamperTests {
    private static let entries = 24

    /// A store with entries, and its file to be written into past the store.
    private static func with(_ body: (StoreFixture, SQLiteDatabase) async throws -> Void) async throws {
        try await StoreFixture.with { fixture in
            for number in 1...Self.entries {
                try await fixture.subject.store.note(
                    "person.show", of: "person/\(number % 5)", reason: "case \(number)", by: "p\(number % 3)",
                    time: RFC3339.text(Date(timeIntervalSince1970: 1_787_000_000 + Double(number))))
            }
            try await body(fixture, try SQLiteDatabase.open(path: fixture.path))
        }
    }

    private static func execute(_ sql: String, _ database: SQLiteDatabase, _ arguments: [SQLValue] = []) async throws {
        _ = try await database.write { try $0.execute(sql, arguments) }
    }

    private static func verify(_ fixture: StoreFixture) async throws -> Int64? {
        try await StoreFixture.open(fixture.path).firstBrokenAuditEntry()
    }

    @Test(arguments: ["time", "person", "action", "subject", "operation", "reason", "hash"])
    func `a change of any column of any entry is found at that entry`(column: String) async throws {
        try await Self.with { fixture, database in
            for number in [1, 7, Self.entries] {
                let earlier = try await database.read { connection in
                    try connection.query("SELECT \(column) FROM audit WHERE number = ?", [.integer(Int64(number))])
                }
                for other in [SQLValue.text("other"), .text(""), .null] {
                    // A column that is empty anyway isn't changed by emptying it; one that can't be empty isn't emptied.
                    let isEmpty = earlier.first?.optionalText(0) == nil
                    if case .null = other, isEmpty || !["operation", "reason"].contains(column) { continue }
                    try await Self.execute(
                        "UPDATE audit SET \(column) = ? WHERE number = ?", database, [other, .integer(Int64(number))])
                    #expect(try await Self.verify(fixture) == Int64(number), "\(column) \(other)")
                    try await Self.execute(
                        "UPDATE audit SET \(column) = ? WHERE number = ?", database,
                        [.optional(earlier.first?.optionalText(0)), .integer(Int64(number))])
                    #expect(try await Self.verify(fixture) == nil)
                }
            }
        }
    }

    @Test func `a row that is gone, two that have changed places, and one too many are found where they begin`() async throws {
        let last = Int64(Self.entries)
        for (sql, place) in [
            ("DELETE FROM audit WHERE number = 9", 9 as Int64), ("DELETE FROM audit WHERE number = 1", 1),
            ("DELETE FROM audit WHERE number BETWEEN 4 AND 12", 4),
            ("UPDATE audit SET number = CASE number WHEN 5 THEN -6 WHEN 6 THEN -5 END WHERE number IN (5, 6)", 5),
            (
                "INSERT INTO audit (number, time, person, action, subject, hash) SELECT \(last + 1), time, person, action, subject, hash FROM audit WHERE number = 3",
                last + 1
            ),
            // The rest moved up, so that there is no gap.
            ("DELETE FROM audit WHERE number = 20; UPDATE audit SET number = number - 1 WHERE number > 20", 20),
        ] {
            try await Self.with { fixture, database in
                for statement in sql.split(separator: ";") { try await Self.execute(String(statement), database) }
                try await Self.execute("UPDATE audit SET number = -number WHERE number < 0", database)
                #expect(try await Self.verify(fixture) == place, "\(sql)")
            }
        }
    }

    @Test func `whatever is done to a few cells or rows at random, it is found no later than it begins`() async throws {
        let seed = UInt64.random(in: 1...999_999)
        print("seed \(seed)")
        var random = SeededRandom(seed: seed)
        for _ in 0..<25 {
            let numbers = (1...Self.entries).shuffled(using: &random).prefix(Int.random(in: 1...3, using: &random)).sorted()
            let columns = numbers.map { _ in
                ["time", "person", "action", "subject", "reason", "hash", ""].randomElement(using: &random) ?? "time"
            }
            try await Self.with { fixture, database in
                for (number, column) in zip(numbers, columns) {
                    try await Self.execute(
                        column.isEmpty
                            ? "DELETE FROM audit WHERE number = \(number)"
                            : "UPDATE audit SET \(column) = \(column) || 'x' WHERE number = \(number)", database)
                }
                // Only the end can be cut off unseen.
                let isCut = zip(numbers, columns).allSatisfy { $0 > Self.entries - numbers.count && $1.isEmpty }
                if isCut, numbers == Array(Self.entries - numbers.count + 1...Self.entries) { return }
                #expect(try await Self.verify(fixture) == Int64(numbers[0]), "\(numbers) \(columns) seed \(seed)")
            }
        }
    }

    @Test func `an anchor tells that the end was cut off, and that an older store was put back`() async throws {
        try await Self.with { fixture, database in
            let store = fixture.subject.store
            let last = try #require(try await store.lastAuditEntry())
            let anchor = try #require(AuditAnchor("\(AuditAnchor(last))"))
            #expect(anchor.number == Int64(Self.entries) && AuditAnchor("x:1") == nil && AuditAnchor("0:aa") == nil)
            try await #expect(store.check(anchor) == .holds)
            try await store.note("person.show", of: "person/1", reason: "later", by: "p", time: StoreUnderTest.time)
            try await #expect(store.check(anchor) == .holds)
            try await Self.execute("DELETE FROM audit WHERE number > 20", database)
            let cut = try await StoreFixture.open(fixture.path)
            try await #expect(cut.firstBrokenAuditEntry() == nil)
            try await #expect(cut.check(anchor) == .cutOff(last: 20))
            // What is written on from there is another entry of the same number.
            for _ in 0..<6 {
                try await cut.note("person.show", of: "person/1", reason: "forged", by: "p", time: StoreUnderTest.time)
            }
            try await #expect(cut.firstBrokenAuditEntry() == nil)
            try await #expect(cut.check(anchor) == .other)
        }
    }

    @Test func `of an entry that was removed with age an anchor tells nothing`() async throws {
        try await Self.with { fixture, _ in
            let store = fixture.subject.store
            var filter = AuditFilter()
            filter.limit = 1
            let first = try #require(try await store.auditEntries(filter).first)
            var periods = RetentionPeriods()
            periods.auditDays = 1
            let later = Date(timeIntervalSince1970: 1_787_000_000 + 10 * 86_400)
            _ = try await store.retain(periods, now: later, limit: 5, by: "retention")
            try await #expect(store.check(AuditAnchor(first)) == .tooOld)
            try await #expect(store.firstBrokenAuditEntry() == nil)
        }
    }
}
