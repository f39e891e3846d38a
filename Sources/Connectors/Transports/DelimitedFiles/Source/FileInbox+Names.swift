import ConnectorKit
import Foundation
import SchoolRecords

/// What files that were taken are called, and what a file system's refusals mean.
extension FileInbox {
    /// `20261124T144200123Z`
    static func text(_ time: Date) -> String {
        Instant.text(time).filter { $0.isNumber || $0.isLetter }
    }

    /// When a file was taken, and what it was called before.
    static func parts(of name: String) -> (time: Date, original: String)? {
        let digits = Array(name.prefix(19))
        guard digits.count == 19, digits[8] == "T", digits[18] == "Z", name.dropFirst(19).first == "-" else { return nil }
        let text =
            String(digits[0..<4]) + "-" + String(digits[4..<6]) + "-" + String(digits[6..<8])
            + "T" + String(digits[9..<11]) + ":" + String(digits[11..<13]) + ":" + String(digits[13..<15]) + "Z"
        guard let moment = Moment(text), let milliseconds = Int(String(digits[15..<18])) else { return nil }
        let time = Date(timeIntervalSince1970: Double(moment.secondsSinceEpoch) + Double(milliseconds) / 1000)
        return (time, String(name.dropFirst(20)))
    }

    func failure(_ error: FileError) -> ConnectorFailure {
        let folder = "the drop folder \(self.settings.folder) of \(self.system)"
        let (code, text): (ConnectorFailure.Code, String) =
            switch error.errno {
            case ENOENT, ENOTDIR:
                (.dropFolderMissing, "\(folder) is not there: mount or create it, or correct drop_folder")
            case EACCES, EPERM, EROFS:
                (
                    .dropFolderNotWritable,
                    "\(folder) can't be read and moved in: give the hub's user the right to read, write and enter it"
                )
            case ENOSPC, EDQUOT: (.diskFull, "the disk or quota of \(folder) is full: make room; the hub goes on by itself")
            default:
                (
                    .dropFolderFailed,
                    "\(folder) can't be used (\(error.operation), error \(error.errno)): check its disk or mount"
                )
            }
        return ConnectorFailure(.systemUnavailable, code: code, message: text, cause: error)
    }
}
