import Foundation
import Hub
import KnutpunktApp
import SchoolRecords
import StandIns
import Synchronization
import Testing

/// Somebody who does the console's jobs without a mouse, in one language.
struct JobWalk: Sendable {
    let walk: ConsoleWalk
    let language: Language
    /// What the browsers have asked for in the job that is being done.
    private let asked = Asked()

    private final class Asked: Sendable {
        private let content = Mutex<Set<String>>([])
        func add(_ asked: Set<String>) { self.content.withLock { $0.formUnion(asked) } }
        func take() -> Set<String> {
            self.content.withLock { content in
                defer { content = [] }
                return content
            }
        }
    }

    init(_ walk: ConsoleWalk, _ language: Language) {
        self.walk = walk
        self.language = language
    }

    var store: any HubStore { self.walk.rehearsal.context.store }

    /// Does a job, and sees that it went by the addresses that its table says.
    func run(_ job: ConsoleJob) async throws {
        _ = self.asked.take()
        try await self.doing(job)
        let asked = self.asked.take()
        for address in job.addresses {
            #expect(asked.contains { ConsoleJob.matches($0, address) }, "\(job): nothing was asked of \(address)")
        }
    }

    private func doing(_ job: ConsoleJob) async throws {
        switch job {
        case .signIn: try await self.signIn()
        case .changePassword: try await self.changePassword()
        case .menu: try await self.menu()
        case .language: try await self.changeLanguage()
        case .replay: try await self.replay()
        case .replayInSteps: try await self.replayInSteps()
        case .correct: try await self.correct()
        case .approveCorrection: try await self.approveCorrection()
        case .discard: try await self.discard()
        case .seeContent: try await self.seeContent()
        case .list: try await self.list()
        case .massChange: try await self.massChange()
        case .compare: try await self.compare()
        case .repair: try await self.repair()
        case .planRoles: try await self.planRoles()
        case .approveRoles: try await self.approveRoles()
        case .stopRoles: try await self.stopRoles()
        case .explainRoles: try await self.explainRoles()
        case .person: try await self.person()
        case .trace: try await self.trace()
        case .changes: try await self.changes()
        case .explainMapping: try await self.explainMapping()
        case .tryMapping: try await self.tryMapping()
        case .statistics: try await self.statistics()
        case .handIn: try await self.handIn()
        case .privacy: try await self.privacy()
        case .check: try await self.check()
        case .download: try await self.download()
        }
    }

    /// Opens a browser that isn't signed in.
    func visiting(_ path: String, _ size: Browser.Size = .desktop, _ body: (Browser) async throws -> Void) async throws {
        try await Browser.with(self.walk.driver, size, languages: self.language.rawValue) { browser in
            try await browser.open(self.walk.url + path)
            try await body(browser)
            self.asked.add(try await browser.asked())
        }
    }

    /// Opens a browser with somebody signed in.
    func signedIn(
        as name: String = "ada", at path: String, _ size: Browser.Size = .desktop, _ body: (Browser) async throws -> Void
    ) async throws {
        try await self.walk.signedIn(as: name, size, in: self.language, to: path) { browser in
            try await body(browser)
            self.asked.add(try await browser.asked())
        }
    }

    /// What stands on the page in this walk's language, once it stands there.
    @discardableResult
    func sees(_ sv: String, _ en: String, in browser: Browser) async throws -> String {
        let wanted = self.language(sv: sv, en: en)
        return try await browser.until("\"\(wanted)\"") {
            let text = try await browser.text()
            return text.contains(wanted) ? text : nil
        }
    }

    /// Looks at the page as it is, on a desk and on a phone: nothing sticks out, the checker has nothing against it, and it is in the
    /// pictures where these are asked for.
    func look(at name: String, in browser: Browser) async throws {
        for size in [Browser.Size.phone, .desktop] {
            try await browser.resize(to: size)
            let wide = try await browser.script("return document.documentElement.scrollWidth > window.innerWidth")
            #expect(wide == .bool(false), "\(name) \(size.name) is wider than the window")
            let complaints = try await self.walk.complaints(of: browser)
            #expect(complaints.isEmpty, "\(name) \(size.name)\n\(complaints.joined(separator: "\n"))")
            try await self.walk.keepPicture(name, size, self.language, of: browser)
        }
    }

    /// The audit log's latest entry of an action.
    func noted(_ action: String) async throws -> AuditEntry {
        try #require(try await self.store.auditEntries(AuditFilter()).last { $0.action == action })
    }
}
