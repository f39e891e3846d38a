import Foundation

/// Writes a document in UTF-8, elements in the order they are given.
struct XMLWriter {
    private(set) var bytes = Array(#"<?xml version="1.0" encoding="utf-8"?>"#.utf8)

    /// The bytes of a document with a root in a name space.
    static func document(_ root: String, nameSpace: String, _ children: (inout XMLWriter) -> Void) -> [UInt8] {
        var writer = XMLWriter()
        writer.element(root, ["xmlns": nameSpace], children)
        return writer.bytes
    }

    mutating func element(
        _ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ children: (inout XMLWriter) -> Void
    ) {
        self.open(name, attributes)
        children(&self)
        self.bytes.append(contentsOf: "</\(name)>".utf8)
    }

    /// An element with a text; nothing when there is no text.
    mutating func leaf(_ name: String, _ text: String?, _ attributes: KeyValuePairs<String, String> = [:]) {
        guard let text, !text.isEmpty else { return }
        self.open(name, attributes)
        self.append(text)
        self.bytes.append(contentsOf: "</\(name)>".utf8)
    }

    private mutating func open(_ name: String, _ attributes: KeyValuePairs<String, String>) {
        self.bytes.append(contentsOf: "<\(name)".utf8)
        for (name, value) in attributes {
            self.bytes.append(contentsOf: " \(name)=\"".utf8)
            self.append(value)
            self.bytes.append(UInt8(ascii: "\""))
        }
        self.bytes.append(UInt8(ascii: ">"))
    }

    /// A text; what XML has no way to write is left out.
    private mutating func append(_ text: String) {
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": self.bytes.append(contentsOf: "&amp;".utf8)
            case "<": self.bytes.append(contentsOf: "&lt;".utf8)
            case ">": self.bytes.append(contentsOf: "&gt;".utf8)
            case "\"": self.bytes.append(contentsOf: "&quot;".utf8)
            case "\r": self.bytes.append(contentsOf: "&#13;".utf8)
            case "\n": self.bytes.append(contentsOf: "&#10;".utf8)
            case "\t": self.bytes.append(contentsOf: "&#9;".utf8)
            case "\u{0}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": continue
            default: self.bytes.append(contentsOf: String(scalar).utf8)
            }
        }
    }
}
