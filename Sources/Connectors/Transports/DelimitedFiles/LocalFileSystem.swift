#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The machine's own file system.
package struct LocalFileSystem: FileSystem {
    package init() {}

    package func isFolder(_ path: String) throws(FileError) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return false }
            throw FileError(errno: errno, operation: "stat")
        }
        return status.st_mode & S_IFMT == S_IFDIR
    }

    package func names(in folder: String) throws(FileError) -> [String] {
        guard let stream = opendir(folder) else { throw FileError(errno: errno, operation: "opendir") }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                guard errno == 0 else { throw FileError(errno: errno, operation: "readdir") }
                return names
            }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
    }

    package func write(_ bytes: [UInt8], to path: String) throws(FileError) {
        // Others read the file as the process' umask allows: whoever collects it is seldom the same user.
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o660)
        guard file >= 0 else { throw FileError(errno: errno, operation: "open") }
        do throws(FileError) {
            try Self.writeAll(bytes, to: file)
            guard fsync(file) == 0 else { throw FileError(errno: errno, operation: "fsync") }
        } catch {
            close(file)
            throw error
        }
        guard close(file) == 0 else { throw FileError(errno: errno, operation: "close") }
    }

    private static func writeAll(_ bytes: [UInt8], to file: Int32) throws(FileError) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                #if canImport(Darwin)
                    Darwin.write(file, buffer.baseAddress?.advanced(by: written), buffer.count - written)
                #elseif canImport(Musl)
                    Musl.write(file, buffer.baseAddress?.advanced(by: written), buffer.count - written)
                #else
                    Glibc.write(file, buffer.baseAddress?.advanced(by: written), buffer.count - written)
                #endif
            }
            if count > 0 {
                written += count
            } else if count == 0 || errno != EINTR {
                throw FileError(errno: count == 0 ? EIO : errno, operation: "write")
            }
        }
    }

    package func rename(_ path: String, to newPath: String) throws(FileError) {
        #if canImport(Darwin)
            let result = Darwin.rename(path, newPath)
        #elseif canImport(Musl)
            let result = Musl.rename(path, newPath)
        #else
            let result = Glibc.rename(path, newPath)
        #endif
        guard result == 0 else { throw FileError(errno: errno, operation: "rename") }
    }

    package func synchronise(_ folder: String) throws(FileError) {
        let handle = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard handle >= 0 else { throw FileError(errno: errno, operation: "open") }
        defer { close(handle) }
        // Some network file systems can't do this for a folder, and have nothing to do then.
        guard fsync(handle) == 0 || errno == EINVAL || errno == ENOTSUP else {
            throw FileError(errno: errno, operation: "fsync")
        }
    }

    package func remove(_ path: String) throws(FileError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw FileError(errno: errno, operation: "unlink") }
    }

    package func freeBytes(in folder: String) throws(FileError) -> Int64 {
        var status = statvfs()
        guard statvfs(folder, &status) == 0 else { throw FileError(errno: errno, operation: "statvfs") }
        let (bytes, overflow) = Int64(clamping: status.f_bavail)
            .multipliedReportingOverflow(by: Int64(clamping: status.f_frsize))
        return overflow ? .max : bytes
    }
}
