import ConnectorKit
import Foundation
import Hub
import SQLStores
import SQLiteDatabase
import SchoolRecords
import Testing

@Suite("What the store keeps is sealed")
struct SealingTests {
    @Test func `nothing of a person can be read in the files`() async throws {
        try await StoreFixture.with { fixture in
            let subject = fixture.subject
            let marker = "Hemligsson"
            try await subject.take([
                subject.state("a", marker), subject.state("g", marker, .group), subject.state("gone", marker),
            ])
            try await subject.take([subject.state("gone", nil)])
            try await subject.store.stage([subject.state("b", marker)], run: "edlevo")
            try await subject.take(
                [],
                withheld: [
                    WithheldRecord(
                        opaqueKey: subject.person("o"), key: subject.person("real-id"),
                        body: Data(#"{"givenName":"\#(marker)"}"#.utf8))
                ])
            let row = subject.row("20130101-TF01", marker)
            let settlement = Settlement(key: subject.person("a"), sequence: 1, outcome: subject.applied([row]))
            let batch = TargetBatch(
                id: "1", writes: [TargetWrite(record: settlement.key, sequence: 1, set: [row], removed: [row])])
            try await subject.store.prepare(PreparedBatch(system: "unikum", batch: batch, settlements: [settlement]))
            try await subject.store.settle([settlement], in: "unikum", time: StoreUnderTest.time)
            try await subject.store.prepare(PreparedBatch(system: "other", batch: batch, settlements: [settlement]))
            try await subject.store.record([subject.failure("a"), subject.failure(nil)], time: StoreUnderTest.time)
            try await subject.store.hold(
                HeldChange(
                    id: "edlevo-person-1", direction: .source, system: "edlevo", entity: "person", mode: "full", living: 1,
                    counts: ChangeCounts(updates: 1), excess: [], time: StoreUnderTest.time),
                marks: [1],
                samples: [
                    HeldSample(
                        key: subject.person("a"), change: .updates, fields: [.init(name: "givenName", before: marker, after: nil)]
                    )
                ])
            var seen: Set<String> = []
            for name in try FileManager.default.contentsOfDirectory(atPath: fixture.directory) {
                let bytes = try Data(contentsOf: URL(fileURLWithPath: fixture.directory + "/" + name))
                for text in [marker, "20130101", "body of", "real-id", "givenName", "namn"] {
                    #expect(bytes.range(of: Data(text.utf8)) == nil, "\(text) in \(name)")
                }
                if bytes.range(of: Data("record.person.upserted.edlevo".utf8)) != nil { seen.insert(name) }
            }
            #expect(!seen.isEmpty, "the search finds what does stand in clear")
        }
    }

    @Test func `only the owner can read the files, also those that were open to others before`() async throws {
        try await StoreFixture.with { fixture in
            func modes(_ path: String) throws -> [String: Int] {
                var modes: [String: Int] = [:]
                for suffix in ["", "-wal", "-shm"] {
                    modes[suffix] = try FileManager.default.attributesOfItem(atPath: path + suffix)[.posixPermissions] as? Int
                }
                return modes
            }
            let owned = ["": 0o600, "-wal": 0o600, "-shm": 0o600]
            #expect(try modes(fixture.path) == owned)
            let copy = fixture.directory + "/copy.sqlite"
            try FileManager.default.copyItem(atPath: fixture.path, toPath: copy)
            try FileManager.default.copyItem(atPath: fixture.path + "-wal", toPath: copy + "-wal")
            for suffix in ["", "-wal"] {
                try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: copy + suffix)
            }
            let store = try await StoreFixture.open(copy)
            #expect(try modes(copy) == owned)
            #expect(try await store.backlog() == 0)
        }
    }

    @Test func `another key is refused with the file and what to do`() async throws {
        try await StoreFixture.with { fixture in
            let error = await #expect(throws: StoreError.self) {
                try await StoreFixture.open(fixture.path, key: HubKey(material: Data(repeating: 1, count: 32)))
            }
            #expect(error?.code == .wrongKey)
            #expect(error?.message.contains(fixture.path) == true && error?.message.contains("key file") == true)
            _ = try await StoreFixture.open(fixture.path)
        }
    }

    @Test func `a changed byte in what is sealed is told, not handed out`() async throws {
        try await StoreFixture.with { fixture in
            let subject = fixture.subject
            try await subject.published("a")
            let database = try SQLiteDatabase.open(path: fixture.path)
            try await database.write { connection in
                var body = try connection.query("SELECT body FROM record", []).first?.optionalBlob(0) ?? Data()
                body[body.count / 2] ^= 1
                _ = try connection.execute("UPDATE record SET body = ?", [.blob(body)])
            }
            let error = await #expect(throws: StoreError.self) { try await subject.store.records([subject.person("a")]) }
            #expect(error?.code == .corrupt && error?.message.contains(fixture.path) == true)
        }
    }

    @Test func `what is sealed for one record can't stand in for another`() async throws {
        try await StoreFixture.with { fixture in
            let subject = fixture.subject
            try await subject.take([subject.state("g1", "A", .group), subject.state("g2", "B", .group)])
            let database = try SQLiteDatabase.open(path: fixture.path)
            try await database.write { connection in
                _ = try connection.execute(
                    "UPDATE record SET body = (SELECT body FROM record WHERE id = 'g1') WHERE id = 'g2'", [])
            }
            await #expect(throws: StoreError.self) { try await subject.store.records([RecordKey(.group, "g2")]) }
        }
    }
}
