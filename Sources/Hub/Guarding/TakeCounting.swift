/// Under whose eyes a change is taken.
public enum TakeCounting: Sendable, Hashable {
    /// Within the limits: added to what went through unseen, which the next changes are measured by.
    case unseen
    /// Approved by a person, a first load, or what takes a protected person out of sight, which waits for nobody: what it leads to at the receiving systems isn't held again.
    case seen
    /// Announced by this plan, which is used up by it.
    case planned(Int64)
    /// Neither: what the hub makes by itself.
    case uncounted
}
