extension Migrations {
    /// The register as other systems fetch it: by what records refer to, by when they changed, and who is told of changes. All
    /// that is there is marked as changed, and gets its terms when the index is brought up to date.
    static func providing(bytes: String) -> [String] {
        [
            "CREATE TABLE record_term (entity TEXT NOT NULL, term TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (entity, term, id))",
            "CREATE INDEX record_term_record ON record_term (entity, id)",
            """
            CREATE TABLE unindexed (
                entity TEXT NOT NULL, id TEXT NOT NULL, sequence BIGINT NOT NULL, PRIMARY KEY (entity, id))
            """,
            """
            INSERT INTO unindexed (entity, id, sequence) SELECT entity, id, sequence FROM record
            WHERE entity NOT IN (\(Self.ownEntities))
            """,
            "CREATE TABLE change_number (entity TEXT PRIMARY KEY, upserted BIGINT NOT NULL, deleted BIGINT NOT NULL)",
            "CREATE INDEX record_changed ON record (entity, operation, time, id)",
            """
            CREATE TABLE provider_subscription (
                id TEXT PRIMARY KEY, client TEXT NOT NULL, content \(bytes) NOT NULL, expires TEXT NOT NULL, told TEXT NOT NULL,
                attempts BIGINT NOT NULL, due TEXT)
            """,
            "CREATE INDEX provider_subscription_client ON provider_subscription (client, id)",
            "CREATE INDEX provider_subscription_expires ON provider_subscription (expires)",
        ]
    }

    /// The hub's own kinds of record when this step was made.
    private static let ownEntities = [
        "identitychange", "rolegrant", "accountstatus", "transportapplication", "transporteligibility", "transportdecision",
        "lessonreport", "notice",
    ].map { "'\($0)'" }.joined(separator: ", ")
}
