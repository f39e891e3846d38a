import Foundation
import Glibc
import Hub

/// Where the hub's keys are kept: a file that its owner alone can read, or a program that asks a key service.
struct HubKeys: KeyKeeper {
    enum Place: Sendable {
        case file(String)
        /// A program and its arguments; `read` or `write` is added to them.
        case command([String])
    }

    let place: Place
    /// Held by whoever changes the keys.
    let lockPath: String

    init(_ configuration: HubConfiguration) {
        self.place = configuration.keyCommand.map { .command($0) } ?? .file(configuration.keyPath)
        self.lockPath = configuration.dataDirectory + "/keys.lock"
    }

    init(place: Place, lockPath: String) {
        self.place = place
        self.lockPath = lockPath
    }

    /// Reads the keys; where there is no file, new ones are made.
    ///
    /// - Throws: ``AppError`` naming the place and the remedy.
    func read() throws -> KeyDocument {
        switch self.place {
        case .file(let path): return try Self.read(path) ?? Self.make(path)
        case .command(let command):
            var text = try KeyCommand(command).run("read")
            defer { text.resetBytes(in: 0..<text.count) }
            return try Self.document(text, "store.key_command")
        }
    }

    func write(_ document: KeyDocument) throws {
        var text = document.text()
        defer { text.resetBytes(in: 0..<text.count) }
        switch self.place {
        case .file(let path): try Self.replace(path, with: text)
        case .command(let command): _ = try KeyCommand(command).run("write", input: text)
        }
    }

    func claim() throws -> (any Sendable)? { try FileLock(path: self.lockPath) }

    private static func document(_ text: Data, _ place: String) throws -> KeyDocument {
        do {
            return try KeyDocument(text: text)
        } catch {
            throw AppError(
                .configuration,
                sv: "\(place): är ingen nyckel till navet: \(error). (Gör en: openssl rand -base64 32)",
                en: "\(place): is no hub key: \(error). (Make one with: openssl rand -base64 32)", cause: error)
        }
    }

    /// - Returns: `nil` when there is no file.
    private static func read(_ path: String) throws -> KeyDocument? {
        let files = FileManager.default
        guard files.fileExists(atPath: path) else { return nil }
        guard let attributes = try? files.attributesOfItem(atPath: URL(fileURLWithPath: path).resolvingSymlinksInPath().path),
            let mode = attributes[.posixPermissions] as? Int, let owner = attributes[.ownerAccountID] as? Int
        else { throw Self.unreadable(path) }
        // A file of root's may be lent to the hub's group; one of the hub's own is for nobody else.
        let isOwn = owner == Int(geteuid()) && geteuid() != 0
        guard mode & (isOwn ? 0o077 : 0o027) == 0 else {
            throw AppError(
                .configuration,
                sv: "\(path): andra än navet kan läsa eller ändra navets nyckel. Gör den privat: chmod 600 \(path)",
                en: "\(path): others than the hub can read or change the hub's key. Make it private: chmod 600 \(path)")
        }
        guard var text = try? Data(contentsOf: URL(fileURLWithPath: path)) else { throw Self.unreadable(path) }
        defer { text.resetBytes(in: 0..<text.count) }
        return try Self.document(text, path)
    }

    private static func unreadable(_ path: String) -> AppError {
        AppError(
            .configuration,
            sv: "\(path): navets nyckel kan inte läsas. Ge navets användare rätt att läsa den.",
            en: "\(path): the hub's key can't be read. Give the hub's user the right to read it.")
    }

    private static func unwritable(_ path: String) -> AppError {
        let reason = String(cString: strerror(errno))
        return AppError(
            .configuration,
            sv: "\(path): navets nyckel kan inte skrivas (\(reason)). Filen och dess katalog måste vara navets att skriva.",
            en: "\(path): the hub's key can't be written (\(reason)). The hub must be able to write the file and its directory.")
    }

    private static func make(_ path: String) throws -> KeyDocument {
        let document = KeyDocument(new: HubClock.system.timestamp)
        var text = document.text()
        defer { text.resetBytes(in: 0..<text.count) }
        let written = try Self.temporary(path, text)
        defer { unlink(written) }
        // Fails when another process was first: its key counts.
        guard link(written, path) == 0 else {
            if errno == EEXIST, let other = try Self.read(path) { return other }
            throw Self.unwritable(path)
        }
        try Self.settle(path)
        return document
    }

    private static func replace(_ path: String, with text: Data) throws {
        let written = try Self.temporary(path, text)
        guard rename(written, path) == 0 else {
            let error = Self.unwritable(path)
            unlink(written)
            throw error
        }
        try Self.settle(path)
    }

    private static func temporary(_ path: String, _ text: Data) throws -> String {
        let written = "\(path).\(getpid()).new"
        unlink(written)
        let descriptor = open(written, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.unwritable(path) }
        defer { close(descriptor) }
        let count = unsafe text.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
        guard count == text.count, fsync(descriptor) == 0 else {
            let error = Self.unwritable(path)
            unlink(written)
            throw error
        }
        return written
    }

    /// A power cut after this finds the new file.
    private static func settle(_ path: String) throws {
        let directory = URL(fileURLWithPath: path).deletingLastPathComponent().path
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.unwritable(path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw Self.unwritable(path) }
    }
}
