extension Migrations {
    /// Which message a record's state went out as, the trace that it goes on with where that isn't the message's own, and when
    /// it was read and confirmed; when and with which batch a system was given it. What a record was before its present state, for
    /// the last few states: who asks what became of a message asks about an earlier one as often as not.
    static let journeys = [
        "ALTER TABLE record ADD COLUMN event_id TEXT",
        "ALTER TABLE record ADD COLUMN trace TEXT",
        "ALTER TABLE record ADD COLUMN read_at TEXT",
        "ALTER TABLE record ADD COLUMN published_at TEXT",
        "CREATE INDEX record_event ON record (event_id)",
        "CREATE INDEX record_trace ON record (trace) WHERE trace IS NOT NULL",
        "ALTER TABLE delivery ADD COLUMN mapped_at TEXT",
        "ALTER TABLE delivery ADD COLUMN time TEXT",
        "ALTER TABLE delivery ADD COLUMN batch TEXT",
        """
        CREATE TABLE record_past (
            entity TEXT NOT NULL, id TEXT NOT NULL, sequence BIGINT NOT NULL, source TEXT NOT NULL, operation TEXT NOT NULL,
            time TEXT NOT NULL, event_id TEXT, trace TEXT, read_at TEXT, published_at TEXT, PRIMARY KEY (entity, id, sequence))
        """,
        "CREATE INDEX record_past_event ON record_past (event_id)",
        "CREATE INDEX audit_subject ON audit (subject)",
        "CREATE INDEX record_past_trace ON record_past (trace) WHERE trace IS NOT NULL",
    ]
}
