extension Migrations {
    /// Decisions about roles by hand, when systems have said that somebody holds a role, and when a step of a plan got where it is.
    static func roleHistory(numbered: String) -> [String] {
        [
            """
            CREATE TABLE role_decision (
                number \(numbered), kind TEXT NOT NULL, person TEXT NOT NULL, system TEXT NOT NULL, role TEXT NOT NULL,
                scope TEXT NOT NULL, reason TEXT NOT NULL, made_by TEXT NOT NULL, made_at TEXT NOT NULL, first TEXT, last TEXT,
                withdrawn_by TEXT, withdrawn_at TEXT, withdrawn_why TEXT)
            """,
            "CREATE INDEX role_decision_person ON role_decision (person)",
            """
            CREATE TABLE held_role (
                number \(numbered), id TEXT NOT NULL, person TEXT NOT NULL, system TEXT NOT NULL, role TEXT NOT NULL,
                scope TEXT NOT NULL, began TEXT NOT NULL, ended TEXT)
            """,
            "CREATE INDEX held_role_person ON held_role (person)",
            "CREATE INDEX held_role_open ON held_role (id) WHERE ended IS NULL",
            "ALTER TABLE role_step ADD COLUMN action TEXT",
            "ALTER TABLE role_step ADD COLUMN at TEXT",
            "ALTER TABLE role_step ADD COLUMN taken_at TEXT",
            "ALTER TABLE role_plan ADD COLUMN applied_by TEXT",
            "CREATE INDEX role_step_id ON role_step (id)",
            "CREATE TABLE role_readiness (unit TEXT PRIMARY KEY, content TEXT NOT NULL)",
            "CREATE TABLE role_run (number \(numbered), content TEXT NOT NULL)",
        ]
    }

    /// Who has which account where, beside the records: a plan asks for all of them at once.
    static let accountStates = [
        """
        CREATE TABLE account_state (
            id TEXT PRIMARY KEY, system TEXT NOT NULL, person TEXT NOT NULL, state TEXT NOT NULL)
        """,
        "CREATE INDEX account_state_system ON account_state (system)",
    ]
}
