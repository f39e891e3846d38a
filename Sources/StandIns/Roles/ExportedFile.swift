import Foundation
import SchoolRecords

/// How an export of a system goes wrong, once.
public enum ExportFault: Sendable, Hashable {
    /// The connection broke: the file ends in the middle of a row.
    case halfAFile
    /// Every row is there twice.
    case rowsTwice
    /// A column more than was agreed on.
    case unknownColumn
}

/// A file that a system leaves in a folder for whoever reads it: it appears whole, by being renamed, unless it is to be cut.
struct ExportedFile {
    let folder: String
    /// What its name begins with; a number follows, so that a later one comes after.
    let prefix: String
    var encoding = String.Encoding.utf8
    var ending = "csv"

    /// - Returns: the file's path.
    func write(_ columns: [String], _ rows: [[String]], number: Int, fault: ExportFault?) throws(StandInError) -> String {
        var columns = columns
        var rows = rows
        switch fault {
        case .rowsTwice: rows += rows
        case .unknownColumn:
            columns.insert("okänd", at: 1)
            rows = rows.map { [$0[0], "x"] + $0.dropFirst() }
        case .halfAFile, nil: break
        }
        return try self.write(([columns] + rows).map { $0.joined(separator: ";") }, number: number, isHalf: fault == .halfAFile)
    }

    /// Leaves lines.
    ///
    /// - Parameter isHalf: whether the last of them loses its end.
    /// - Returns: the file's path.
    func write(_ lines: [String], number: Int, isHalf: Bool) throws(StandInError) -> String {
        var bytes = lines.map { $0 + "\n" }.joined().data(using: self.encoding) ?? Data()
        if isHalf { bytes.removeLast(min(bytes.count, 4)) }
        let digits = String(number)
        let name = "\(self.prefix)\(String(repeating: "0", count: max(0, 6 - digits.count)))\(digits).\(self.ending)"
        let path = "\(self.folder)/\(name)"
        do {
            try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
            try bytes.write(to: URL(fileURLWithPath: "\(self.folder)/.\(name)"))
            try FileManager.default.moveItem(atPath: "\(self.folder)/.\(name)", toPath: path)
        } catch {
            throw StandInError(.notRunning, "the export \(name) can't be left in \(self.folder)", cause: error)
        }
        return path
    }
}

extension HeldAccount {
    /// The state in the words of the files.
    var word: String {
        switch self.state {
        case .active: "aktiv"
        case .invited: "inbjuden"
        case .suspended: "spärrad"
        case .missing: "saknas"
        }
    }
}
