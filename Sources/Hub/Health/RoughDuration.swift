/// Seconds as people read them when how many exactly doesn't matter.
public enum RoughDuration {
    /// E.g. `3 min`; never below `0 s`.
    public static func text(_ seconds: Double) -> String {
        switch seconds {
        case ..<60: "\(Int(max(0, seconds))) s"
        case ..<7200: "\(Int(seconds / 60)) min"
        case ..<172_800: "\(Int(seconds / 3600)) h"
        default: "\(Int(seconds / 86_400)) d"
        }
    }
}
