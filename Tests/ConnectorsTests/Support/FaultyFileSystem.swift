import Connectors
import Foundation
import Synchronization

/// The machine's file system with failures put in where a test wants them.
final class FaultyFileSystem: ReadableFileSystem {
    struct Crash: Error {}

    private struct State {
        var isFull = false
        /// Fails the calls of this operation from the n-th on (1 first).
        var failing: (operation: String, from: Int, errno: Int32)?
        var calls: [String] = []
    }

    private let state = Mutex(State())
    private let real = LocalFileSystem()

    /// Every write fails half-way as on a full disk.
    func setFull(_ isFull: Bool) { self.state.withLock { $0.isFull = isFull } }

    /// The n-th call of an operation and all after it fail.
    func fail(_ operation: String, from number: Int = 1, errno: Int32) {
        self.state.withLock {
            $0.failing = (operation, number, errno)
            $0.calls = []
        }
    }

    func heal() { self.state.withLock { $0.failing = nil } }

    /// What was called, in order, with the file's name.
    var calls: [String] { self.state.withLock { $0.calls } }

    private func note(_ operation: String, _ path: String) throws(FileError) {
        let errno: Int32? = self.state.withLock { state in
            state.calls.append("\(operation) \((path as NSString).lastPathComponent)")
            guard let failing = state.failing, failing.operation == operation else { return nil }
            let count = state.calls.count { $0.hasPrefix(operation + " ") }
            return count >= failing.from ? failing.errno : nil
        }
        if let errno { throw FileError(errno: errno, operation: operation) }
    }

    func isFolder(_ path: String) throws(FileError) -> Bool { try self.real.isFolder(path) }

    func names(in folder: String) throws(FileError) -> [String] { try self.real.names(in: folder) }

    func write(_ bytes: [UInt8], to path: String) throws(FileError) {
        try self.note("write", path)
        if self.state.withLock({ $0.isFull }) {
            try self.real.write(Array(bytes.prefix(bytes.count / 2)), to: path)
            throw FileError(errno: ENOSPC, operation: "write")
        }
        try self.real.write(bytes, to: path)
    }

    func rename(_ path: String, to newPath: String) throws(FileError) {
        try self.note("rename", newPath)
        try self.real.rename(path, to: newPath)
    }

    func synchronise(_ folder: String) throws(FileError) {
        try self.note("synchronise", folder)
        try self.real.synchronise(folder)
    }

    func remove(_ path: String) throws(FileError) {
        try self.note("remove", path)
        try self.real.remove(path)
    }

    func read(_ path: String) throws(FileError) -> [UInt8] { try self.real.read(path) }

    func stamp(_ path: String) throws(FileError) -> FileStamp? { try self.real.stamp(path) }

    func makeFolder(_ path: String) throws(FileError) { try self.real.makeFolder(path) }
    func removeFolder(_ path: String) throws(FileError) { try self.real.removeFolder(path) }

    func freeBytes(in folder: String) throws(FileError) -> Int64 {
        self.state.withLock { $0.isFull } ? 0 : try self.real.freeBytes(in: folder)
    }
}
