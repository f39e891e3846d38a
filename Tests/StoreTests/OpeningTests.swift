import Foundation
import Hub
import SQLStores
import SQLiteDatabase
import SchoolRecords
import Testing

@Suite("Opening tells what it finds")
struct OpeningTests {
    @Test func `a store of a newer version is refused and left as it is`() async throws {
        try await StoreFixture.with { fixture in
            let database = try SQLiteDatabase.open(path: fixture.path)
            try await database.write { _ = try $0.execute("INSERT INTO schema_step (number) VALUES (999)", []) }
            let error = await #expect(throws: StoreError.self) { try await StoreFixture.open(fixture.path) }
            #expect(error?.code == .newerSchema)
            #expect(error?.message.contains(fixture.path) == true && error?.message.contains("newer version") == true)
            let steps = try await database.read { try $0.query("SELECT MAX(number) FROM schema_step", []).first?.integer(0) }
            #expect(steps == 999)
        }
    }

    @Test func `a store of an earlier version is brought up, with what it holds`() async throws {
        try await StoreFixture.with { fixture in
            let subject = fixture.subject
            try await subject.published("a")
            try await subject.settle("a", 1, .failed(subject.failure("a")))
            let database = try SQLiteDatabase.open(path: fixture.path)
            try await database.write { connection in
                for statement in [
                    "DELETE FROM schema_step WHERE number > 1", "DROP INDEX record_live",
                    "ALTER TABLE record DROP COLUMN created",
                    "ALTER TABLE record DROP COLUMN unit", "DROP INDEX record_owner", "DROP INDEX record_carrier",
                    "ALTER TABLE record DROP COLUMN carrier", "ALTER TABLE record DROP COLUMN carrier_entity",
                    "DROP TABLE flow_read", "DROP TABLE derivation", "DROP TABLE held_change", "DROP TABLE held_sample",
                    "DROP TABLE held_delivery", "DROP TABLE held_event", "DROP TABLE unseen_change",
                    "DROP TABLE planned_change", "ALTER TABLE record DROP COLUMN seen", "DROP TABLE role_plan",
                    "DROP TABLE role_approval", "DROP TABLE role_step", "DROP TABLE role_decision", "DROP TABLE held_role",
                    "DROP TABLE probe_run", "DROP TABLE role_readiness", "DROP TABLE role_run", "DROP TABLE account_state",
                    "DROP INDEX record_receiver",
                    "DROP TABLE delivery_row_past", "DROP TABLE reconcile_run", "DROP TABLE reconcile_finding",
                    "DROP TABLE reconcile_match", "DROP TABLE reconcile_repair", "DROP TABLE reconcile_digest",
                    "DROP TABLE quality_run", "DROP TABLE quality_count", "DROP TABLE quality_finding",
                    "DROP TABLE console_account", "DROP TABLE console_session", "DROP TABLE machine_token",
                    "DROP TABLE kept_answer", "DROP TABLE vault_form", "DROP TABLE hub_mark", "DROP TABLE source_mark",
                    "DROP TABLE identity_consent",
                    "DROP TABLE fictitious_identity", "DROP TABLE relation_block", "DROP TABLE vault_guardian",
                    "DROP TABLE recall", "DROP TABLE erasure", "DROP TABLE legal_hold",
                    "DROP TABLE legal_hold_record",
                    "DROP TABLE record_term", "DROP TABLE unindexed", "DROP TABLE change_number",
                    "DROP TABLE provider_subscription", "DROP INDEX record_changed",
                    "ALTER TABLE record DROP COLUMN receiver",
                    "ALTER TABLE delivery_row DROP COLUMN kind",
                    "DROP TABLE replay_batch", "DROP TABLE replay_item", "DROP TABLE failure_attempt",
                    "DROP TABLE failure_discard", "DROP INDEX failure_last", "DROP INDEX failure_first",
                    "DROP INDEX failure_page", "DROP INDEX failure_ended", "DROP INDEX failure_unended",
                    "DROP INDEX failure_flow",
                    "ALTER TABLE failure DROP COLUMN ended_at", "DROP INDEX failure_group", "DROP INDEX failure_key",
                    "CREATE INDEX failure_state ON failure (state, fingerprint)", "DROP TABLE failure_count",
                    "DROP TABLE failure_form", "DROP TABLE audit", "DROP TABLE failure_edit",
                    "ALTER TABLE outbox DROP COLUMN edit",
                    "DROP TABLE record_past", "DROP INDEX record_event", "DROP INDEX record_trace",
                    "ALTER TABLE record DROP COLUMN event_id", "ALTER TABLE record DROP COLUMN trace",
                    "ALTER TABLE record DROP COLUMN read_at", "ALTER TABLE record DROP COLUMN published_at",
                    "ALTER TABLE delivery DROP COLUMN mapped_at", "ALTER TABLE delivery DROP COLUMN time",
                    "ALTER TABLE delivery DROP COLUMN batch",
                    "CREATE INDEX failure_record ON failure (system, entity, record_id)", "DROP TABLE staged",
                    "CREATE TABLE staged (run TEXT NOT NULL, entity TEXT NOT NULL, id TEXT NOT NULL, owner TEXT, body BLOB NOT NULL)",
                ] { _ = try connection.execute(statement, []) }
            }
            let store = try await subject.another()
            try await store.stage([subject.state("a", nil)], run: "edlevo")
            #expect(try await store.staged(run: "edlevo", after: nil, limit: 9) == [subject.state("a", nil)])
            #expect(try await store.message(1)?.failure == subject.failure("a"))
            #expect(try await store.groups(FailureFilter()).map(\.count) == [1])
            #expect(try await store.attempts(of: 1).map(\.code) == ["value-without-code"])
            #expect(try await store.liveCounts() == [.person: 1])
            #expect(try await store.index(limit: 10) == 1)
            #expect(try await store.changeNumbers() == [.person: ChangeNumbers(upserted: 1, deleted: 0)])
            #expect(try await store.records([subject.person("a")]).values.map(\.created) == [StoreUnderTest.time])
        }
    }

