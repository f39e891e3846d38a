import Crypto
import Foundation
public import Reconciliation
public import SchoolRecords
import Synchronization

/// Rows couldn't be set aside, or not be read back.
public struct SpillFailure: DocumentedError, Sendable, CustomStringConvertible {
    public let description: String
    public let cause: (any Error)?

    public var code: String { "spill-failed" }
    public var section: String { "store" }
    public var page: Runbook.Page { .program }
}

/// Sorts any number of rows in little memory: what goes beyond it is set aside on the disk, sorted part by part, and merged when it
/// is read.
///
/// What is set aside is sealed with a key that only this process's memory holds, in a file that has no name any more: it is gone
/// with the process, whatever ends it.
public struct RowSorter: ~Copyable {
    private let memory: Int
    private let directory: String
    private var rows = PackedRows()
    private var spill: SpillFile?
    private var runs: [SpillFile.Run] = []
    /// The rows in order, once it is known.
    private var ordered: SortedPackedRows?
    /// How many rows were added.
    public private(set) var count = 0

    /// - Parameters:
    ///   - memory: bytes of rows that are kept in memory.
    ///   - directory: where the file is made.
    public init(memory: Int = 8 << 20, directory: String) {
        self.memory = memory
        self.directory = directory
    }

    /// - Throws: ``SpillFailure``.
    public mutating func append(_ added: PackedRow) throws {
        self.rows.append(added)
        self.ordered = nil
        self.count += 1
        if self.rows.bytes.count > self.memory { try self.setAside() }
    }

    /// - Throws: ``SpillFailure``.
    public mutating func append(_ added: PackedRows) throws {
        self.rows.append(contentsOf: added)
        self.ordered = nil
        self.count += added.count
        if self.rows.bytes.count > self.memory { try self.setAside() }
    }

    private mutating func setAside() throws {
        let spill: SpillFile
        if let known = self.spill { spill = known } else { spill = try SpillFile(directory: self.directory) }
        self.spill = spill
        self.runs.append(try spill.write(self.rows))
        self.rows.removeAll()
    }

    /// All rows in the order of kinds and keys; can be asked for again.
    public mutating func sorted() throws -> SortedRows {
        if !self.runs.isEmpty, self.rows.count > 0 { try self.setAside() }
        guard let spill = self.spill else {
            let ordered = self.ordered ?? SortedPackedRows(self.rows)
            self.ordered = ordered
            return SortedRows(ordered)
        }
        return try SortedRows(self.runs, in: spill)
    }
}

/// The rows of a ``RowSorter``, one by one.
public struct SortedRows: PackedRowSource, Sendable {
    /// All of them, where none are set aside.
    private var ordered: SortedPackedRows?
    /// The runs' heads, as a heap by their rows.
    private var heap: [(row: PackedRow, run: Int)] = []
    private var readers: [SpillFile.Reader] = []

    init(_ ordered: SortedPackedRows) { self.ordered = ordered }

    init(_ runs: [SpillFile.Run], in spill: SpillFile) throws {
        self.readers = runs.map { spill.reader($0) }
        for index in self.readers.indices {
            if let row = try self.readers[index].next() { self.heap.append((row, index)) }
        }
        for index in stride(from: self.heap.count / 2 - 1, through: 0, by: -1) { self.sink(index) }
    }

    public mutating func next() throws -> PackedRow? {
        if self.ordered != nil { return self.ordered?.next() }
        guard let top = self.heap.first else { return nil }
        if let row = try self.readers[top.run].next() {
            self.heap[0].row = row
        } else {
            let last = self.heap.removeLast()
            if self.heap.isEmpty { return top.row }
            self.heap[0] = last
        }
        self.sink(0)
        return top.row
    }

    private func isAhead(_ left: Int, _ right: Int) -> Bool {
        let (a, b) = (self.heap[left], self.heap[right])
        if PackedRow.isBefore(a.row, b.row) { return true }
        // Of equal ones those that were added first come first.
        return a.run < b.run && !PackedRow.isBefore(b.row, a.row)
    }

