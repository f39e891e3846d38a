extension Migrations {
    /// Tokens of programs, kept as hashes, and the answers to requests that may be sent again.
    static func programs(bytes: String) -> [String] {
        [
            "CREATE TABLE machine_token (name TEXT PRIMARY KEY, digest TEXT NOT NULL UNIQUE, content \(bytes) NOT NULL)",
            """
            CREATE TABLE kept_answer (
                name TEXT PRIMARY KEY, request TEXT NOT NULL, process TEXT NOT NULL, time TEXT NOT NULL, content \(bytes))
            """,
            "CREATE INDEX kept_answer_time ON kept_answer (time)",
        ]
    }
}
