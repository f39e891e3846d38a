extension Migrations {
    /// Which system may be given a record: of a role that the hub grants the one it is for, of a role that a system says it holds
    /// none; nothing stands there for records that are for everybody.
    static let roles = [
        "ALTER TABLE record ADD COLUMN receiver TEXT",
        "UPDATE record SET receiver = '' WHERE entity = 'rolegrant'",
        "CREATE INDEX record_receiver ON record (receiver, source, operation, entity, id) WHERE receiver IS NOT NULL",
    ]
}
