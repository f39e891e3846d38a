import ConnectorKit
import Foundation
import Hub
import SQLiteDatabase
import SchoolRecords
import Synchronization
import Testing

@testable import SQLStores

/// A change of keys loses nothing, wherever it is broken off, and leaves nothing that the old key opens.
@Suite("The hub's key is changed while it runs")
struct KeyRotationTests {
    /// Keys as a file has them, and a machine that stops before or after they are written.
    final class KeptKeys: KeyKeeper {
        struct Stopped: Error {}
        let document: Mutex<KeyDocument>
        /// Stops at this write, counted from 1; negative = after it.
        let stopsAt = Mutex(0)
        private let writes = Mutex(0)

        init(_ document: KeyDocument) { self.document = Mutex(document) }

        func read() throws -> KeyDocument { try KeyDocument(text: self.document.withLock { $0.text() }) }

        func write(_ document: KeyDocument) throws {
            let number = self.writes.withLock { writes in
                writes += 1
                return writes
            }
            let stop = self.stopsAt.withLock { $0 }
            if stop == number { throw Stopped() }
            self.document.withLock { $0 = document }
            if -stop == number { throw Stopped() }
        }

        func claim() throws -> (any Sendable)? { 0 }

        func begin(stoppingAt stop: Int) {
            self.writes.withLock { $0 = 0 }
            self.stopsAt.withLock { $0 = stop }
        }

        var key: HubKey { get throws { HubKey(try self.read()) { try self.read() } } }
    }

    struct World {
        let fixture: StoreFixture
        let keys: KeptKeys

        /// As another process opens it.
        func subject() async throws -> StoreUnderTest {
            let key = try self.keys.key
            let (path, keys) = (self.fixture.path, self.keys)
            let store = try await StoreFixture.open(path, key: key)
            return StoreUnderTest(store: store, key: key, another: { try await StoreFixture.open(path, key: keys.key) })
        }

        func rotator(_ subject: StoreUnderTest) throws -> KeyRotator {
            KeyRotator(store: subject.store, key: subject.key, keeper: self.keys)
        }

        /// What each sealed row is sealed with.
        func generations() async throws -> Set<Int?> {
            let database = try SQLiteDatabase.open(path: self.fixture.path)
            return try await database.read { connection in
                var found: Set<Int?> = []
                for column in SealedColumn.all {
                    for row in try column.rows(after: [], limit: 10_000, connection) {
                        found.insert(HubKey.generation(of: row.sealed))
                    }
                }
                return found
            }
        }
    }

    static func withWorld(_ body: (World) async throws -> Void) async throws {
        try await StoreFixture.with { fixture in
            // StoreFixture's own key, as a document.
            let keys = KeptKeys(KeyDocument(material: Data(repeating: 9, count: 32)))
            try await body(World(fixture: fixture, keys: keys))
        }
    }

    static let marker = "Hemligsson"

    /// Something in every place that keeps sealed content.
    private func fill(_ subject: StoreUnderTest) async throws {
        let marker = Self.marker
        try await subject.take([
            subject.state("a", marker), subject.state("g", marker, .group), subject.state("b", marker),
            subject.state("gone", "x"),
        ])
        try await subject.take([subject.state("gone", nil)])
        try await subject.store.stage([subject.state("s", marker), subject.state("t", nil)], run: "edlevo")
        try await subject.take([], withheld: [subject.withheld("v")])
        let row = subject.row("rad", marker)
        let settlement = Settlement(key: subject.person("a"), sequence: 1, outcome: subject.applied([row]))
        let batch = TargetBatch(
            id: "1", writes: [TargetWrite(record: settlement.key, sequence: 1, set: [row], removed: [row])])
        try await subject.store.prepare(PreparedBatch(system: "unikum", batch: batch, settlements: [settlement]))
        try await subject.store.settle([settlement], in: "unikum", time: StoreUnderTest.time)
        try await subject.store.prepare(PreparedBatch(system: "other", batch: batch, settlements: [settlement]))
        try await subject.store.record([subject.failure("a"), subject.failure(nil)], time: StoreUnderTest.time)
        _ = try await subject.store.keepForms([subject.form("v", marker)], for: "unikum", time: StoreUnderTest.time)
        try await subject.store.mark(try subject.mark(subject.withheld("v").opaqueKey.id))
        try await subject.store.keep(
            LegalHold(person: "o", realID: "a", by: "a", reason: marker, time: StoreUnderTest.time, until: nil), ids: [])
        try await subject.store.begin(
            Erasure(person: "e", time: StoreUnderTest.time, by: "a", reason: "r"), keys: [subject.person("e")])
    }

