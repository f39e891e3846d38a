public import SchoolRecords

/// What led to the changes that are taken now; goes with the task to the register, which keeps it of each change.
public enum ChangeOrigin: Sendable, Hashable {
    /// A reading of a source that began then (RFC 3339 in UTC); `trace` is that of the notice which it was for.
    case reading(at: String, trace: TraceContext?)
    /// A flow's decision: each record goes on with the trace of the latest of the records it was made of.
    case derived

    @TaskLocal public static var current: ChangeOrigin?

    /// When the source was read.
    public var readAt: String? {
        if case .reading(let time, _) = self { return time }
        return nil
    }
}
