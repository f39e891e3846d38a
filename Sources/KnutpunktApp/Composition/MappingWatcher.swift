import Foundation
import Hub
import Logging
import Mapping
import ServiceLifecycle

/// Puts edited mappings in force while the hub runs. Files that don't check leave the ones in force as they are.
struct MappingWatcher: Service {
    let configuration: HubConfiguration
    let book: MappingBook
    let clock: HubClock
    let logger: Logger
    /// Told when others are in force.
    let onReload: @Sendable () -> Void

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown {
                var seen = Self.stamp(of: self.configuration.mappingsDirectory)
                while true {
                    try await self.clock.sleep(.seconds(1))
                    let stamp = Self.stamp(of: self.configuration.mappingsDirectory)
                    guard stamp != seen else { continue }
                    seen = stamp
                    self.reload()
                }
            }
        } catch is CancellationError {}
    }

    private func reload() {
        let load = HubContext.load(self.configuration)
        guard let set = load.set else {
            for diagnostic in load.diagnostics {
                self.logger.error(
                    "Edited mappings can't be used; the earlier ones stay in force", metadata: ["diagnostic": "\(diagnostic)"])
            }
            return
        }
        guard set.version != self.book.set.version else { return }
        self.book.replace(with: set)
        self.onReload()
        self.logger.notice("Edited mappings are in force", metadata: ["version": "\(set.version)"])
    }

    /// Changes when a file in the tree is written, added or taken away.
    static func stamp(of directory: String) -> [String: Date] {
        var stamps: [String: Date] = [:]
        let files = FileManager.default.enumerator(atPath: directory)
        while let path = files?.nextObject() as? String {
            let attributes = try? FileManager.default.attributesOfItem(atPath: directory + "/" + path)
            if attributes?[.type] as? FileAttributeType == .typeRegular { stamps[path] = attributes?[.modificationDate] as? Date }
        }
        return stamps
    }
}
