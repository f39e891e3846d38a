import ConnectorKit
import Crypto
import Foundation
import Hub
import SQLStores
import SQLiteDatabase
import SchoolRecords
import Testing

@Suite("What the store keeps is sealed, whole and its own")
struct SafekeepingTests {
    @Test func `nothing of a person can be read in the files`() async throws {
        try await StoreFixture.with { fixture in
            let marker = "Hemligsson"
            try await fixture.take([fixture.state("a", marker)])
            try await fixture.store.stage([fixture.state("b", marker)], run: "edlevo")
            _ = try await fixture.store.take(
                [],
                withheld: [
                    WithheldRecord(
                        opaqueKey: RecordKey(.person, "o"), key: RecordKey(.person, "real-id"), body: Data(marker.utf8))
                ],
                failures: [], source: "edlevo", time: StoreFixture.time)
            let row = fixture.row("20130101-TF01", marker)
            let settlement = Settlement(
                key: RecordKey(.person, "a"), sequence: 1, outcome: .applied(rows: [row], references: [], missing: []))
            try await fixture.store.prepare(
                PreparedBatch(
                    system: "unikum",
                    batch: TargetBatch(
                        id: "1", writes: [TargetWrite(record: settlement.key, sequence: 1, set: [row], removed: [])]),
                    settlements: [settlement]))
            try await fixture.store.settle([settlement], in: "unikum", time: StoreFixture.time)
            try await fixture.store.record([fixture.failure("a")], time: StoreFixture.time)
            for name in try FileManager.default.contentsOfDirectory(atPath: fixture.directory) {
                let bytes = try Data(contentsOf: URL(fileURLWithPath: fixture.directory + "/" + name))
                for text in [marker, "20130101", "body of a", "real-id"] {
                    #expect(bytes.range(of: Data(text.utf8)) == nil, "\(text) in \(name)")
                }
                let mode =
                    try FileManager.default.attributesOfItem(atPath: fixture.directory + "/" + name)[.posixPermissions] as? Int
                #expect(mode == 0o600, "\(name) is readable by its owner only")
            }
        }
    }

    @Test func `another key is refused with what to do`() async throws {
        try await StoreFixture.with { fixture in
            let error = await #expect(throws: StoreError.self) {
                try await StoreFixture.open(fixture.path, key: HubKey(material: Data(repeating: 1, count: 32)))
            }
            #expect(error?.code == .wrongKey)
        }
    }

    @Test func `a store of a newer version is refused`() async throws {
        try await StoreFixture.with { fixture in
            let database = try SQLiteDatabase.open(path: fixture.path)
            try await database.write { _ = try $0.execute("INSERT INTO schema_step (number) VALUES (999)", []) }
            let error = await #expect(throws: StoreError.self) { try await StoreFixture.open(fixture.path) }
            #expect(error?.code == .newerSchema)
        }
    }

    @Test func `a file that is no store is named`() async throws {
        try await StoreFixture.with { fixture in
            let path = fixture.directory + "/other"
            try Data(repeating: 65, count: 8192).write(to: URL(fileURLWithPath: path))
            let error = await #expect(throws: StoreError.self) { try await StoreFixture.open(path) }
            #expect(error?.code == .corrupt)
            #expect(error?.message.contains(path) == true)
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
            #expect(try await fixture.store.mark(source: "a", entity: "b") == nil)
        }
    }

    @Test func `what was committed is there after the files were snatched away`() async throws {
        try await StoreFixture.with { fixture in
            for number in 0..<20 { try await fixture.take([fixture.state("p\(number)", "x")]) }
            let copy = fixture.directory + "/copy.sqlite"
            for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: fixture.path + suffix) {
                try FileManager.default.copyItem(atPath: fixture.path + suffix, toPath: copy + suffix)
            }
            #expect(try await StoreFixture.open(copy).liveCounts() == [.person: 20])
        }
    }

    @Test func `a full disk is told as such and the store goes on when there is room`() async throws {
        try await StoreFixture.with { fixture in
            let database = try SQLiteDatabase.open(path: fixture.directory + "/small.sqlite")
            let store = try await SQLStore.open(database: database, key: fixture.key)
            let pages = try await database.read { try $0.query("PRAGMA page_count", []).first?.integer(0) ?? 0 }
            try await database.write { _ = try $0.query("PRAGMA max_page_count = \(pages + 4)", []) }
            let error = await #expect(throws: StoreError.self) {
                for number in 0..<500 {
                    _ = try await store.take(
                        [fixture.state("p\(number)", String(repeating: "x", count: 500))], withheld: [], failures: [],
                        source: "edlevo",
                        time: StoreFixture.time)
                }
            }
            #expect(error?.code == .diskFull)
            try await database.write { _ = try $0.query("PRAGMA max_page_count = 1000000", []) }
            #expect(
                try await store.take(
                    [fixture.state("z", "x")], withheld: [], failures: [], source: "edlevo", time: StoreFixture.time
                ).created == 1)
        }
    }
}
