/// How the population register protects a person (`securityMarking`).
///
/// Fails safe: only an absent marking and `Ingen` are unprotected; a value that nobody knows is protected.
public enum SecurityMarking: Sendable, Hashable {
    /// `Ingen`.
    case none
    /// `Sekretessmarkering`: secrecy must be considered before anything is given out.
    case secrecyMark
    /// `Skyddad folkbokföring`: registered at another place than where the person lives.
    case protectedRegistration
    /// A value that the standard doesn't have, as it came.
    case other(String)

    /// Reads a marking. `nil` and `null` are ``none``; what is no text counts as ``secrecyMark``.
    public init(json: JSONValue?) {
        switch json {
        case nil, .null: self = .none
        case .string("Ingen"): self = .none
        case .string("Sekretessmarkering"): self = .secrecyMark
        case .string("Skyddad folkbokföring"): self = .protectedRegistration
        case .string(let text): self = .other(text)
        default: self = .secrecyMark
        }
    }

    /// Whether the person's real data must stay in the vault.
    public var isProtected: Bool { self != .none }

    /// The marking as it stands in a record.
    public var json: JSONValue {
        switch self {
        case .none: "Ingen"
        case .secrecyMark: "Sekretessmarkering"
        case .protectedRegistration: "Skyddad folkbokföring"
        case .other(let text): .string(text)
        }
    }
}
