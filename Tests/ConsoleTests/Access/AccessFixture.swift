import Foundation
import Hub
import Logging
import SQLStores
import SQLiteDatabase
import Synchronization
import Testing

@testable import Console

/// A store of its own in a directory that goes with it, and a clock that stands until it is moved.
struct AccessFixture {
    let path: String
    let store: any HubStore
    let time = MovedClock()

    static let key = HubKey(material: Data(repeating: 5, count: 32))
    /// Cheap: what costs much is tried by itself.
    static let hasher = PasswordHasher(cost: .init(rounds: 16, blockSize: 1, parallelism: 1))
    static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    static let password = "grön cykel på taket"

    static func with<Result>(_ body: (AccessFixture) async throws -> Result) async throws -> Result {
        let directory = FileManager.default.temporaryDirectory.path + "/knutpunkt-access-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let path = directory + "/store.sqlite"
        return try await body(AccessFixture(path: path, store: try await Self.open(path)))
    }

    static func open(_ path: String) async throws -> any HubStore {
        try await SQLStore.open(database: SQLiteDatabase.open(path: path), key: Self.key)
    }

    /// The same data opened once more, as after a restart.
    func reopened() async throws -> any HubStore { try await Self.open(self.path) }

    @discardableResult
    func account(
        _ name: String = "anna", roles: Set<ConsoleRole> = [.operator], password: String = password
    ) async throws -> ConsoleAccount {
        let account = ConsoleAccount(
            name: name, displayName: "Anna på skolan", roles: Set(roles.map(\.rawValue)), units: .units(["unit-1"]),
            systems: .all, password: try await Self.hasher.digest(password), createdAt: self.time.clock.timestamp)
        _ = try await self.store.add(account, by: "root", time: self.time.clock.timestamp)
        return try #require(try await self.store.consoleAccount(name))
    }

    func signIn(store: (any HubStore)? = nil) -> LocalSignIn {
        LocalSignIn(
            store: store ?? self.store, key: Self.key, isSecure: true, hasher: Self.hasher, clock: self.time.clock,
            logger: Self.quiet)
    }

    /// What the audit log says, as `<person> <action> <subject>`.
    func audit() async throws -> [String] {
        try await self.store.auditEntries(AuditFilter()).map { "\($0.person) \($0.action) \($0.subject)" }
    }
}

/// A clock that stands until a test moves it.
final class MovedClock: Sendable {
    private let moment = Mutex(Date(timeIntervalSince1970: 1_797_000_000))

    var now: Date { self.moment.withLock { $0 } }

    func move(by seconds: Double) { self.moment.withLock { $0 += seconds } }

    var clock: HubClock { HubClock(now: { self.now }, sleep: { _ in try Task.checkCancellation() }) }
}

/// What a browser does with cookies: keeps them by name, and sends them back.
struct Browser {
    private(set) var cookies: [String: String] = [:]

    mutating func take(_ headers: [String]) {
        for header in headers {
            let pair = header.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1).map(String.init)
            if header.contains("Max-Age=0") {
                self.cookies[pair[0]] = nil
            } else {
                self.cookies[pair[0]] = pair.count > 1 ? pair[1] : ""
            }
        }
    }

    var header: String { self.cookies.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "; ") }
}
