/// Tables as text for spreadsheets.
public enum CSVText {
    /// A row a line (RFC 4180). A cell that a spreadsheet would take for a formula begins with an apostrophe.
    public static func lines(_ rows: [[String]]) -> String {
        rows.map { $0.map(Self.cell).joined(separator: ",") }.joined(separator: "\r\n")
    }

    private static func cell(_ text: String) -> String {
        let safe = "=+-@\t\r".contains(text.first ?? " ") ? "'\(text)" : text
        guard safe.contains(where: { ",\"\r\n".contains($0) }) else { return safe }
        return "\"\(safe.replacing("\"", with: "\"\""))\""
    }
}
