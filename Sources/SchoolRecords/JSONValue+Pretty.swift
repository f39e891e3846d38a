import Foundation

extension JSONValue {
    /// The document for people to read: two spaces a level, members in the order of their UTF-8 names, a line feed at
    /// the end. Equal values have equal texts.
    public var prettyText: String {
        var text = ""
        self.write(to: &text, indent: "")
        return text + "\n"
    }

    private func write(to text: inout String, indent: String) {
        let inner = indent + "  "
        switch self {
        case .array(let elements) where !elements.isEmpty:
            text += "["
            for (index, element) in elements.enumerated() {
                text += (index > 0 ? ",\n" : "\n") + inner
                element.write(to: &text, indent: inner)
            }
            text += "\n\(indent)]"
        case .object(let members) where !members.isEmpty:
            text += "{"
            let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            for (index, (name, value)) in sorted.enumerated() {
                text += (index > 0 ? ",\n" : "\n") + inner + JSONValue.string(name).compactText + ": "
                value.write(to: &text, indent: inner)
            }
            text += "\n\(indent)}"
        default: text += self.compactText
        }
    }

    private var compactText: String { String(decoding: self.canonicalData, as: UTF8.self) }
}