    private mutating func sink(_ start: Int) {
        var index = start
        while true {
            var least = index
            for child in [2 * index + 1, 2 * index + 2] where child < self.heap.count && self.isAhead(child, least) {
                least = child
            }
            if least == index { return }
            self.heap.swapAt(index, least)
            index = least
        }
    }
}

/// A file without a name that rows are set aside in, sealed.
final class SpillFile: Sendable {
    /// A sorted part: where its blocks stand.
    struct Run: Sendable {
        let blocks: [(offset: UInt64, length: Int)]
    }

    private struct Content {
        let file: FileHandle
        var end: UInt64 = 0
    }

    private static let blockSize = 16 << 10
    private let content: Mutex<Content>
    private let path: String
    private let key = SymmetricKey(size: .bits256)

    /// - Throws: ``SpillFailure``.
    init(directory: String) throws {
        self.path = directory + "/.sorting-\(UUID().uuidString)"
        let isMade = FileManager.default.createFile(
            atPath: self.path, contents: nil, attributes: [.posixPermissions: 0o600])
        guard isMade, let file = FileHandle(forUpdatingAtPath: self.path) else {
            throw SpillFailure(
                description: "\(directory): no file can be made there. Check that it exists and may be written to.", cause: nil)
        }
        self.content = Mutex(Content(file: file))
        try? FileManager.default.removeItem(atPath: self.path)
    }

    deinit { self.content.withLock { try? $0.file.close() } }

    func write(_ rows: PackedRows) throws -> Run {
        var blocks: [(offset: UInt64, length: Int)] = []
        var block = PackedRows()
        for place in rows.sortedPlaces() {
            block.append(rows.row(at: place))
            if block.bytes.count >= Self.blockSize {
                blocks.append(try self.write(block))
                block.removeAll()
            }
        }
        if block.count > 0 { blocks.append(try self.write(block)) }
        return Run(blocks: blocks)
    }

    private func write(_ block: PackedRows) throws -> (offset: UInt64, length: Int) {
        do {
            return try self.content.withLock { content in
                let offset = content.end
                let sealed = try HubKey.seal(Data(block.bytes), with: self.key, context: "\(offset)")
                try content.file.seek(toOffset: offset)
                try content.file.write(contentsOf: sealed)
                content.end += UInt64(sealed.count)
                return (offset, sealed.count)
            }
        } catch {
            throw SpillFailure(
                description: "\(self.path): rows can't be set aside. Check that the disk isn't full.", cause: error)
        }
    }

    func reader(_ run: Run) -> Reader { Reader(file: self, blocks: run.blocks) }

    private func read(_ block: (offset: UInt64, length: Int)) throws -> [UInt8] {
        do {
            let data = try self.content.withLock { content in
                try content.file.seek(toOffset: block.offset)
                return try content.file.read(upToCount: block.length) ?? Data()
            }
            return Array(try HubKey.open(data, with: self.key, context: "\(block.offset)"))
        } catch {
            throw SpillFailure(description: "\(self.path): rows that were set aside can't be read back.", cause: error)
        }
    }

    /// Reads a run, block by block.
    struct Reader: Sendable {
        private let file: SpillFile
        private let blocks: [(offset: UInt64, length: Int)]
        private var nextBlock = 0
        private var bytes: [UInt8] = []
        private var place = 0

        init(file: SpillFile, blocks: [(offset: UInt64, length: Int)]) {
            self.file = file
            self.blocks = blocks
        }

        mutating func next() throws -> PackedRow? {
            if self.place >= self.bytes.count {
                guard self.nextBlock < self.blocks.count else { return nil }
                self.bytes = try self.file.read(self.blocks[self.nextBlock])
                self.nextBlock += 1
                self.place = 0
            }
            let length = self.bytes[self.place..<self.place + 4].reduce(0) { $0 << 8 | Int($1) } + 4
            defer { self.place += length }
            return PackedRow(Array(self.bytes[self.place..<self.place + length]))
        }
    }
}
