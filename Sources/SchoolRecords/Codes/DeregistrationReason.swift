/// Why somebody isn't registered as resident any more.
public enum DeregistrationReason: String, CodeSet {
    case deceased
    case emigrated
    /// Known by another number from now on.
    case formerNumber
    case annulledNumber
    /// Nobody knows where the person is.
    case missing
    /// A correction in the register itself.
    case technical
    case other

    public static var name: String { "Registration.deregistrationReason" }

    /// Whether the person doesn't live in the country any more, or doesn't live.
    public var isGone: Bool { self == .deceased || self == .emigrated }
}
