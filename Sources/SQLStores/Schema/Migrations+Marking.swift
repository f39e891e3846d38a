extension Migrations {
    /// Whom a source marks as protected that isn't the persons' own: numbers are keyed hashes, persons opaque ids.
    static let marking = [
        """
        CREATE TABLE source_mark (
            source TEXT NOT NULL, number TEXT NOT NULL, person TEXT, level TEXT, time TEXT NOT NULL,
            PRIMARY KEY (source, number))
        """,
        "CREATE INDEX source_mark_person ON source_mark (person)",
    ]
}
