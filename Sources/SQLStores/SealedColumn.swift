import Foundation
import Hub

/// A column that the hub's key itself seals, and how its rows are found. All of them stand here: what isn't named is lost with the next
/// change of keys (a test compares the list with the tables).
struct SealedColumn: Sendable {
    let table: String
    let column: String
    /// The primary key.
    let key: [String]
    var keyIsNumber: [Bool]
    /// Which of the rows; the others aren't sealed with the hub's key.
    let condition: String?
    /// What else the context is made of, as SQL.
    let extra: [String]
    /// What it was sealed with: the columns of the key, then `extra`.
    let context: @Sendable ([String]) -> String

    init(
        _ table: String, _ column: String = "body", key: [String], numbers: Set<String> = [], where condition: String? = nil,
        extra: [String] = [], context: (@Sendable ([String]) -> String)? = nil
    ) {
        self.table = table
        self.column = column
        self.key = key
        self.keyIsNumber = key.map(numbers.contains)
        self.condition = condition
        self.extra = extra
        self.context = context ?? { "\(table)/\($0.joined(separator: "/"))" }
    }

    static let all: [SealedColumn] = [
        SealedColumn("setting", "value", key: ["name"], where: "name <> '\(KeyState.name)'") { $0[0] },
        SealedColumn("data_key", "wrapped", key: ["owner"]) { "data-key/\($0[0])" },
        SealedColumn("record", key: ["entity", "id"], where: "owner IS NULL"),
        SealedColumn("staged", key: ["run", "entity", "id"]) { "staged/\($0[1])/\($0[2])" },
        SealedColumn("vault", key: ["entity", "id"]),
        SealedColumn("vault_form", key: ["system", "entity", "id"]),
        SealedColumn("delivery", key: ["system", "entity", "id"]),
        SealedColumn("prepared", key: ["system"]),
        SealedColumn("failure", key: ["id"], numbers: ["id"], extra: ["system"]) { "failure/\($0[1])" },
        SealedColumn("failure_edit", key: ["failure"], numbers: ["failure"]),
        SealedColumn(
            "failure_form", key: ["failure"], numbers: ["failure"],
            extra: ["(SELECT f.system FROM failure f WHERE f.id = failure_form.failure)"]
        ) { "failure_form/\($0[1])" },
        SealedColumn("held_sample", key: ["held", "number"], numbers: ["number"]) { "held/\($0[0])/\($0[1])" },
        SealedColumn("role_plan", "document", key: ["id"]) { "role-plan/\($0[0])" },
        SealedColumn("reconcile_finding", key: ["run", "number"], numbers: ["number"]) { "finding/\($0[0])/\($0[1])" },
        SealedColumn("reconcile_digest", key: ["system"]) { "reconcile-digest/\($0[0])" },
        SealedColumn("console_account", "content", key: ["name"]),
        SealedColumn("console_session", "content", key: ["digest"]),
        SealedColumn("machine_token", "content", key: ["name"], extra: ["digest"]) { "machine_token/\($0[1])" },
        SealedColumn("kept_answer", "content", key: ["name"]),
        SealedColumn("provider_subscription", "content", key: ["id"]) { "subscription/\($0[0])" },
        SealedColumn("hub_mark", key: ["person"]),
        SealedColumn("identity_consent", key: ["person"]),
        SealedColumn("fictitious_identity", key: ["person"]),
        SealedColumn("recall", key: ["person"]),
        SealedColumn("erasure", key: ["person"]),
        SealedColumn("legal_hold", key: ["person"]),
    ]

    /// Columns of bytes that hold nothing sealed with the hub's key: numbers of held changes.
    static let unsealed = ["held_change.marks"]
}

/// Which generation is in force, and which are closed, as the store says it.
struct KeyState: Sendable, Hashable {
    static let name = "key-state"

    /// The one that seals.
    var current = 1
    /// The earliest that may still come in.
    var least = 1

    static func read(_ connection: any SQLConnection) throws -> KeyState {
        guard let row = try connection.first("SELECT value FROM setting WHERE name = ?", [.text(Self.name)]),
            let data = row.optionalBlob(0)
        else { return KeyState() }
        let numbers = String(decoding: data, as: UTF8.self).split(separator: " ").compactMap { Int($0) }
        return numbers.count == 2 ? KeyState(current: numbers[0], least: numbers[1]) : KeyState()
    }

    func write(_ connection: any SQLConnection) throws {
        try connection.execute(
            "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            [.text(Self.name), .blob(Data("\(self.current) \(self.least)".utf8))])
    }
}
