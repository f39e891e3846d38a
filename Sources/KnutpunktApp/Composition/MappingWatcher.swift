import Foundation
import Hub
import Logging
import Mapping
import ServiceLifecycle
import UnixSignals

/// Puts edited mappings in force while the hub runs: when a file changes, and when HUP asks for it. Files that don't check
/// leave the ones in force as they are.
struct MappingWatcher: Service {
    let configuration: HubConfiguration
    let book: MappingBook
    let clock: HubClock
    let logger: Logger
    /// Told when others are in force.
    let onReload: @Sendable () -> Void

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sighup)
        do {
            try await cancelWhenGracefulShutdown {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await self.watch() }
                    group.addTask { for await _ in signals { self.reload(isAsked: true) } }
                    try await group.waitForAll()
                }
            }
        } catch is CancellationError {}
    }

    private func watch() async throws {
        var seen = self.stamp()
        while true {
            try await self.clock.sleep(.seconds(1))
            let stamp = self.stamp()
            guard stamp != seen else { continue }
            seen = stamp
            self.reload()
        }
    }

    /// An acceptance may let go what has lain in the folder for a while.
    private func stamp() -> [String: Date] {
        var stamp = Self.stamp(of: self.configuration.mappingsDirectory)
        let path = ProcessingDesk(self.configuration).path
        stamp[path] = try? FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
        return stamp
    }

    private func reload(isAsked: Bool = false) {
        let load = HubContext.load(self.configuration)
        guard let set = load.set else {
            for diagnostic in load.diagnostics where diagnostic.severity == .error {
                self.logger.error(
                    "Edited mappings can't be used; the earlier ones stay in force", metadata: ["diagnostic": "\(diagnostic)"])
            }
            return
        }
        guard set.version != self.book.set.version else {
            if isAsked {
                self.logger.notice("The mappings in force are those in the files", metadata: ["version": "\(set.version)"])
            }
            return
        }
        do {
            let desk = ProcessingDesk(self.configuration)
            let widening = try desk.widening(to: set)
            guard widening.isEmpty else { return HubContext.tellWaiting(widening, self.logger) }
            try desk.follow(set, from: self.configuration.mappingsDirectory)
        } catch {
            self.logger.error(
                "Edited mappings can't be held against the accepted ones, which stay in force", metadata: ["error": "\(error)"])
            return
        }
        let before = self.book.set
        self.book.replace(with: set)
        // Connectors and queues are made at the start.
        for name in Set(before.systems.keys).union(set.systems.keys).sorted()
        where before.systems[name]?.directions != set.systems[name]?.directions {
            self.logger.warning(
                "A system was switched on or off: that takes effect when the hub is started again",
                metadata: ["system": "\(name)"])
        }
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
