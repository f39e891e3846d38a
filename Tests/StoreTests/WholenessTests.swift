import ConnectorKit
import Foundation
import Hub
import Messaging
import SQLStores
import SQLiteDatabase
import SchoolRecords
import Testing

@Suite("A transaction is whole, on the disk, or not at all")
struct WholenessTests {
    @Test func `every transaction is synced to the disk`() async throws {
        try await StoreFixture.with { fixture in
            let database = try SQLiteDatabase.open(path: fixture.path)
            let settings = try await database.write { connection in
                try ["synchronous", "journal_mode", "foreign_keys"].map { name in
                    try connection.query("PRAGMA \(name)", [])
                }
            }
            #expect(settings[0].first?.integer(0) == 2, "synchronous is FULL on the connection that writes")
            #expect(settings[1].first?.text(0) == "wal")
            #expect(settings[2].first?.integer(0) == 1)
        }
    }

    @Test func `a transaction that fails leaves nothing`() async throws {
        try await StoreFixture.with { fixture in
            struct Stop: Error {}
            let database = try SQLiteDatabase.open(path: fixture.path)
            await #expect(throws: Stop.self) {
                try await database.write { connection in
                    try connection.execute("INSERT INTO mark (source, entity, time) VALUES ('a', 'b', 'c')", [])
                    throw Stop()
                }
            }
            #expect(try await fixture.subject.store.mark(source: "a", entity: "b") == nil)
        }
    }

    @Test(arguments: ["record", "outbox", "vault", "failure"])
    func `taking that fails half-way leaves nothing`(table: String) async throws {
        try await StoreFixture.with { fixture in
            let subject = fixture.subject
            try await subject.take([subject.state("a", "A")])
            let database = try SQLiteDatabase.open(path: fixture.path)
            try await database.write { connection in
                _ = try connection.execute(
                    "CREATE TRIGGER stop BEFORE INSERT ON \(table) BEGIN SELECT RAISE(ABORT, 'stopped'); END", [])
            }
            let error = await #expect(throws: StoreError.self) {
                try await subject.take(
                    [subject.state("a", nil), subject.state("b", "B")], withheld: [subject.withheld("c")],
                    failures: [subject.failure("d", stage: .intake)])
            }
            #expect(error?.code == .failed)
            try await #expect(subject.waitingToGo == ["record.person.upserted.edlevo a 1"])
            try await #expect(subject.store.records([subject.person("a"), subject.person("b")]).count == 1)
            try await #expect(subject.store.withheldCounts().isEmpty)
            try await #expect(subject.failures.isEmpty)
            try await database.write { _ = try $0.execute("DROP TRIGGER stop", []) }
            try await #expect(subject.take([subject.state("a", nil), subject.state("b", "B")]).changed == 2)
        }
    }

    @Test func `settling that fails half-way leaves nothing, and the batch is still there`() async throws {
        try await StoreFixture.with { fixture in
            let subject = fixture.subject
            try await subject.published("a", "b")
            let settlements = [
                Settlement(key: subject.person("a"), sequence: 1, outcome: subject.applied([subject.row("k")], missing: ["b"])),
                Settlement(key: subject.person("b"), sequence: 1, outcome: subject.applied([subject.row("l")])),
                Settlement(key: subject.person("c"), sequence: 1, outcome: .failed(subject.failure("c"))),
            ]
            let batch = PreparedBatch(system: "unikum", batch: TargetBatch(id: "1", writes: []), settlements: settlements)
            try await subject.store.prepare(batch)
            let before = try await subject.counts
            let database = try SQLiteDatabase.open(path: fixture.path)
            try await database.write { connection in
                _ = try connection.execute(
                    "CREATE TRIGGER stop BEFORE INSERT ON failure BEGIN SELECT RAISE(ABORT, 'stopped'); END", [])
            }
            await #expect(throws: StoreError.self) {
                try await subject.store.settle(settlements, in: "unikum", time: StoreUnderTest.time)
            }
            try await #expect(subject.store.states(of: settlements.map(\.key), in: "unikum").isEmpty)
            try await #expect(subject.store.prepared(for: "unikum") == batch)
            try await #expect(subject.counts == before)
            try await #expect(subject.store.backlog() == 0)
            try await #expect(subject.store.waitingCounts().isEmpty)
            try await database.write { _ = try $0.execute("DROP TRIGGER stop", []) }
            try await subject.store.settle(settlements, in: "unikum", time: StoreUnderTest.time)
            try await #expect(subject.waitingToGo == ["deliver.unikum a 1"])
        }
    }

    @Test func `what was committed is there after the files were snatched away`() async throws {
        try await StoreFixture.with { fixture in
            let subject = fixture.subject
            for number in 0..<20 { try await subject.take([subject.state("p\(number)", "x")]) }
            let copy = fixture.directory + "/copy.sqlite"
            for suffix in ["", "-wal"] {
                try FileManager.default.copyItem(atPath: fixture.path + suffix, toPath: copy + suffix)
            }
            let torn = fixture.directory + "/torn.sqlite"
            for suffix in ["", "-wal"] { try FileManager.default.copyItem(atPath: copy + suffix, toPath: torn + suffix) }
            let log = FileHandle(forWritingAtPath: torn + "-wal")
            try log?.seekToEnd()
            try log?.write(contentsOf: Data(repeating: 0xAB, count: 3000))
            try log?.close()
            for path in [copy, torn] {
                let store = try await StoreFixture.open(path)
                #expect(try await store.liveCounts() == [.person: 20])
                #expect(try await store.next(limit: 100).map(\.change.key.id) == (0..<20).map { "p\($0)" })
            }
        }
    }
}
