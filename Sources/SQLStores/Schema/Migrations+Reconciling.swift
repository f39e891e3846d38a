extension Migrations {
    /// Rows that a system was given and that were taken away again; runs of the reconciler with what they found, sealed; what somebody
    /// has said of rows that may be the same; repairs.
    static func reconciling(bytes: String) -> [String] {
        [
            """
            CREATE TABLE delivery_row_past (
                system TEXT NOT NULL, row_hash TEXT NOT NULL, entity TEXT NOT NULL, id TEXT NOT NULL, time TEXT NOT NULL,
                PRIMARY KEY (system, row_hash, entity, id))
            """,
            // With the hash: otherwise SQLite rather goes through all rows of a system in the primary key.
            "DROP INDEX delivery_row_record",
            "CREATE INDEX delivery_row_record ON delivery_row (system, entity, id, row_hash)",
            "CREATE INDEX delivery_row_past_time ON delivery_row_past (time)",
            """
            CREATE TABLE reconcile_run (
                id TEXT PRIMARY KEY, state TEXT NOT NULL, began_at TEXT NOT NULL, content TEXT NOT NULL)
            """,
            "CREATE INDEX reconcile_run_began ON reconcile_run (began_at)",
            """
            CREATE TABLE reconcile_finding (
                run TEXT NOT NULL, number BIGINT NOT NULL, system TEXT NOT NULL, kind TEXT NOT NULL, mark TEXT NOT NULL,
                situation TEXT NOT NULL, cause TEXT NOT NULL, remedy TEXT NOT NULL, entity TEXT, record_id TEXT, unit TEXT,
                first_at TEXT NOT NULL, repair TEXT, body \(bytes) NOT NULL, PRIMARY KEY (run, number))
            """,
            "CREATE INDEX reconcile_finding_mark ON reconcile_finding (run, mark)",
            "CREATE INDEX reconcile_finding_system ON reconcile_finding (run, system, situation)",
            "CREATE INDEX reconcile_finding_record ON reconcile_finding (entity, record_id)",
            """
            CREATE TABLE reconcile_match (
                mark TEXT PRIMARY KEY, system TEXT NOT NULL, kind TEXT NOT NULL, is_same BIGINT NOT NULL, made_by TEXT NOT NULL,
                made_at TEXT NOT NULL, reason TEXT NOT NULL)
            """,
            "CREATE TABLE reconcile_digest (system TEXT PRIMARY KEY, run TEXT NOT NULL, body \(bytes) NOT NULL)",
            """
            CREATE TABLE reconcile_repair (
                id TEXT PRIMARY KEY, run TEXT NOT NULL, state TEXT NOT NULL, made_at TEXT NOT NULL, content TEXT NOT NULL)
            """,
        ]
    }
}
