import Foundation
import Hub
import Logging
import Testing

@testable import Console
@testable import KnutpunktApp

/// Each job of the console done without a mouse, in a real browser, over a real hub.
///
/// One job is done in Swedish and the next in English, which of them the first is by chance; `KNUTPUNKT_CONSOLE_LANGUAGES` says which
/// (`sv,en`), and with `sv` or `en` alone all are done in that one. `KNUTPUNKT_CONSOLE_SCALE=lulea` has it done over a municipality of
/// Luleå's size, `KNUTPUNKT_CONSOLE_JOBS` some of the jobs alone, by their names with commas. Jobs build on earlier ones: `stopRoles` opens the accounts that `planRoles` and `approveRoles` need, and
/// `download` takes tables along that `compare` and `planRoles` have made.
@Suite("Every job of the console by keyboard alone", .serialized)
struct ConsoleJobTests {
    private static let chosen = ProcessInfo.processInfo.environment["KNUTPUNKT_CONSOLE_JOBS"].map {
        Set($0.split(separator: ",").map(String.init))
    }

    private static let languages =
        ProcessInfo.processInfo.environment["KNUTPUNKT_CONSOLE_LANGUAGES"].map {
            $0.split(separator: ",").compactMap { Language(rawValue: String($0)) }
        } ?? Language.allCases.shuffled()

    @Test(.timeLimit(.minutes(60)))
    func `each job is done, says so, and leaves nothing for the accessibility checker`() async throws {
        print("console languages \(Self.languages.map(\.rawValue).joined(separator: ","))")
        try #require(!Self.languages.isEmpty)
        try await ConsoleWalk.with { walk in
            for (place, job) in ConsoleJob.allCases.enumerated() where Self.chosen?.contains(job.rawValue) != false {
                let began = ContinuousClock.now
                let language = Self.languages[place % Self.languages.count]
                // One that fails keeps none of the others from being tried.
                do { try await JobWalk(walk, language).run(job) } catch { Issue.record("\(job) \(language): \(error)") }
                if Self.chosen != nil || ConsoleWalk.isLarge { print("\(job) \(language): \(ContinuousClock.now - began)") }
            }
        }
    }

    @Test func `the table has every form, every table to download and every deed behind a link`() async throws {
        try await TemporaryDirectory.with { directory in
            let path = try Program.configuration(directory, "console: {listen: 127.0.0.1:0}\n")
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let context = try await HubContext.open(
                try await HubConfiguration.read(file: path, flags: [:], environment: [:]), logger: logger)
            let site = try context.consoleSite(
                reading: { HealthReading(time: HubClock.system.timestamp) }, work: ConsoleWork(logger: logger), clock: .system)
            let deeds = Set(site.addresses.filter(ConsoleJob.isDeed))
            let known = ConsoleJob.allCases.reduce(into: Set<String>()) { $0.formUnion($1.addresses) }
            #expect(deeds.subtracting(known) == [], "jobs that nobody does by keyboard")
            #expect(known.subtracting(site.addresses) == [], "jobs that there aren't")
            #expect(deeds.count > 40)
        }
    }
}
