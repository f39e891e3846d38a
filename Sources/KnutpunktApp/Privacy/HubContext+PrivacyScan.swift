import Foundation
public import Hub
import LeakScan
import Mapping
import SchoolRecords

/// Looking for what has got out of the vault.
extension HubContext {
    /// Looks for the real data of protected persons in the data directory (store, private broker, state), in the folders by which systems are
    /// given files, and in more places. The audit log gets who looks and why, before the vault is opened.
    ///
    /// - Parameters:
    ///   - paths: more files and folders, e.g. logs and backups.
    ///   - reason: names nobody.
    /// - Throws: ``AppError`` when one of `paths` isn't there.
    public func scanForLeaks(
        also paths: [String], reason: String, by person: String, clock: HubClock = .system
    ) async throws -> PrivacyScan {
        for path in paths where !FileManager.default.fileExists(atPath: path) {
            throw AppError(
                .notFound, sv: "\(path): finns inte.", en: "\(path): there is no such file or folder.")
        }
        try await self.store.note("privacy.scan", of: "vault", reason: reason, by: person, time: clock.timestamp)
        let texts = try await ProtectedTexts.read(self.store)
        let search = LeakSearch(LeakScanner(texts.tokens))
        let folders = self.systemFolders()
        let roots = ([self.configuration.dataDirectory] + folders.map(\.path) + paths).map(Self.standard)
        for root in Self.outermost(roots) where FileManager.default.fileExists(atPath: root) { search.search(path: root) }
        var scan = PrivacyScan()
        (scan.persons, scan.texts, scan.shared, scan.short) = (texts.persons, texts.tokens.count, texts.shared, texts.short)
        let report = search.report
        (scan.files, scan.bytes, scan.unread) = (report.places, report.bytes, report.unread)
        let cleared = try await self.clearedOwners()
        for finding in report.findings {
            let folder = folders.filter { Self.isIn(finding.place, Self.standard($0.path)) }.max { $0.path.count < $1.path.count }
            if let folder, folder.isSource {
                scan.handedOver[folder.system, default: 0] += finding.count
            } else if let folder, cleared[folder.system]?.contains(finding.owner) == true {
                scan.cleared[folder.system, default: 0] += finding.count
            } else {
                scan.leaks.append(finding)
            }
        }
        return scan
    }

    /// A folder of files that a system is given, or leaves.
    private struct SystemFolder {
        let system: String
        let isSource: Bool
        let path: String
    }

    /// Every setting of a system that names a folder.
    private func systemFolders() -> [SystemFolder] {
        var folders: [SystemFolder] = []
        for system in self.mappings.set.systems.values.sorted(by: { $0.name < $1.name }) {
            for (side, isSource) in [(system.target, false), (system.source, true)] {
                guard let side else { continue }
                // What stands beside both directions belongs to the one that is written to.
                for path in Self.folders(in: side.settings) where !folders.contains(where: { $0.path == path }) {
                    folders.append(SystemFolder(system: system.name, isSource: isSource, path: path))
                }
            }
        }
        return folders
    }

    private static func folders(in settings: JSONValue) -> [String] {
        guard let members = settings.objectValue else { return [] }
        return members.flatMap { name, value -> [String] in
            if name.hasSuffix("folder"), let path = value.stringValue, path.hasPrefix("/") { return [path] }
            return Self.folders(in: value)
        }
    }

    /// By system, of which opaque ids it is given the real data now.
    private func clearedOwners() async throws -> [String: Set<String>] {
        var owners: [String: Set<String>] = [:]
        for system in try await self.store.systemsWithForms() {
            owners[system] = Set(try await self.store.livingForms(for: system).filter { $0.form == .cleared }.map(\.key.id))
        }
        return owners
    }

    private static func standard(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }

    private static func isIn(_ path: String, _ folder: String) -> Bool { path == folder || path.hasPrefix(folder + "/") }

    /// Without those that lie in another.
    private static func outermost(_ paths: [String]) -> [String] {
        Set(paths).filter { path in !paths.contains { $0 != path && Self.isIn(path, $0) } }.sorted()
    }
}
