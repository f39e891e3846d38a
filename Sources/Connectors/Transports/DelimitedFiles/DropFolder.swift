import ConnectorKit
import Dispatch

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file for a drop folder.
struct DroppedFile: Sendable, Hashable {
    let name: String
    let bytes: [UInt8]
}

/// The folder from which another system collects files. A file is there whole or not at all.
///
/// All work is done one call after the other on a queue of its own, never on the cooperative pool.
final class DropFolder: Sendable {
    /// Less than this is as good as full.
    private static let leastFreeBytes: Int64 = 4 << 20

    let system: String
    let path: String
    /// The batch a file name is of; `nil` for files of others.
    private let batch: @Sendable (String) -> String?
    private let mostWaitingBatches: Int
    private let files: any FileSystem
    private let queue: DispatchQueue

    init(
        system: String, path: String, mostWaitingBatches: Int, files: any FileSystem,
        batch: @escaping @Sendable (String) -> String?
    ) {
        self.system = system
        self.path = path
        self.mostWaitingBatches = mostWaitingBatches
        self.files = files
        self.batch = batch
        self.queue = DispatchQueue(label: "knutpunkt.drop-folder.\(system)")
    }

    /// Puts the files of one batch there, in their order: each is on the disk before the next one appears.
    ///
    /// All are written under temporary names first, so that a full disk shows before anything can be collected.
    ///
    /// - Throws: ``ConnectorFailure`` (`systemUnavailable`).
    func put(_ newFiles: [DroppedFile], batch id: String) async throws(ConnectorFailure) {
        try await self.offPool { folder throws(ConnectorFailure) in try folder.putNow(newFiles, id) }
    }

    /// Checks that files can be put there now.
    ///
    /// - Throws: ``ConnectorFailure`` (`systemUnavailable`) naming the folder and the remedy.
    func probe() async throws(ConnectorFailure) {
        try await self.offPool { folder throws(ConnectorFailure) in try folder.probeNow() }
    }

    private func offPool(
        _ work: @escaping @Sendable (DropFolder) throws(ConnectorFailure) -> Void
    ) async throws(ConnectorFailure) {
        let result: Result<Void, ConnectorFailure> = await withCheckedContinuation { continuation in
            self.queue.async {
                do throws(ConnectorFailure) {
                    try work(self)
                    continuation.resume(returning: .success(()))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        try result.get()
    }

    // MARK: On the queue

    private static func temporaryName(_ name: String) -> String { ".\(name).part" }

    private func path(_ name: String) -> String { "\(self.path)/\(name)" }

    private func putNow(_ newFiles: [DroppedFile], _ id: String) throws(ConnectorFailure) {
        let names = try self.look()
        try self.clean(names)
        guard !newFiles.isEmpty else { return }
        try self.checkWaiting(names, id)
        for file in newFiles {
            do throws(FileError) {
                try self.files.write(file.bytes, to: self.path(Self.temporaryName(file.name)))
            } catch {
                self.removeTemporaries(of: newFiles)
                throw self.failure(error)
            }
        }
        do throws(FileError) {
            for file in newFiles {
                try self.files.rename(self.path(Self.temporaryName(file.name)), to: self.path(file.name))
                try self.files.synchronise(self.path)
            }
        } catch {
            self.removeTemporaries(of: newFiles)
            throw self.failure(error)
        }
    }

    private func probeNow() throws(ConnectorFailure) {
        let names = try self.look()
        try self.checkWaiting(names, nil)
        do throws(FileError) {
            let free = try self.files.freeBytes(in: self.path)
            guard free >= Self.leastFreeBytes else { throw FileError(errno: ENOSPC, operation: "statvfs") }
            let trial = self.path(".knutpunkt-probe.part")
            defer { try? self.files.remove(trial) }
            try self.files.write([0x0A], to: trial)
        } catch {
            throw self.failure(error)
        }
    }

    /// The names in the folder.
    private func look() throws(ConnectorFailure) -> [String] {
        do throws(FileError) {
            guard try self.files.isFolder(self.path) else { throw FileError(errno: ENOENT, operation: "stat") }
            return try self.files.names(in: self.path)
        } catch {
            throw self.failure(error)
        }
    }

    /// Removes what a crash left half-written.
    private func clean(_ names: [String]) throws(ConnectorFailure) {
        for name in names where name.hasPrefix(".") && name.hasSuffix(".part") {
            guard self.batch(String(name.dropFirst().dropLast(5))) != nil else { continue }
            do throws(FileError) {
                try self.files.remove(self.path(name))
            } catch {
                throw self.failure(error)
            }
        }
    }

    private func removeTemporaries(of newFiles: [DroppedFile]) {
        for file in newFiles { try? self.files.remove(self.path(Self.temporaryName(file.name))) }
    }

    /// - Parameter id: the batch about to be written; its own files, from before a crash, don't count.
    private func checkWaiting(_ names: [String], _ id: String?) throws(ConnectorFailure) {
        let waiting = Set(names.compactMap(self.batch)).subtracting([id].compactMap { $0 })
        guard waiting.count >= self.mostWaitingBatches else { return }
        throw ConnectorFailure(
            .systemUnavailable, code: .notCollected,
            message: "\(waiting.count) batches for \(self.system) wait in \(self.path) and nobody collects them: check "
                + "\(self.system)'s import job, or raise max_waiting_batches")
    }

    private func failure(_ error: FileError) -> ConnectorFailure {
        func failure(_ code: ConnectorFailure.Code, _ text: String) -> ConnectorFailure {
            ConnectorFailure(.systemUnavailable, code: code, message: text, cause: error)
        }
        switch error.errno {
        case ENOENT, ENOTDIR:
            return failure(
                .dropFolderMissing,
                "the drop folder \(self.path) of \(self.system) is not there: mount or create it, or correct drop_folder; it is "
                    + "never created here, lest files go where nobody collects them")
        case EACCES, EPERM, EROFS:
            return failure(
                .dropFolderNotWritable,
                "the drop folder \(self.path) of \(self.system) can't be written to: give the hub's user the right to read, "
                    + "write and enter it")
        case ENOSPC, EDQUOT:
            return failure(
                .diskFull,
                "the disk or quota of the drop folder \(self.path) of \(self.system) is full: make room; the hub goes on by "
                    + "itself")
        default:
            return failure(
                .dropFolderFailed,
                "the drop folder \(self.path) of \(self.system) can't be used (\(error.operation), error \(error.errno)): check "
                    + "its disk or mount")
        }
    }
}
