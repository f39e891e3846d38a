extension Migrations {
    /// Runs of the rules of source quality, their numbers, and what the latest of them found. Findings hold ids alone.
    static func quality(numbered: String) -> [String] {
        [
            "CREATE TABLE quality_run (number \(numbered), time TEXT NOT NULL, content TEXT)",
            """
            CREATE TABLE quality_count (
                run BIGINT NOT NULL, rule TEXT NOT NULL, unit TEXT NOT NULL, examined BIGINT NOT NULL, found BIGINT NOT NULL,
                PRIMARY KEY (run, rule, unit))
            """,
            """
            CREATE TABLE quality_finding (
                run BIGINT NOT NULL, rule TEXT NOT NULL, entity TEXT NOT NULL, id TEXT NOT NULL, related TEXT NOT NULL,
                unit TEXT, field TEXT, since TEXT NOT NULL, PRIMARY KEY (run, rule, entity, id, related))
            """,
            "CREATE INDEX quality_finding_record ON quality_finding (entity, id)",
            "CREATE INDEX quality_finding_related ON quality_finding (related)",
        ]
    }
}
