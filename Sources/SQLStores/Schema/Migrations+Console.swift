extension Migrations {
    /// Accounts of the web console and who is signed in. What a browser holds is kept as a hash only.
    static func console(bytes: String) -> [String] {
        [
            "CREATE TABLE console_account (name TEXT PRIMARY KEY, revision BIGINT NOT NULL, content \(bytes) NOT NULL)",
            """
            CREATE TABLE console_session (
                digest TEXT PRIMARY KEY, account TEXT, revision BIGINT, content \(bytes) NOT NULL, started_at TEXT NOT NULL,
                seen_at TEXT NOT NULL)
            """,
            "CREATE INDEX console_session_account ON console_session (account)",
        ]
    }
}
