extension Migrations {
    /// Role plans with who approved which part, and how far each step has come.
    static func rolePlans(bytes: String) -> [String] {
        [
            """
            CREATE TABLE role_plan (
                id TEXT PRIMARY KEY, state TEXT NOT NULL, content TEXT NOT NULL, document \(bytes) NOT NULL, made_at TEXT NOT NULL,
                since TEXT NOT NULL, state_by TEXT NOT NULL)
            """,
            "CREATE INDEX role_plan_made ON role_plan (made_at)",
            "CREATE INDEX role_plan_state ON role_plan (state)",
            """
            CREATE TABLE role_approval (
                plan TEXT NOT NULL, unit TEXT NOT NULL, made_by TEXT NOT NULL, time TEXT NOT NULL, reason TEXT NOT NULL,
                PRIMARY KEY (plan, unit, made_by))
            """,
            """
            CREATE TABLE role_step (
                plan TEXT NOT NULL, number BIGINT NOT NULL, id TEXT NOT NULL, unit TEXT, state TEXT NOT NULL, sequence BIGINT,
                note TEXT, PRIMARY KEY (plan, number))
            """,
        ]
    }
}