    private func check(_ subject: StoreUnderTest) async throws {
        let records = try await subject.store.records([subject.person("a"), subject.person("b"), RecordKey(.group, "g")])
        #expect(records.count == 3)
        for record in records.values { #expect(record.body.range(of: Data(Self.marker.utf8)) != nil) }
        #expect(try await subject.store.staged(run: "edlevo", after: nil, limit: 9).count == 2)
        #expect(try await subject.store.vaultRecords().count == 1)
        #expect(try await subject.store.states(of: [subject.person("a")], in: "unikum").count == 1)
        #expect(try await subject.store.message(1)?.failure == subject.failure("a"))
        #expect(try await subject.store.livingForms(for: "unikum").count == 1)
        #expect(try await subject.store.hubMarks().count == 1)
        #expect(try await subject.store.legalHolds()["o"]?.reason == Self.marker)
        #expect(try await subject.store.keys(ofErased: "e") == [subject.person("e")])
        #expect(try await subject.store.firstBrokenAuditEntry() == nil)
    }

    @Test func `every sealed column stands in the list, and nothing else`() async throws {
        try await StoreFixture.with { fixture in
            let database = try SQLiteDatabase.open(path: fixture.path)
            let blobs = try await database.read { connection in
                try connection.query(
                    """
                    SELECT m.name || '.' || p.name FROM sqlite_master m JOIN pragma_table_info(m.name) p
                    WHERE m.type = 'table' AND p.type = 'BLOB'
                    """, []
                ).map { $0.text(0) }
            }
            let listed = SealedColumn.all.map { "\($0.table).\($0.column)" } + SealedColumn.unsealed
            #expect(Set(blobs) == Set(listed))
        }
    }

    @Test func `a new key opens everything, the old one nothing`() async throws {
        try await Self.withWorld { world in
            let old = try world.keys.read()
            let subject = try await world.subject()
            try await self.fill(subject)
            let opaque = subject.key.opaqueKey(for: subject.person("a"))
            let rotation = try await world.rotator(subject).rotate(by: "a", reason: "r")
            #expect(rotation.generation == 2 && rotation.dropped == [1] && !rotation.wasResumed)
            #expect(rotation.resealed > 15)
            #expect(try await world.generations() == [2])
            #expect(try await subject.store.sealedCounts().keys.sorted() == [2])
            try await self.check(subject)
            let later = try await world.subject()
            try await self.check(later)
            #expect(later.key.opaqueKey(for: later.person("a")) == opaque, "ids stay")
            let error = await #expect(throws: StoreError.self) {
                try await StoreFixture.open(world.fixture.path, key: HubKey(old))
            }
            #expect(error?.code == .wrongKey)
            let database = try SQLiteDatabase.open(path: world.fixture.path)
            let opened = try await database.read { connection in
                var opened = 0
                for column in SealedColumn.all {
                    for row in try column.rows(after: [], limit: 1000, connection)
                    where (try? HubKey(old).open(row.sealed, context: row.context)) != nil { opened += 1 }
                }
                return opened
            }
            #expect(opened == 0)
        }
    }

    @Test func `broken off at any step, nothing is lost, and the next call goes on`() async throws {
        struct Killed: Error {}
        try await Self.withWorld { world in
            try await self.fill(try await world.subject())
            var ended = 0
            for kill in 0..<40 {
                let subject = try await world.subject()
                var step = 0
                do {
                    try await world.rotator(subject).rotate(by: "a", reason: "r") { _ in
                        step += 1
                        if step == kill + 1 { throw Killed() }
                    }
                    ended += 1
                } catch is Killed {
                    let document = try world.keys.read()
                    #expect(document.isChanging, "step \(kill)")
                }
                try await self.check(try await world.subject())
            }
            #expect(ended > 5)
            let last = try await world.rotator(try await world.subject()).rotate(by: "a", reason: "r", needsNew: true)
            #expect(try await world.generations() == [last.generation])
        }
    }

