import Foundation
import SchoolRecords
public import ServiceLifecycle

/// A stand-in for Skolon: it imports files of users from the folder where the hub leaves them, one complete file for each kind of user,
/// and exports which roles and accounts it has.
///
/// The first line names the columns. A row that isn't in the newest file of its kind has lost its role; the account stays. Taken files
/// are deleted. It looks at the folder every few milliseconds.
public actor SkolonStandIn: Service {
    /// The columns of a file of users.
    public static let columns = ["unikt_id", "fornamn", "efternamn", "epost", "roll", "skol_id", "skola"]

    public nonisolated let folder: String
    private nonisolated let interval: Duration
    private nonisolated let bell = Bell()
    /// File name → what the last file of that name said.
    private var imported: [String: Set<HeldRole>] = [:]
    /// What somebody gave, and took, in Skolon itself since the last import.
    private var byHand: Set<HeldRole> = []
    private var taken: Set<HeldRole> = []
    private var known: [String: HeldAccount] = [:]
    private var fileCount = 0
    private var exports = 0
    private var refusalTexts: [String] = []
    private var isAway = false
    private var delay: Duration?

    /// - Parameters:
    ///   - folder: where the hub leaves files; must be there when it runs.
    ///   - interval: how long it waits before it looks again when nothing was there.
    public init(folder: String, interval: Duration = .milliseconds(20)) {
        self.folder = folder
        self.interval = interval
    }

    /// Imports until it is cancelled or shut down.
    ///
    /// - Throws: ``StandInError`` when the folder can't be read.
    public func run() async throws {
        try await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                let names = try await self.waiting()
                for name in names where !Task.isCancelled {
                    if let delay = await self.delay { try? await Task.sleep(for: delay) }
                    try await self.take(name)
                    await Task.yield()
                }
                if names.isEmpty { try? await Task.sleep(for: self.interval) }
            }
        }
    }

    private func waiting() throws(StandInError) -> [String] {
        guard !self.isAway else { return [] }
        do {
            return try FileManager.default.contentsOfDirectory(atPath: self.folder)
                .filter { $0.hasPrefix("anvandare-") && $0.hasSuffix(".csv") }.sorted()
        } catch {
            throw StandInError(
                .notRunning, "the folder \(self.folder) can't be read; was it moved by somebody else?", cause: error)
        }
    }

    private func take(_ name: String) throws(StandInError) {
        // Out of the way first: the hub may put a newer one there at any time.
        let own = "\(self.folder)/.taken-\(name)"
        let text: String
        do {
            try FileManager.default.moveItem(atPath: "\(self.folder)/\(name)", toPath: own)
            text = try String(contentsOf: URL(fileURLWithPath: own), encoding: .utf8)
            try FileManager.default.removeItem(atPath: own)
        } catch {
            throw StandInError(.notRunning, "a file in \(self.folder) can't be taken; check the rights on it", cause: error)
        }
        defer { self.bell.ring() }
        self.fileCount += 1
        guard let roles = self.read(text) else { return }
        self.imported[name] = roles
        // The file's word counts from now on.
        self.byHand.subtract(roles)
        self.taken.subtract(roles)
        for role in roles where self.known[role.person] == nil { self.known[role.person] = HeldAccount(role.person, .invited) }
    }

    /// - Returns: nothing when the file as a whole isn't one.
    private func read(_ text: String) -> Set<HeldRole>? {
        guard text.isEmpty || text.hasSuffix("\r\n") else {
            self.refusalTexts.append("the last line has no end")
            return nil
        }
        let lines = text.components(separatedBy: "\r\n").dropLast()
        guard let header = lines.first else { return [] }
        guard header == Self.columns.joined(separator: ";") else {
            self.refusalTexts.append("the first line doesn't name the columns that were agreed on")
            return nil
        }
        var roles: Set<HeldRole> = []
        for line in lines.dropFirst() {
            let values = line.components(separatedBy: ";")
            guard values.count == Self.columns.count, !values[0].isEmpty, !values[4].isEmpty, !values[5].isEmpty else {
                self.refusalTexts.append("a user lacks a column, or one that must have a value")
                continue
            }
            if !roles.insert(HeldRole(values[0], values[4], .unit(values[5]))).inserted {
                self.refusalTexts.append("a user is there twice")
            }
        }
        return roles
    }

    // MARK: What it holds

    /// The roles that it holds, in their order.
    public var roles: [HeldRole] {
        self.imported.values.reduce(into: self.byHand) { $0.formUnion($1) }.subtracting(self.taken).sorted()
    }

    /// The accounts that it has.
    public var accounts: [HeldAccount] { self.known.values.sorted { $0.person < $1.person } }

    /// How many files it has taken.
    public var files: Int { self.fileCount }

    /// Why rows and files weren't taken, in order; never with a value.
    public var refusals: [String] { self.refusalTexts }

    /// Whether no file waits.
    ///
    /// - Throws: ``StandInError`` when the folder can't be read.
    public var isIdle: Bool { get throws(StandInError) { try self.waiting().isEmpty } }

    /// Returns when a condition holds; looks again after each file taken.
    ///
    /// - Throws: `CancellationError`.
    public func waitUntil(_ condition: @Sendable (isolated SkolonStandIn) -> Bool) async throws {
        while true {
            let rings = self.bell.rings
            if condition(self) { return }
            try await self.bell.wait(past: rings)
        }
    }

    // MARK: Past the hub

    /// Somebody gives a role in Skolon itself, until the next file of its kind.
    public func giveByHand(_ role: HeldRole) {
        self.byHand.insert(role)
        self.taken.remove(role)
    }

    /// Somebody takes a role away in Skolon itself.
    public func takeByHand(_ role: HeldRole) {
        self.byHand.remove(role)
        self.taken.insert(role)
    }

    /// Opens accounts, or changes what they are; `missing` closes one.
    public func setAccounts(_ accounts: some Sequence<HeldAccount>) {
        for account in accounts { self.known[account.person] = account.state == .missing ? nil : account }
    }

    /// Leaves all roles that it holds as a file, whole: the administrators' validation file.
    ///
    /// - Returns: the file's path.
    /// - Throws: ``StandInError`` when it is away or the folder can't be written.
    @discardableResult
    public func exportRoles(to folder: String, fault: ExportFault? = nil) throws(StandInError) -> String {
        let rows = self.roles.map { [$0.person, $0.role, $0.scope.id ?? ""] }
        return try self.export(["unikt_id", "roll", "skol_id"], rows, "validering-", to: folder, fault)
    }

    /// Leaves all accounts as a file, whole.
    ///
    /// - Returns: the file's path.
    /// - Throws: ``StandInError`` when it is away or the folder can't be written.
    @discardableResult
    public func exportAccounts(to folder: String, fault: ExportFault? = nil) throws(StandInError) -> String {
        let rows = self.accounts.map { [$0.person, $0.word, $0.lastUsed?.description ?? ""] }
        return try self.export(["unikt_id", "status", "senast"], rows, "konton-", to: folder, fault)
    }

    private func export(
        _ columns: [String], _ rows: [[String]], _ prefix: String, to folder: String, _ fault: ExportFault?
    ) throws(StandInError) -> String {
        guard !self.isAway else { throw StandInError(.notRunning, "Skolon is away: it exports nothing") }
        self.exports += 1
        return try ExportedFile(folder: folder, prefix: prefix).write(columns, rows, number: self.exports, fault: fault)
    }

    // MARK: Misbehaving

    /// Takes and exports nothing from now on.
    public func goDown() { self.isAway = true }

    /// Takes and exports again.
    public func comeBack() { self.isAway = false }

    /// Waits this long before each file; `nil` not at all.
    public func setDelay(_ delay: Duration?) { self.delay = delay }
}
