/// The tables, step by step: a step is never changed once it has been in force anywhere, only followed by another.
enum Migrations {
    static func steps(_ database: any SQLDatabase) -> [[String]] {
        [
            Self.first(numbered: database.numberedKey, bytes: database.bytesType),
            Self.second(bytes: database.bytesType),
            Self.third,
            Self.fourth,
        ]
    }

    private static func first(numbered: String, bytes: String) -> [String] {
        [
            "CREATE TABLE setting (name TEXT PRIMARY KEY, value \(bytes) NOT NULL)",
            "CREATE TABLE data_key (owner TEXT PRIMARY KEY, wrapped \(bytes) NOT NULL)",
            """
            CREATE TABLE record (
                entity TEXT NOT NULL, id TEXT NOT NULL, source TEXT NOT NULL, sequence BIGINT NOT NULL,
                operation TEXT NOT NULL, owner TEXT, content_hash TEXT, body \(bytes) NOT NULL, time TEXT NOT NULL,
                PRIMARY KEY (entity, id))
            """,
            """
            CREATE TABLE outbox (
                position \(numbered), entity TEXT NOT NULL, id TEXT NOT NULL, sequence BIGINT NOT NULL,
                event_id TEXT NOT NULL, exchange TEXT NOT NULL, routing_key TEXT NOT NULL, reason TEXT)
            """,
            "CREATE INDEX outbox_record ON outbox (entity, id)",
            """
            CREATE TABLE staged (
                run TEXT NOT NULL, entity TEXT NOT NULL, id TEXT NOT NULL, owner TEXT, body \(bytes) NOT NULL,
                PRIMARY KEY (run, entity, id))
            """,
            "CREATE TABLE mark (source TEXT NOT NULL, entity TEXT NOT NULL, time TEXT NOT NULL, PRIMARY KEY (source, entity))",
            """
            CREATE TABLE vault (
                entity TEXT NOT NULL, id TEXT NOT NULL, source TEXT NOT NULL, body \(bytes) NOT NULL, time TEXT NOT NULL,
                PRIMARY KEY (entity, id))
            """,
            """
            CREATE TABLE delivery (
                system TEXT NOT NULL, entity TEXT NOT NULL, id TEXT NOT NULL, sequence BIGINT NOT NULL,
                rows_hash TEXT NOT NULL, body \(bytes) NOT NULL, PRIMARY KEY (system, entity, id))
            """,
            """
            CREATE TABLE delivery_reference (
                system TEXT NOT NULL, ref_entity TEXT NOT NULL, ref_id TEXT NOT NULL, entity TEXT NOT NULL, id TEXT NOT NULL,
                PRIMARY KEY (system, ref_entity, ref_id, entity, id))
            """,
            "CREATE INDEX delivery_reference_record ON delivery_reference (system, entity, id)",
            """
            CREATE TABLE delivery_row (
                system TEXT NOT NULL, row_hash TEXT NOT NULL, entity TEXT NOT NULL, id TEXT NOT NULL,
                PRIMARY KEY (system, row_hash, entity, id))
            """,
            "CREATE INDEX delivery_row_record ON delivery_row (system, entity, id)",
            "CREATE TABLE prepared (system TEXT PRIMARY KEY, body \(bytes) NOT NULL)",
            """
            CREATE TABLE waiting (
                system TEXT NOT NULL, entity TEXT NOT NULL, id TEXT NOT NULL, for_entity TEXT NOT NULL, for_id TEXT NOT NULL,
                PRIMARY KEY (system, entity, id, for_entity, for_id))
            """,
            "CREATE INDEX waiting_for ON waiting (system, for_entity, for_id)",
            """
            CREATE TABLE retry (
                system TEXT NOT NULL, entity TEXT NOT NULL, id TEXT NOT NULL, due BIGINT NOT NULL, reason TEXT NOT NULL,
                PRIMARY KEY (system, entity, id))
            """,
            """
            CREATE TABLE failure (
                id \(numbered), stage TEXT NOT NULL, system TEXT NOT NULL, entity TEXT, record_id TEXT, sequence BIGINT,
                kind TEXT NOT NULL, code TEXT NOT NULL, field TEXT, place TEXT, message TEXT NOT NULL, body \(bytes),
                fingerprint TEXT NOT NULL, state TEXT NOT NULL, attempts BIGINT NOT NULL, first_at TEXT NOT NULL,
                last_at TEXT NOT NULL)
            """,
            "CREATE INDEX failure_record ON failure (system, entity, record_id)",
            "CREATE INDEX failure_state ON failure (state, fingerprint)",
            "CREATE TABLE counter (name TEXT PRIMARY KEY, value BIGINT NOT NULL)",
        ]
    }

    /// Records set aside may be gone ones (what an interrupted reading left is dropped anyway), and failures are found by
    /// their record alone.
    private static func second(bytes: String) -> [String] {
        [
            "DROP TABLE staged",
            """
            CREATE TABLE staged (
                run TEXT NOT NULL, entity TEXT NOT NULL, id TEXT NOT NULL, owner TEXT, body \(bytes),
                PRIMARY KEY (run, entity, id))
            """,
            "CREATE INDEX failure_key ON failure (entity, record_id, system)",
            "DROP INDEX failure_record",
        ]
    }

    /// When a record was first taken, for its published `meta` (for those taken before this, the last change is what is
    /// known), and its school unit, by which changes are counted (known from the next change on).
    private static let third = [
        "ALTER TABLE record ADD COLUMN created TEXT",
        "UPDATE record SET created = time",
        "ALTER TABLE record ADD COLUMN unit TEXT",
        "ALTER TABLE staged ADD COLUMN unit TEXT",
    ]

    /// Finding the records about a person (a stay schedule is so through its placement), what flows looked at, and what they
    /// made of it.
    private static let fourth = [
        "ALTER TABLE record ADD COLUMN carrier_entity TEXT",
        "ALTER TABLE record ADD COLUMN carrier TEXT",
        "CREATE INDEX record_owner ON record (owner, entity)",
        "CREATE INDEX record_carrier ON record (carrier, carrier_entity)",
        """
        CREATE TABLE flow_read (
            flow TEXT NOT NULL, entity TEXT NOT NULL, id TEXT NOT NULL, subject TEXT NOT NULL,
            PRIMARY KEY (flow, entity, id, subject))
        """,
        "CREATE INDEX flow_read_subject ON flow_read (flow, subject)",
        """
        CREATE TABLE derivation (
            entity TEXT NOT NULL, id TEXT NOT NULL, flow TEXT NOT NULL, subject TEXT NOT NULL, rule TEXT NOT NULL,
            origins TEXT NOT NULL, PRIMARY KEY (entity, id))
        """,
        "CREATE INDEX derivation_subject ON derivation (flow, subject)",
    ]
}
