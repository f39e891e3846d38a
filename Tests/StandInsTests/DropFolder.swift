import Foundation
import StandIns

/// A drop folder of a test's own, and a writer that puts whole files there as a hub does.
struct DropFolder {
    let root: String
    var drop: String { self.root + "/drop" }
    var archive: String { self.root + "/archive" }

    /// Runs with a new folder and a stand-in that collects from it; the folder is gone afterwards.
    static func with(
        format: UnikumFormat = UnikumFormat(), _ body: (DropFolder, UnikumStandIn) async throws -> Void
    ) async throws {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("unikum-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: root) }
        let folder = DropFolder(root: root)
        let standIn = UnikumStandIn(
            dropFolder: folder.drop, archiveFolder: folder.archive, format: format, interval: .milliseconds(2))
        try await withUnikumStandIn(standIn) { try await body(folder, $0) }
    }

    /// A temporary name, then the real one.
    func put(_ name: String, _ data: Data) throws {
        let temporary = "\(self.drop)/.\(name).tmp"
        try data.write(to: URL(fileURLWithPath: temporary))
        try FileManager.default.moveItem(atPath: temporary, toPath: "\(self.drop)/\(name)")
    }

    func objects(_ batch: String, _ rows: [String]) throws {
        try self.put("\(batch)-1-objects.txt", Data((rows.joined(separator: "\n") + "\n").utf8))
    }

    func relations(_ batch: String, _ rows: [String]) throws {
        try self.put("\(batch)-2-relations.txt", Data((rows.joined(separator: "\n") + "\n").utf8))
    }

    static func person(_ number: String, _ family: String = "Alkvistaker", given: String = "Astrid") -> String {
        "\(given)\t\(family)\ta@b.example\t\(number)\t\t\t\t\t\t\t\ttrue\t\t\t\t7\t\t\tuser"
    }

    static func schoolClass(_ id: String, _ name: String = "7A") -> String {
        "\(id)\t\(name)\tse.grundskoleutbildning.grundskola\t13\t14\t\tclass"
    }

    static func school(_ id: String, _ name: String = "Almbackaskolan") -> String {
        "\(id)\t99000000\t\(name)\tse.grundskoleutbildning.grundskola\t6\t16\t\t\t\t\t\t\t\t\tschool"
    }

    static func relation(_ operation: String, _ name: String, _ from: String, _ to: String) -> String {
        "\(operation)\t\(name)\t\(from)\t\(to)"
    }
}
