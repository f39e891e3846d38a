/// What a drop folder needs of the file system. Every call blocks; none is made on the cooperative pool.
package protocol FileSystem: Sendable {
    /// Whether a folder is there.
    func isFolder(_ path: String) throws(FileError) -> Bool

    /// The names in a folder, in no order.
    func names(in folder: String) throws(FileError) -> [String]

    /// Writes a file whole and has it on the disk when it returns; a file of that name is replaced.
    func write(_ bytes: [UInt8], to path: String) throws(FileError)

    /// Gives a file another name in one step; a file of that name is replaced.
    func rename(_ path: String, to newPath: String) throws(FileError)

    /// Has the names in a folder on the disk when it returns.
    func synchronise(_ folder: String) throws(FileError)

    /// Removes a file; one that isn't there is no error.
    func remove(_ path: String) throws(FileError)

    /// The bytes that can still be written in a folder.
    func freeBytes(in folder: String) throws(FileError) -> Int64
}

/// A call to the file system that failed.
package struct FileError: Error, Sendable, Hashable {
    /// The system's number for the reason.
    package let errno: Int32
    /// What was tried, e.g. `write`.
    package let operation: String

    package init(errno: Int32, operation: String) {
        self.errno = errno
        self.operation = operation
    }
}