    @Test(arguments: [1, -1, 2, -2])
    func `stopped while the key itself is written`(stop: Int) async throws {
        try await Self.withWorld { world in
            try await self.fill(try await world.subject())
            world.keys.begin(stoppingAt: stop)
            await #expect(throws: KeptKeys.Stopped.self) {
                try await world.rotator(try await world.subject()).rotate(by: "a", reason: "r")
            }
            world.keys.begin(stoppingAt: 0)
            let subject = try await world.subject()
            try await self.check(subject)
            try await world.rotator(subject).rotate(by: "a", reason: "r")
            try await self.check(try await world.subject())
            #expect(try world.keys.read().generations.count == 1)
        }
    }

    @Test func `a hub that runs follows, reads and writes on through the change`() async throws {
        try await Self.withWorld { world in
            let running = try await world.subject()
            try await self.fill(running)
            let changing = try await world.subject()
            var step = 0
            try await world.rotator(changing).rotate(by: "a", reason: "r") { _ in
                step += 1
                try await running.take([running.state("n\(step)", Self.marker)])
                try await self.check(running)
            }
            #expect(step > 10)
            try await self.check(running)
            try await running.take([running.state("after", Self.marker)])
            #expect(try await world.generations() == [2])
            let later = try await world.subject()
            let keys = (1...step).map { later.person("n\($0)") } + [later.person("after")]
            #expect(try await later.store.records(keys).count == step + 1)
        }
    }

    @Test func `what was sealed before the change doesn't come in after it`() async throws {
        try await Self.withWorld { world in
            let subject = try await world.subject()
            let stale = try subject.key.seal(Data("x".utf8), context: "prepared/unikum")
            try await world.rotator(subject).rotate(by: "a", reason: "r")
            let database = KeyFollowingDatabase(base: try SQLiteDatabase.open(path: world.fixture.path), key: subject.key)
            let error = await #expect(throws: StoreError.self) {
                try await database.write { connection in
                    try connection.execute("INSERT INTO prepared (system, body) VALUES ('unikum', ?)", [.blob(stale)])
                }
            }
            #expect(error?.code == .locked)
            let fresh = try subject.key.seal(Data("x".utf8), context: "prepared/unikum")
            let inserted = try await database.write { connection in
                try connection.execute("INSERT INTO prepared (system, body) VALUES ('unikum', ?)", [.blob(fresh)])
            }
            #expect(inserted == 1)
        }
    }

    @Test func `what the first version sealed, without a number, is opened and sealed anew`() async throws {
        try await Self.withWorld { world in
            let subject = try await world.subject()
            try await self.fill(subject)
            let database = try SQLiteDatabase.open(path: world.fixture.path)
            try await database.write { connection in
                for column in SealedColumn.all {
                    for row in try column.rows(after: [], limit: 1000, connection) {
                        let place = column.key.map { "\($0) = ?" }.joined(separator: " AND ")
                        try connection.execute(
                            "UPDATE \(column.table) SET \(column.column) = ? WHERE \(place)",
                            [.blob(row.sealed.dropFirst(HubKey.header(of: 1).count))] + row.key)
                    }
                }
            }
            #expect(try await world.generations() == [nil])
            try await self.check(try await world.subject())
            try await world.rotator(try await world.subject()).rotate(by: "a", reason: "r")
            #expect(try await world.generations() == [2])
            try await self.check(try await world.subject())
        }
    }
}

@Suite("The document of the hub's keys")
struct KeyDocumentTests {
    @Test func `it is read as it was written, and an old file as before`() throws {
        let old = Data(repeating: 3, count: 32)
        let first = try KeyDocument(text: Data((old.base64EncodedString() + "\n").utf8))
        let second = try KeyDocument(text: first.adding(made: "2026-11-29T12:00:00Z").text())
        #expect(second.generations.map(\.number) == [1, 2] && second.isChanging && second.current == 2)
        #expect(second.generations.map(\.made) == [nil, "2026-11-29T12:00:00Z"])
        let person = RecordKey(.person, "a")
        let keys = [HubKey(material: old), HubKey(first), HubKey(second), HubKey(second.droppingEarlier())]
        #expect(Set(keys.map { $0.opaqueKey(for: person) }).count == 1)
        #expect(Set(keys.map { $0.noticeToken(for: "edlevo") }).count == 1)
        let sealed = try keys[0].seal(Data("x".utf8), context: "c")
        #expect(try keys[2].open(sealed, context: "c") == Data("x".utf8))
        #expect(throws: SealBroken.self) { try keys[3].open(sealed, context: "c") }
        #expect(throws: SealBroken.self) { try keys[2].open(sealed, context: "other") }
    }

    @Test(arguments: [
        "", "kort", "knutpunkt-keys 3\n", "knutpunkt-keys 2\n", "knutpunkt-keys 2\ngeneration 1 - AAAA\n",
        "knutpunkt-keys 2\nnonsense\n", "a b c\n",
    ])
    func `what is no document is refused, and nothing of it told`(text: String) {
        let problem = #expect(throws: KeyDocumentProblem.self) { try KeyDocument(text: Data(text.utf8)) }
        #expect(problem?.description.contains("AAAA") == false)
    }

    @Test func `numbers grow`() throws {
        let document = try KeyDocument(new: "2026-11-29T12:00:00Z").adding(made: "2026-11-30T12:00:00Z")
        let lines = String(decoding: document.text(), as: UTF8.self).split(separator: "\n").map(String.init)
        let turned = Array(lines.dropLast(2)) + lines.suffix(2).reversed()
        #expect(throws: KeyDocumentProblem.self) {
            try KeyDocument(text: Data(turned.joined(separator: "\n").utf8))
        }
    }
}
