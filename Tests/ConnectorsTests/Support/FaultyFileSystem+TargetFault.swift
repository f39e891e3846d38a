import ConnectorTesting
import Foundation
import Testing

extension FaultyFileSystem {
    /// Does to a folder with files what the contract of targets asks for, or heals it.
    ///
    /// - Parameter place: which of the files doesn't appear any more when writing breaks off, the first being 1.
    func misbehave(_ fault: TargetFault?, folder: String, breakingOffAt place: Int) throws {
        let away = folder + "-away"
        switch fault {
        case .away: try FileManager.default.moveItem(atPath: folder, toPath: away)
        case .full: self.setFull(true)
        case .breaksOff: self.fail("rename", from: place, errno: 5)
        case nil:
            if FileManager.default.fileExists(atPath: away) { try FileManager.default.moveItem(atPath: away, toPath: folder) }
            self.setFull(false)
            self.heal()
        default: Issue.record("a folder has no such fault")
        }
    }
}
