/// Why a system has what it is given, in the words of who runs the hub.
public struct Purpose: Sendable, Hashable, Codable {
    public let sv: String
    public let en: String
}

extension Purpose {
    /// From `purpose: text`, or `purpose: {sv: …, en: …}`; what is missing takes the other language's words.
    init?(_ node: YAMLNode?, _ diagnostics: Diagnostics) {
        guard let node else { return nil }
        if let text = node.text, !node.isNull, !text.isEmpty {
            self.init(sv: text, en: text)
            return
        }
        diagnostics.checkKeys(of: node, allowed: ["sv", "en"], in: "'purpose'")
        guard let text = node["sv"]?.text ?? node["en"]?.text, !text.isEmpty else {
            diagnostics.error("'purpose' is a text, or a text in each language: {sv: …, en: …}", at: node.position)
            return nil
        }
        self.init(sv: text, en: node["en"]?.text ?? text)
    }
}
