import Foundation
import KnutpunktApp
import LeakScan
import SchoolRecords
import StandIns

/// Looking through everything that there is.
extension LeakWorld {
    /// What was found.
    struct Sight {
        /// Where nothing must be.
        var leaks: [LeakReport.Finding] = []
        /// At the receiver that is cleared.
        var cleared: [LeakReport.Finding] = []
        var bytes = 0
    }

    /// A copy of the data directory, as a backup has it, packed.
    func backUp() async throws {
        let directory = self.rehearsal.options.directory
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["tar", "-C", directory, "-czf", directory + "/backup.tgz", "data"]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        // 1: something changed while it was read, as it does in a hub at work.
        guard process.terminationStatus <= 1 else { throw Browser.Failure(description: "no backup could be made") }
    }

    /// What there is on the disk, what was said and answered, and what stand-ins were written.
    func scan() async throws -> Sight {
        let scanner = LeakScanner(self.canaries.tokens)
        let directory = self.rehearsal.options.directory
        // What systems have exported is theirs, and holds what the test put into it for the reconciler to find.
        let others = ["backup.tgz", "unikum-held", "unikum-in", "skolon-in"].map { "\(directory)/\($0)" }
        let texts = self.said
        let written = try await self.written()
        let parts: [LeakReport] = await withTaskGroup(of: LeakReport.self) { group in
            group.addTask { Self.search(scanner) { $0.search(path: directory) { !others.contains($0) } } }
            group.addTask { Self.search(scanner) { $0.search(path: others[0]) } }
            group.addTask {
                Self.search(scanner) { search in for (place, bytes) in texts { search.search(bytes, at: "said: \(place)") } }
            }
            group.addTask {
                Self.search(scanner) { search in
                    for (place, bytes) in written where !place.hasPrefix(Self.cleared) { search.search(bytes, at: place) }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        var sight = Sight()
        for report in parts {
            sight.leaks += report.findings
            sight.bytes += report.bytes
        }
        sight.cleared =
            Self.search(scanner) { search in
                for (place, bytes) in written where place.hasPrefix(Self.cleared) { search.search(bytes, at: place) }
            }.findings
        return sight
    }

    private static func search(_ scanner: LeakScanner, _ body: (LeakSearch) -> Void) -> LeakReport {
        let search = LeakSearch(scanner)
        body(search)
        return search.report
    }

    /// All states of all that receivers' stand-ins were written, with their addresses.
    private func written() async throws -> [(place: String, bytes: [UInt8])] {
        var written: [(place: String, bytes: [UInt8])] = []
        for row in await self.rehearsal.unikum.rows() { written.append(("unikum", Array("\(row)".utf8))) }
        for row in await self.rehearsal.skola24Files?.rows ?? [] { written.append(("skola24 files", Array("\(row)".utf8))) }
        for (system, standIn) in self.rehearsal.others {
            for key in await standIn.writes.keys {
                written.append(("\(system.rawValue) address", Array("\(key)".utf8)))
                let now = await standIn.document(key).map { [Optional($0)] } ?? []
                for case let document? in await standIn.history(of: key) + now {
                    written.append(("\(system.rawValue) \(key.entity.rawValue)", Array(document.canonicalData)))
                }
            }
        }
        return written
    }
}
