import Foundation
import SQLiteDatabase
import Testing

@testable import SQLStores

@Suite("What is held about a person is looked for everywhere")
struct HeldTableTests {
    /// About no person, or never without a row in a table that is looked at: settings, the hub's own workings, and what many persons are in.
    private static let others: Set<String> = [
        "schema_step", "setting", "counter", "change_number", "prepared", "failure_count", "failure_discard", "replay_batch",
        "replay_item", "held_change", "held_event", "unseen_change", "planned_change", "role_plan", "role_approval", "role_step",
        "role_readiness", "role_run", "probe_run", "quality_run", "quality_count", "reconcile_run", "reconcile_match",
        "reconcile_repair", "reconcile_digest", "console_account", "console_session", "machine_token", "kept_answer",
        "provider_subscription", "sqlite_sequence",
    ]

    @Test func `every table is an export's, an index, or about nobody`() async throws {
        try await StoreFixture.with { fixture in
            let tables = try await SQLiteDatabase.open(path: fixture.path).read {
                try $0.query("SELECT name FROM sqlite_master WHERE type = 'table'", []).map { $0.text(0) }
            }
            let exported = Set(HeldTable.all.map(\.table))
            let indexes = Set(HeldTable.indexes)
            #expect(Set(tables) == exported.union(indexes).union(Self.others))
            #expect(exported.isDisjoint(with: indexes.union(Self.others)) && indexes.isDisjoint(with: Self.others))
        }
    }
}
