extension Migrations {
    /// Who was erased, under opaque ids: `content` names nobody; `body` is what is still needed until systems have confirmed. Who mustn't be
    /// erased, because somebody has said so,
    /// with the ids that this is about.
    static func erasing(bytes: String) -> [String] {
        [
            """
            CREATE TABLE erasure (
                person TEXT PRIMARY KEY, time TEXT NOT NULL, state TEXT NOT NULL, content TEXT NOT NULL, body \(bytes))
            """,
            "CREATE TABLE legal_hold (person TEXT PRIMARY KEY, body \(bytes) NOT NULL)",
            "CREATE TABLE legal_hold_record (id TEXT NOT NULL, person TEXT NOT NULL, PRIMARY KEY (id, person))",
        ]
    }
}
