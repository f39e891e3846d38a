extension Migrations {
    /// Runs of the probe: what was given where, and what they found. The probe's records are synthetic; nothing here is about a person.
    static let probing = [
        "CREATE TABLE probe_run (id TEXT PRIMARY KEY, started_at TEXT NOT NULL, content TEXT NOT NULL)",
        "CREATE INDEX probe_run_started ON probe_run (started_at)",
    ]
}
