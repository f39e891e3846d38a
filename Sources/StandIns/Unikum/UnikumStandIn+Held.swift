import Foundation

/// Exports of everything that it holds, laid out as the files that it imports.
extension UnikumStandIn {
    /// Leaves two files, whole: objects, and relations without operations.
    ///
    /// - Parameter change: what goes wrong with a row on its way into the file; `nil` leaves it out.
    /// - Throws: ``StandInError`` when it is away or the folder can't be written.
    public func exportHeld(
        to folder: String, _ change: @Sendable (UnikumRow) -> UnikumRow? = { $0 }
    ) throws(StandInError) {
        try self.requireUp()
        self.exports += 1
        let objectKinds = Dictionary(uniqueKeysWithValues: self.format.objectKinds.map { ($0.name, $0) })
        var objects = ""
        var relations = ""
        for row in self.rows() {
            guard let row = change(row) else { continue }
            if let kind = objectKinds[row.kind] {
                let values = kind.columns.map { $0 == "rowType" ? kind.rowType : row.fields[$0] ?? "" }
                objects += values.joined(separator: self.format.objectDelimiter) + "\n"
            } else {
                let values = self.format.relationColumns.compactMap { column -> String? in
                    switch column {
                    case .operation: nil
                    case .relation: row.kind
                    case .from: row.fields["from"] ?? ""
                    case .to: row.fields["to"] ?? ""
                    }
                }
                relations += values.joined(separator: self.format.relationDelimiter) + "\n"
            }
        }
        let digits = String(self.exports)
        let number = String(repeating: "0", count: max(0, 6 - digits.count)) + digits
        for (name, text) in [("objekt-\(number).txt", objects), ("relationer-\(number).txt", relations)] {
            do {
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
                try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"), options: .atomic)
            } catch {
                throw StandInError(.notRunning, "the export \(name) can't be left in \(folder)", cause: error)
            }
        }
    }
}
