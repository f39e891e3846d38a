public import SchoolRecords

/// What was found when a record was looked up for a mapping.
public enum LookedUp: Sendable, Hashable {
    case found(JSONDocument)
    /// It is not for this system: rows that need it are left out, and nothing waits for it.
    case withheld
    /// It isn't there yet: rows that need it are left out until it comes.
    case missing

    /// A record that is at hand as a value.
    public static func found(_ record: JSONValue) -> LookedUp { .found(JSONDocument(record)) }
}