    @Test func `a file that is no store is named`() async throws {
        try await StoreFixture.with { fixture in
            let path = fixture.directory + "/other"
            try Data(repeating: 65, count: 8192).write(to: URL(fileURLWithPath: path))
            let error = await #expect(throws: StoreError.self) { try await StoreFixture.open(path) }
            #expect(error?.code == .corrupt)
            #expect(error?.message.contains(path) == true)
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data(repeating: 65, count: 8192))
        }
    }

    @Test func `a place that isn't there is named`() async throws {
        try await StoreFixture.with { fixture in
            let path = fixture.directory + "/none/store.sqlite"
            let error = await #expect(throws: StoreError.self) { try await StoreFixture.open(path) }
            #expect(error?.code == .cannotOpen)
            #expect(error?.message.contains(path) == true)
        }
    }

    @Test func `a sound file passes the check, a damaged one doesn't`() async throws {
        try await StoreFixture.with { fixture in
            let subject = fixture.subject
            try await subject.take((0..<200).map { subject.state("p\($0)", String(repeating: "x", count: 300)) })
            let database = try SQLiteDatabase.open(path: fixture.path)
            #expect(try await database.integrityCheck().isEmpty)
            try await database.write { _ = try $0.execute("DELETE FROM outbox", []) }
            let copy = fixture.directory + "/damaged.sqlite"
            try await database.write { _ = try $0.query("SELECT 1", []) }
            var bytes = try await self.wholeCopy(of: database, in: fixture)
            for at in stride(from: bytes.count / 2, to: bytes.count / 2 + 8192, by: 1) { bytes[at] = 0x5A }
            try bytes.write(to: URL(fileURLWithPath: copy))
            let found: [String]
            do {
                // Where the damage is decides whether opening sees it.
                found = try await SQLiteDatabase.open(path: copy).integrityCheck()
            } catch let error as StoreError {
                #expect(error.code == .corrupt)
                found = [error.message]
            }
            #expect(!found.isEmpty)
        }
    }

    /// The database as one file without a log beside it.
    private func wholeCopy(of database: SQLiteDatabase, in fixture: StoreFixture) async throws -> Data {
        let whole = fixture.directory + "/whole.sqlite"
        for suffix in ["", "-wal"] { try FileManager.default.copyItem(atPath: fixture.path + suffix, toPath: whole + suffix) }
        // The last connection to close moves the log into the file.
        _ = try await SQLiteDatabase.open(path: whole).integrityCheck()
        return try Data(contentsOf: URL(fileURLWithPath: whole))
    }
}
