/// Filters of a query (RFC 7644, 3.4.2.2).
enum SCIMFilter {
    /// `attribute eq "value"`, the value as a JSON string.
    static func equals(_ attribute: String, _ value: String) -> String { "\(attribute) eq \(self.quoted(value))" }

    /// As a JSON string, as filters have their values.
    static func quoted(_ value: String) -> String {
        var text = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\u{0}"..."\u{1F}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}
