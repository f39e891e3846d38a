import Foundation
import KnutpunktApp
import LeakScan
import SchoolRecords
import StandIns

/// Looking through everything that there is.
extension LeakWorld {
    /// A copy of the data directory, as a backup has it, packed.
    func backUp() async throws {
        let directory = self.rehearsal.options.directory
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["tar", "-C", directory, "-czf", directory + "/backup.tgz", "data"]
        try process.run()
        process.waitUntilExit()
        // 1: something changed while it was read, as it does in a hub at work.
        guard process.terminationStatus <= 1 else { throw Browser.Failure(description: "no backup could be made") }
    }

    /// What there is on the disk, what was said and answered, and what stand-ins were written.
    func scan() async throws -> (
        leaks: [LeakReport.Finding], cleared: [LeakReport.Finding], bytes: Int
    ) {
        let scanner = LeakScanner(self.canaries.tokens)
        let search = LeakSearch(scanner)
        // What Unikum has exported holds what the test put into it for the reconciler to find.
        let exported = self.rehearsal.options.directory + "/unikum-held"
        search.search(path: self.rehearsal.options.directory) { $0 != exported }
        for (place, bytes) in self.said { search.search(bytes, at: "said: \(place)") }
        for row in await self.rehearsal.unikum.rows() { search.search("\(row)".utf8, at: "unikum") }
        for row in await self.rehearsal.skola24Files?.rows ?? [] { search.search("\(row)".utf8, at: "skola24 files") }
        for (system, standIn) in self.rehearsal.others where system.rawValue != Self.cleared {
            try await self.search(standIn, system.rawValue, search)
        }
        let receiver = LeakSearch(scanner)
        if let standIn = self.rehearsal.others[.vega] { try await self.search(standIn, Self.cleared, receiver) }
        return (search.report.findings, receiver.report.findings, search.report.bytes)
    }

    /// All states of all that a stand-in was written.
    private func search(_ standIn: SS12000StandIn, _ system: String, _ search: LeakSearch) async throws {
        for key in await standIn.writes.keys {
            search.search("\(key)".utf8, at: "\(system) address")
            let now = await standIn.document(key).map { [Optional($0)] } ?? []
            for document in await standIn.history(of: key) + now {
                if let document { search.search(document.canonicalData, at: "\(system) \(key.entity.rawValue)") }
            }
        }
    }
}
