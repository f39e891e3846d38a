import Foundation

/// Looks through files, folders and texts with a scanner, and notes what it finds where.
public final class LeakSearch {
    private struct Address: Hashable {
        let place: String
        let isInName: Bool
        let forms: [LeakForm]
        let token: LeakToken
    }

    private let scanner: LeakScanner
    private let reading: LeakReading
    private var findings: [Address: Int] = [:]
    private var result = LeakReport()

    public init(_ scanner: LeakScanner) {
        self.scanner = scanner
        self.reading = scanner.reading()
    }

    /// What was found up to now, in the order of places.
    public var report: LeakReport {
        var report = self.result
        report.findings.sort {
            ($0.place, $0.isInName ? 0 : 1, $0.offset, $0.owner, $0.field) < (
                $1.place, $1.isInName ? 0 : 1, $1.offset, $1.owner, $1.field
            )
        }
        return report
    }

    /// Looks through a text, e.g. a queue's name or an answer's body.
    public func search(_ bytes: some Sequence<UInt8>, at place: String) {
        let held = Array(bytes)
        self.note(self.reading.read(held) + self.reading.finish(), at: place, isInName: false)
        self.result.places += 1
        self.result.bytes += held.count
    }

    /// Looks through a file, or all that is in a folder, names included. Links aren't followed, and what is no plain file isn't opened.
    ///
    /// - Parameters:
    ///   - path: what isn't there is noted as unread.
    ///   - isWanted: whether to look at a path; everything by default.
    public func search(path: String, isWanted: (String) -> Bool = { _ in true }) {
        // Without recursion: folders may be deep.
        var left = [(path: path, shown: path)]
        while let (path, shown) = left.popLast() {
            guard isWanted(path) else { continue }
            guard let attributes = try? FileManager.default.attributesOfItem(atPath: path) else {
                self.result.unread[shown] = "isn't there"
                continue
            }
            switch attributes[.type] as? FileAttributeType {
            case .typeDirectory?:
                guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
                    self.result.unread[shown] = "can't be read"
                    continue
                }
                for name in names.sorted(by: >) { left.append((path + "/" + name, self.shown(name, in: path, shown))) }
            case .typeRegular?: self.read(path, shown)
            default: continue
            }
        }
    }

    /// How a name is told: as it is, or as a number when something was found in it.
    private func shown(_ name: String, in path: String, _ shownFolder: String) -> String {
        let hits = self.scanner.hits(in: name.utf8)
        guard !hits.isEmpty else { return shownFolder + "/" + name }
        let attributes = try? FileManager.default.attributesOfItem(atPath: path + "/" + name)
        let number = (attributes?[.systemFileNumber] as? NSNumber)?.uint64Value ?? 0
        let shown = shownFolder + "/(inode \(number))"
        self.note(hits, at: shown, isInName: true)
        return shown
    }

    private func read(_ path: String, _ shown: String) {
        guard let file = FileHandle(forReadingAtPath: path) else {
            self.result.unread[shown] = "can't be read"
            return
        }
        defer { try? file.close() }
        self.result.places += 1
        var isFirst = true
        do {
            while let data = try file.read(upToCount: 1 << 18), !data.isEmpty {
                if isFirst, let name = Self.unopened(data) { self.result.unread[shown] = name }
                isFirst = false
                self.result.bytes += data.count
                self.note(self.reading.read([UInt8](data)), at: shown, isInName: false)
            }
        } catch {
            self.result.unread[shown] = "can't be read to its end"
        }
        self.note(self.reading.finish(), at: shown, isInName: false)
        if self.reading.takeCut() { self.result.unread[shown] = "too large or too deep to be opened whole" }
    }

    /// The compression that isn't opened, by how files of it begin.
    private static func unopened(_ data: Data) -> String? {
        let known: [([UInt8], String)] = [
            ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], "xz"), ([0x28, 0xB5, 0x2F, 0xFD], "zstd"), ([0x42, 0x5A, 0x68], "bzip2"),
            ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "7z"), ([0x04, 0x22, 0x4D, 0x18], "lz4"),
        ]
        return known.first { data.starts(with: $0.0) }.map { "compressed with \($0.1), which isn't opened" }
    }

    private func note(_ hits: [LeakScanner.Hit], at place: String, isInName: Bool) {
        for hit in hits {
            let address = Address(place: place, isInName: isInName, forms: hit.forms, token: hit.token)
            if let number = self.findings[address] {
                self.result.findings[number].count += 1
                continue
            }
            self.findings[address] = self.result.findings.count
            self.result.findings.append(
                .init(
                    place: place, isInName: isInName, offset: hit.offset, forms: hit.forms, owner: hit.token.owner,
                    field: hit.token.field, count: 1))
        }
    }
}
