import Foundation
import Mapping

/// The register of processing that somebody has accepted, with the mapping files that it was made of: a file of the data directory.
///
/// From the first acceptance on, a running hub goes by no mappings that give more than the accepted ones; without one it goes by
/// whatever is in the folder.
struct ProcessingDesk: Sendable {
    static let name = "processing.json"

    /// What was accepted.
    struct Accepted: Codable, Sendable {
        let version: String
        let person: String
        let reason: String
        /// RFC 3339 in UTC.
        let time: String
        let register: ProcessingRegister
        /// Text by path: what the hub goes by while the folder has more.
        let files: [String: String]

        var mappingFiles: [MappingFile] {
            self.files.sorted { $0.key < $1.key }.map { MappingFile(path: $0.key, text: $0.value) }
        }
    }

    let path: String

    init(_ configuration: HubConfiguration) { self.path = configuration.dataDirectory + "/" + Self.name }

    /// - Returns: `nil` when nobody has accepted anything.
    /// - Throws: ``AppError`` when there is a file that can't be used: the hub mustn't go on as if nothing were accepted.
    func accepted() throws(AppError) -> Accepted? {
        guard FileManager.default.fileExists(atPath: self.path) else { return nil }
        do {
            return try JSONDecoder().decode(Accepted.self, from: Data(contentsOf: URL(fileURLWithPath: self.path)))
        } catch {
            throw AppError(
                .configuration,
                sv: "\(self.path): det godkända behandlingsregistret kan inte läsas. Lägg tillbaka filen ur säkerhetskopian, "
                    + "eller ta bort den och godkänn på nytt: knutpunkt privacy register accept",
                en: "\(self.path): the accepted register of processing can't be read. Put the file back from the backup, "
                    + "or remove it and accept anew: knutpunkt privacy register accept",
                cause: error)
        }
    }

    /// - Throws: ``AppError`` when it can't be written; what was accepted before stays.
    func keep(_ accepted: Accepted) throws(AppError) {
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            let data = try encoder.encode(accepted)
            try data.write(to: URL(fileURLWithPath: self.path), options: .atomic)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: self.path)
        } catch {
            throw AppError(
                .configuration, "\(self.path): can't be written. Check the data directory and the space on it.", cause: error)
        }
    }

    /// What these mappings give that isn't accepted; empty also when nobody has accepted anything.
    func widening(to set: MappingSet) throws(AppError) -> [Widening] {
        try self.accepted()?.register.widening(to: ProcessingRegister(set)) ?? []
    }

    /// Mappings that give the same or less are what the next ones are held against.
    func follow(_ set: MappingSet, from directory: String) throws(AppError) {
        guard let before = try self.accepted(), before.version != set.version else { return }
        let files = MappingSet.files(directory: directory)
        try self.keep(
            Accepted(
                version: set.version, person: before.person, reason: before.reason, time: before.time,
                register: ProcessingRegister(set), files: Dictionary(files.map { ($0.path, $0.text) }) { first, _ in first }))
    }
}
