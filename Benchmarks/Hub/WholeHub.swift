import Foundation
import Hub
import KnutpunktApp
import Mapping
import Reconciliation
import SchoolRecords
import StandIns

/// A hub in a process of its own between the stand-ins of five systems, all on this machine: loaded, loaded again, changed a
/// hundred times a second, compared.
struct WholeHub {
    let url: String
    let scale: SyntheticMunicipality.Scale
    let mappings: String
    let executable: String
    let directory: String

    /// Few enough of Vega's pupils to be no mass change, which would wait for somebody (at most a fifth, of a school unit too).
    private static let changes = 1000
    private static let changesPerSecond = 100

    func measure() async throws {
        var options = Rehearsal.Options(
            scale: self.scale, seed: 1, directory: self.directory, mappings: self.mappings, executable: self.executable)
        options.brokerURL = self.url
        options.others = Set(TwoWaySystem.allCases)
        options.hasSkola24Files = true
        options.othersEverySeconds = 60
        options.edlevoEverySeconds = 60
        options.edlevoPostsNotices = true
        try await Rehearsal.with(options) { rehearsal in
            try rehearsal.startHub()
            try await rehearsal.waitUntilRunning()
            let load = try await seconds {
                try await rehearsal.settle()
                if let skola24 = rehearsal.others[.skola24], let tempus = rehearsal.others[.tempus] {
                    let expected = try await CareAbsences.expected(skola24: skola24, tempus: tempus).count
                    try await rehearsal.until { _ in try await CareAbsences.told(to: tempus).count == expected }
                    try await rehearsal.settle()
                }
            }
            let counts = try await rehearsal.context.status().counts
            report(
                "load",
                [
                    "messages": Double(counts.published), "deliveries": Double(counts.delivered), "seconds": load,
                    "peak_mib": Double(rehearsal.peakMebibytes),
                ])
            try await Self.again(rehearsal)
            try await Self.latency(rehearsal)
            try await Self.reconcile(rehearsal)
        }
    }

    private static func again(_ rehearsal: Rehearsal) async throws {
        let published = try await rehearsal.context.status().counts.published
        let written = await rehearsal.writes().values.reduce(0, +)
        let time = try await seconds {
            for source in rehearsal.context.mappings.set.sourceNames {
                _ = try await rehearsal.context.sync(source, mode: .full)
            }
            try await rehearsal.settle()
        }
        report(
            "again",
            [
                "seconds": time, "published": Double(try await rehearsal.context.status().counts.published - published),
                "writes": Double(await rehearsal.writes().values.reduce(0, +) - written),
                "peak_mib": Double(rehearsal.peakMebibytes),
            ])
    }

    /// Pupils change in Edlevo, which tells the hub by notices; each is written to Vega.
    private static func latency(_ rehearsal: Rehearsal) async throws {
        guard let vega = rehearsal.others[.vega] else { return }
        let all = try await vega.truth(.person).keys.sorted()
        let pupils = all.prefix(min(Self.changes, all.count / 8))
        var changed: [RecordKey: Date] = [:]
        let began = ContinuousClock.now
        for (number, pupil) in pupils.enumerated() {
            let key = RecordKey(.person, pupil)
            guard var document = await rehearsal.edlevo.document(key)?.objectValue else { continue }
            document["familyName"] = .string("Ändrad \(number % 7)")
            try await Task.sleep(until: began + .seconds(Double(number) / Double(Self.changesPerSecond)), clock: .continuous)
            changed[key] = Date()
            try await rehearsal.edlevo.upsert(.person, .object(document))
        }
        let keys = changed
        try await rehearsal.until { _ in
            let written = await vega.writtenAt
            return keys.allSatisfy { key, changed in (written[key] ?? .distantPast) > changed }
        }
        let written = await vega.writtenAt
        let delays = keys.compactMap { key, at in written[key]?.timeIntervalSince(at) }.sorted()
        func percentile(_ share: Double) -> Double { delays[min(delays.count - 1, Int(share * Double(delays.count)))] * 1000 }
        report(
            "latency",
            [
                "changes": Double(delays.count), "per_second": Double(Self.changesPerSecond), "p50_ms": percentile(0.5),
                "p99_ms": percentile(0.99), "max_ms": percentile(1),
            ])
        try await rehearsal.settle()
    }

    /// `knutpunkt reconcile`, as people run it, beside the working hub: everything, and what has changed since.
    private static func reconcile(_ rehearsal: Rehearsal) async throws {
        try await rehearsal.exportUnikum()
        for (job, mode) in [("reconcile", "--full"), ("reconcile-changed", "--changed")] {
            let output = rehearsal.options.directory + "/\(job).json"
            let time = try await seconds {
                try await Self.run(
                    rehearsal.options.executable,
                    ["reconcile", mode, "--json", "--config", rehearsal.options.directory + "/knutpunkt.yaml"], output: output)
            }
            let run = try JSONDecoder().decode(ReconcileRun.self, from: Data(contentsOf: URL(fileURLWithPath: output)))
            report(
                job,
                [
                    "seconds": time, "rows": Double(run.systems.reduce(0) { $0 + $1.total.expected }),
                    "differences": Double(run.differences), "systems": Double(run.systems.filter { $0.state == .done }.count),
                    // The most that any program run here needed; no other one is that large.
                    "peak_mib": Self.peakOfPrograms,
                ])
        }
    }

    private static var peakOfPrograms: Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_CHILDREN.rawValue), &usage)
        return Double(usage.ru_maxrss) / 1024
    }

    private static func run(_ executable: String, _ arguments: [String], output: String) async throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        _ = FileManager.default.createFile(atPath: output, contents: nil)
        process.standardOutput = FileHandle(forWritingAtPath: output)
        // Waiting must not hold a thread that the stand-ins in this process need.
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in continuation.resume() }
            do { try process.run() } catch {
                process.terminationHandler = nil
                continuation.resume(throwing: error)
            }
        }
    }
}
