public import SchoolRecords

/// What an outbound mapping says of a record.
public enum OutboundResult: Sendable {
    /// These records have to be looked up first; call again with everything looked up so far.
    case needs(Set<RecordKey>)
    case rows(Projection)
}
