package import Foundation

/// What taking files in needs of the file system besides ``FileSystem``. Every call blocks.
package protocol ReadableFileSystem: FileSystem {
    /// The bytes of a file.
    func read(_ path: String) throws(FileError) -> [UInt8]

    /// How long a file is and when it was last written, for telling whether it is still being written; `nil` for what is no
    /// file.
    func stamp(_ path: String) throws(FileError) -> FileStamp?

    /// Makes a folder; one that is there is no error.
    func makeFolder(_ path: String) throws(FileError)

    /// Removes an empty folder; one that isn't there is no error.
    func removeFolder(_ path: String) throws(FileError)
}

/// A file's length and time of writing.
package struct FileStamp: Sendable, Hashable {
    package let bytes: Int64
    package let modified: Date

    package init(bytes: Int64, modified: Date) {
        self.bytes = bytes
        self.modified = modified
    }
}

extension LocalFileSystem: ReadableFileSystem {
    package func read(_ path: String) throws(FileError) -> [UInt8] {
        do {
            return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            throw FileError(errno: Self.number(of: error), operation: "read")
        }
    }

    package func stamp(_ path: String) throws(FileError) -> FileStamp? {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
            attributes[.type] as? FileAttributeType == .typeRegular
        else { return nil }
        let bytes = (attributes[.size] as? NSNumber)?.int64Value ?? 0
        return FileStamp(bytes: bytes, modified: attributes[.modificationDate] as? Date ?? .distantPast)
    }

    package func removeFolder(_ path: String) throws(FileError) {
        guard rmdir(path) == 0 || errno == ENOENT else { throw FileError(errno: errno, operation: "rmdir") }
    }

    package func makeFolder(_ path: String) throws(FileError) {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        } catch {
            guard try !self.isFolder(path) else { return }
            throw FileError(errno: Self.number(of: error), operation: "mkdir")
        }
    }

    /// The system's number behind Foundation's error; EIO when there is none.
    private static func number(of error: any Error) -> Int32 {
        let error = error as NSError
        let cause = (error.userInfo[NSUnderlyingErrorKey] as? NSError) ?? error
        if cause.domain == NSPOSIXErrorDomain { return Int32(cause.code) }
        switch CocoaError.Code(rawValue: error.code) {
        case .fileReadNoSuchFile, .fileNoSuchFile: return 2
        case .fileReadNoPermission, .fileWriteNoPermission: return 13
        default: return 5
        }
    }
}
