/// The tables, step by step: a step is never changed once it has been in force anywhere, only followed by another.
enum Migrations {
    static func steps(_ database: any SQLDatabase) -> [[String]] {
        [
            Self.first(numbered: database.numberedKey, bytes: database.bytesType),
            Self.second(bytes: database.bytesType),
            Self.third,
            Self.fourth,
            Self.replays,
            Self.liveCounts,
            Self.failureCounts(bytes: database.bytesType),
            Self.guarding(numbered: database.numberedKey, bytes: database.bytesType),
            Self.journeys,
            Self.replayRules,
            Self.deliveredForms(bytes: database.bytesType),
            Self.retention,
            Self.flowFailures,
            Self.rolePlans(bytes: database.bytesType),
            Self.roles,
            Self.coveringIndexes,
            Self.roleHistory(numbered: database.numberedKey),
            Self.accountStates,
            Self.reconciling(bytes: database.bytesType),
            Self.quality(numbered: database.numberedKey),
            Self.probing,
            Self.console(bytes: database.bytesType),
            Self.providing(bytes: database.bytesType),
            Self.protection(bytes: database.bytesType),
            Self.programs(bytes: database.bytesType),
            Self.erasing(bytes: database.bytesType),
            Self.marking,
        ]
    }

    /// What systems are given of protected persons, and what people decide about them. Everything that says something of somebody is
    /// sealed; persons are named by their opaque ids.
    private static func protection(bytes: String) -> [String] {
        [
            """
            CREATE TABLE vault_form (
                system TEXT NOT NULL, entity TEXT NOT NULL, id TEXT NOT NULL, source TEXT NOT NULL, sequence BIGINT NOT NULL,
                operation TEXT NOT NULL, form TEXT NOT NULL, class_lists BIGINT NOT NULL, content_hash TEXT,
                body \(bytes) NOT NULL, time TEXT NOT NULL, PRIMARY KEY (system, entity, id))
            """,
            "CREATE INDEX vault_form_record ON vault_form (entity, id)",
            "CREATE TABLE hub_mark (person TEXT PRIMARY KEY, body \(bytes) NOT NULL)",
            "CREATE TABLE identity_consent (person TEXT PRIMARY KEY, body \(bytes) NOT NULL)",
            """
            CREATE TABLE fictitious_identity (
                person TEXT PRIMARY KEY, number_hash TEXT NOT NULL UNIQUE, body \(bytes) NOT NULL)
            """,
            "CREATE TABLE relation_block (child TEXT NOT NULL, guardian TEXT NOT NULL, PRIMARY KEY (child, guardian))",
            "CREATE TABLE vault_guardian (person TEXT PRIMARY KEY)",
            "CREATE TABLE recall (person TEXT PRIMARY KEY, time TEXT NOT NULL, body \(bytes) NOT NULL)",
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

    /// Counting live records, which every reading of a source asks for, without going through their bodies.
    private static let liveCounts = ["CREATE INDEX record_live ON record (operation, entity, source, unit)"]

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

    /// Replays as frozen choices of failures, every attempt of a failure, and the indexes by which groups and pages of very
    /// many failures are found. A message is in one open replay: the unique index says so.
    private static let replays = [
        """
        CREATE TABLE replay_batch (
            id TEXT PRIMARY KEY, state TEXT NOT NULL, plan TEXT NOT NULL, size BIGINT NOT NULL, content_hash TEXT NOT NULL,
            made_at TEXT NOT NULL, made_by TEXT NOT NULL, accepted BIGINT NOT NULL, sent_at TEXT)
        """,
        """
        CREATE TABLE replay_item (
            batch TEXT NOT NULL, failure BIGINT NOT NULL, attempts BIGINT NOT NULL, fingerprint TEXT NOT NULL,
            outcome TEXT NOT NULL, PRIMARY KEY (batch, failure))
        """,
        "CREATE INDEX replay_outcome ON replay_item (batch, outcome, failure)",
        "CREATE UNIQUE INDEX replay_claim ON replay_item (failure) WHERE outcome IN ('waiting', 'sent')",
        """
        CREATE TABLE failure_attempt (
            failure BIGINT NOT NULL, number BIGINT NOT NULL, time TEXT NOT NULL, kind TEXT NOT NULL, code TEXT NOT NULL,
            field TEXT, place TEXT, message TEXT NOT NULL, PRIMARY KEY (failure, number))
        """,
        """
        INSERT INTO failure_attempt (failure, number, time, kind, code, field, place, message)
        SELECT id, attempts, last_at, kind, code, field, place, message FROM failure
        """,
        """
        CREATE TABLE failure_discard (
            failure BIGINT PRIMARY KEY, time TEXT NOT NULL, person TEXT NOT NULL, reason TEXT NOT NULL)
        """,
        "CREATE INDEX failure_last ON failure (state, fingerprint, last_at)",
        "CREATE INDEX failure_first ON failure (state, fingerprint, first_at)",
        "CREATE INDEX failure_page ON failure (state, id)",
        "CREATE INDEX failure_system ON failure (state, system, id)",
    ]

    /// Which replays rules started, and in which replays a failure has been.
    private static let replayRules = [
        "ALTER TABLE replay_batch ADD COLUMN rule TEXT",
        "CREATE INDEX replay_batch_rule ON replay_batch (rule, made_at)",
        "CREATE INDEX replay_failure ON replay_item (failure, batch)",
    ]

    /// What mappings had made of messages that systems refused, to be sent as it was.
    private static func deliveredForms(bytes: String) -> [String] {
        [
            """
            CREATE TABLE failure_form (
                failure BIGINT PRIMARY KEY, mappings TEXT, body \(bytes) NOT NULL, under_way BIGINT NOT NULL)
            """
        ]
    }

    /// Since when a failure has been over, or archived. Those that were over before this get their time at the first look.
    private static let retention = [
        "ALTER TABLE failure ADD COLUMN ended_at TEXT",
        "CREATE INDEX failure_ended ON failure (ended_at, state) WHERE ended_at IS NOT NULL",
        "CREATE INDEX failure_unended ON failure (state, id) WHERE ended_at IS NULL",
    ]

    /// The persons about whom a flow couldn't decide.
    private static let flowFailures = ["CREATE INDEX failure_flow ON failure (system, record_id) WHERE stage = 'flow'"]

    /// Who waits for a record, and what a record looked at, from their indexes alone: with the rest to be fetched from the table
    /// SQLite rather goes through all that there is of a system in the primary key.
    private static let coveringIndexes = [
        "DROP INDEX waiting_for",
        "CREATE INDEX waiting_for ON waiting (system, for_entity, for_id, entity, id)",
        "DROP INDEX delivery_reference_record",
        "CREATE INDEX delivery_reference_record ON delivery_reference (system, entity, id, ref_entity, ref_id)",
    ]

    /// How many failures there are of each group in each state: counting a million rows takes longer than people wait. The
    /// indexes by which pages of very many are found, the audit log, and corrections of messages.
    private static func failureCounts(bytes: String) -> [String] {
        [
            """
            CREATE TABLE failure_count (
                state TEXT NOT NULL, fingerprint TEXT NOT NULL, system TEXT NOT NULL, entity TEXT, code TEXT NOT NULL,
                number BIGINT NOT NULL, PRIMARY KEY (state, fingerprint))
            """,
            """
            INSERT INTO failure_count (state, fingerprint, system, entity, code, number)
            SELECT state, fingerprint, MAX(system), MAX(entity), MAX(code), COUNT(*) FROM failure GROUP BY state, fingerprint
            """,
            "DROP INDEX failure_state",
            "DROP INDEX failure_last",
            "DROP INDEX failure_system",
            "CREATE INDEX failure_group ON failure (state, fingerprint, id)",
            "CREATE INDEX failure_last ON failure (state, fingerprint, last_at, id, first_at)",
            """
            CREATE TABLE audit (
                number BIGINT PRIMARY KEY, time TEXT NOT NULL, person TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL,
                operation TEXT, reason TEXT, hash TEXT NOT NULL)
            """,
            """
            CREATE TABLE failure_edit (
                failure BIGINT PRIMARY KEY, sequence BIGINT NOT NULL, body \(bytes) NOT NULL, fields TEXT NOT NULL,
                reason TEXT NOT NULL, person TEXT NOT NULL, time TEXT NOT NULL, needs_approval BIGINT NOT NULL, approver TEXT)
            """,
            "ALTER TABLE outbox ADD COLUMN edit BIGINT",
            "ALTER TABLE replay_batch ADD COLUMN started_by TEXT",
        ]
    }
}
