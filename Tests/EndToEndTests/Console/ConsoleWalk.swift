import AsyncHTTPClient
import Foundation
import Hub
import NIOCore
import SchoolRecords
import StandIns

@testable import Console
@testable import KnutpunktApp

/// A hub with a console between stand-ins, a browser, and somebody signed in.
struct ConsoleWalk: Sendable {
    let rehearsal: Rehearsal
    let url: String
    let driver: BrowserDriver

    static let password = "fem gröna cyklar i rad"

    /// Somebody signs in for each job: with what a digest costs in the product, much of the walk would be that. What it costs there has
    /// tests of its own, and the job of changing a password goes by it.
    static let hasher = PasswordHasher(cost: .init(rounds: 1 << 10, blockSize: 8, parallelism: 1))

    /// Where pictures of pages are put: `docs/images/console` when `KNUTPUNKT_PICTURES` says so, otherwise nowhere.
    private static let pictures = ProcessInfo.processInfo.environment["KNUTPUNKT_PICTURES"]

    /// How many children there are: a few, or as many as `KNUTPUNKT_CONSOLE_SCALE=lulea` says.
    static let isLarge = ProcessInfo.processInfo.environment["KNUTPUNKT_CONSOLE_SCALE"] == "lulea"

    private static let scale: SyntheticMunicipality.Scale = Self.isLarge ? .lulea : .custom(children: 120)

    /// Duties whose title code nobody has mapped.
    private static let failures = 6

    /// A municipality in six systems, with duties whose title code nobody has mapped, and people who may sign in: ada, who may do all,
    /// bo, who approves, vera and tove, who may look.
    static func with(_ body: @Sendable (ConsoleWalk) async throws -> Void) async throws {
        try await TemporaryDirectory.with { directory in
            var options = Rehearsal.Options(
                scale: Self.scale, seed: 11, directory: directory, mappings: Program.mappings,
                executable: Program.path)
            options.others = [.skola24, .tempus, .vega]
            options.hasConsole = true
            options.settings = "failed:\n  edits_need_approval: true\n"
            try await Rehearsal.with(options) { rehearsal in
                try rehearsal.startHub()
                try await rehearsal.waitUntilRunning()
                try await rehearsal.settle()
                try await Self.plant(rehearsal)
                try await rehearsal.exportUnikum()
                guard let url = rehearsal.consoleURL else { throw Browser.Failure(description: "no console") }
                try await BrowserDriver.with { driver in
                    try await body(ConsoleWalk(rehearsal: rehearsal, url: url, driver: driver))
                }
            }
        }
    }

    private static func plant(_ rehearsal: Rehearsal) async throws {
        for _ in 0..<Self.failures { _ = try await rehearsal.edlevo.addStaff(titleCode: "X901") }
        let context = rehearsal.context
        _ = try await rehearsal.until { _ in
            try await context.store.groups(FailureFilter()).contains { $0.count >= Self.failures && $0.message.contains("X901") }
        }
        for (name, shown, roles) in [
            ("ada", "Ada Administratör", ["administrator", "operator", "approver", "support"]),
            ("bo", "Bo Godkännare", ["approver"]), ("vera", "Vera Visare", ["viewer"]), ("tove", "Tove Visare", ["viewer"]),
        ] {
            var change = HubContext.ConsoleUserChange()
            (change.displayName, change.roles) = (shown, roles)
            _ = try await context.addConsoleUser(
                name, change, password: Self.password, by: "test", language: .en, hasher: Self.hasher)
        }
    }

    /// Opens a browser with somebody signed in.
    func signedIn<Result>(
        as name: String = "ada", _ size: Browser.Size = .desktop, in language: Language = .sv, to path: String = "/",
        _ body: (Browser) async throws -> Result
    ) async throws -> Result {
        try await Browser.with(self.driver, size, languages: language.rawValue) { browser in
            try await browser.open(self.url + path)
            try await browser.write(name, into: "#name")
            try await browser.write(Self.password, into: "#password")
            try await browser.click("button[type=submit]")
            _ = try await browser.until("the page after signing in") {
                try await browser.find(".who form") == nil ? nil : true
            }
            return try await body(browser)
        }
    }

    /// The first and last day of the months that the stand-ins have reported lessons of.
    func lessonDays() async throws -> (String, String) {
        var days: [String] = []
        try await RegisterReader(store: self.rehearsal.context.store).pages(of: .lessonReport) { page in
            for (_, document) in page {
                days += ["startDate", "endDate"].compactMap { document.value[$0]?.stringValue }
            }
        }
        guard let first = days.min(), let last = days.max() else { throw Browser.Failure(description: "no lessons") }
        return (first, last)
    }

    /// What the accessibility checker has against the page: WCAG 2.1 A and AA and good practice; a line each.
    func complaints(of browser: Browser) async throws -> [String] {
        // Half a megabyte: once for each page is enough.
        if try await browser.script("return typeof axe") != "object" {
            try await browser.script(try String(contentsOfFile: Self.axe, encoding: .utf8))
        }
        let value = try await browser.longScript(
            """
            const done = arguments[arguments.length - 1];
            // Of what it has nothing against it needn't tell how it was found.
            const how = {
              runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"], resultTypes: ["violations"], selectors: false,
            };
            axe.run(document, how).then(
              (r) => done(r.violations.flatMap((v) => v.nodes.map((n) => v.id + ": " + n.html + " – " + n.failureSummary))),
              (e) => done(["axe: " + e]));
            """)
        return value.arrayValue?.compactMap(\.stringValue) ?? ["axe returned nothing"]
    }

    private static var axe: String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../.build/tools/axe.min.js").standardized.path
    }

    /// Keeps a picture of the page, where pictures are asked for.
    func keepPicture(_ name: String, _ size: Browser.Size, _ language: Language, of browser: Browser) async throws {
        guard let folder = Self.pictures else { return }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try await browser.picture().write(to: URL(fileURLWithPath: "\(folder)/\(name)-\(size.name)-\(language.rawValue).png"))
    }
}
