extension Migrations {
    /// Mass changes that wait for a person, with what they would do; what went through unseen, by the hour; plans of mass
    /// changes. A record's `seen` is the sequence that somebody has approved.
    static func guarding(numbered: String, bytes: String) -> [String] {
        [
            """
            CREATE TABLE held_change (
                id TEXT PRIMARY KEY, direction TEXT NOT NULL, system TEXT NOT NULL, entity TEXT NOT NULL, state TEXT NOT NULL,
                content TEXT NOT NULL, marks \(bytes) NOT NULL, first_at TEXT NOT NULL, last_at TEXT NOT NULL, decided_by TEXT,
                decided_at TEXT, reason TEXT)
            """,
            "CREATE INDEX held_change_state ON held_change (state, system)",
            """
            CREATE TABLE held_sample (
                held TEXT NOT NULL, number BIGINT NOT NULL, entity TEXT NOT NULL, id TEXT NOT NULL, body \(bytes) NOT NULL,
                PRIMARY KEY (held, number))
            """,
            "CREATE INDEX held_sample_record ON held_sample (entity, id)",
            """
            CREATE TABLE held_delivery (
                system TEXT NOT NULL, entity TEXT NOT NULL, id TEXT NOT NULL, held TEXT NOT NULL,
                PRIMARY KEY (system, entity, id))
            """,
            "CREATE INDEX held_delivery_held ON held_delivery (held)",
            """
            CREATE TABLE held_event (
                number \(numbered), held TEXT NOT NULL, time TEXT NOT NULL, event TEXT NOT NULL, made_by TEXT, note TEXT)
            """,
            "CREATE INDEX held_event_held ON held_event (held)",
            """
            CREATE TABLE unseen_change (
                direction TEXT NOT NULL, system TEXT NOT NULL, subject TEXT NOT NULL, hour TEXT NOT NULL, part TEXT NOT NULL,
                creates BIGINT NOT NULL, updates BIGINT NOT NULL, deletes BIGINT NOT NULL, releases BIGINT NOT NULL,
                PRIMARY KEY (direction, system, subject, hour, part))
            """,
            """
            CREATE TABLE planned_change (
                id \(numbered), direction TEXT NOT NULL, system TEXT NOT NULL, subject TEXT NOT NULL,
                creates BIGINT NOT NULL, updates BIGINT NOT NULL, deletes BIGINT NOT NULL, releases BIGINT NOT NULL,
                used_creates BIGINT NOT NULL, used_updates BIGINT NOT NULL, used_deletes BIGINT NOT NULL,
                used_releases BIGINT NOT NULL, from_day TEXT NOT NULL, to_day TEXT NOT NULL, reason TEXT NOT NULL,
                made_by TEXT NOT NULL, made_at TEXT NOT NULL, revoked_by TEXT, revoked_at TEXT)
            """,
            "ALTER TABLE record ADD COLUMN seen BIGINT",
            "ALTER TABLE delivery_row ADD COLUMN kind TEXT",
        ]
    }
}
