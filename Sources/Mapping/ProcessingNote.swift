/// By what right a system has personal data, and how long it keeps it, in the words of who runs the hub: `processing` in `system.yaml`.
///
/// What a register of processing says beside the fields and their purposes (GDPR article 30.1).
public struct ProcessingNote: Sendable, Hashable, Codable {
    /// The law, and the decision when there is one.
    public let legalBasis: Purpose?
    /// For how long, or by what plan, the system keeps what it is given.
    public let retention: Purpose?
}

extension ProcessingNote {
    static let key = "processing"

    init?(_ node: YAMLNode?, _ diagnostics: Diagnostics) {
        guard let node else { return nil }
        guard node.pairs != nil else {
            diagnostics.error("'\(Self.key)' is a mapping with legal_basis and retention", at: node.position)
            return nil
        }
        diagnostics.checkKeys(of: node, allowed: ["legal_basis", "retention"], in: "'\(Self.key)'")
        self.init(
            legalBasis: Purpose(node["legal_basis"], diagnostics), retention: Purpose(node["retention"], diagnostics))
    }
}
