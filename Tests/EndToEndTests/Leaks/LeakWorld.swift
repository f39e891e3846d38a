import Console
import Foundation
import Glibc
import Hub
import KnutpunktApp
import LeakScan
import Messaging
import SchoolRecords
import StandIns
import TestChance
import Testing

/// A hub with all systems and flows, canaries in its source, and a receiver of each clearance; what it says while it works is kept to be
/// looked through.
struct LeakWorld {
    static let password = "fem gröna cyklar i rad"
    /// Systems whose stand-ins are given something of canaries; all others get nothing.
    static let cleared = "vega"

    let rehearsal: Rehearsal
    let canaries: Canaries
    var random: SeededRandom
    let operations: String
    /// What was answered and said, by where.
    var said: [(place: String, bytes: [UInt8])] = []

    private var directory: String { self.rehearsal.options.directory }
    private var configuration: String { self.directory + "/knutpunkt.yaml" }

    private static let policy = """
        systems:
          unikum: withhold
          tempus:
            sekretessmarkering:
              child: {give: fictitious, fields: {person: [enrolments], placement: [placedAt, schoolType, startDate, endDate]}}
          skola24files:
            sekretessmarkering: {give: masked, fields: {person: [enrolments, personStatus]}}
          vega:
            sekretessmarkering: {give: cleared, legal_basis: "lag och beslut i provet", class_lists: true}
        family:
          addresses: withhold
          same_address: withhold
          guardians: withhold
        """

    static func with(seed: UInt64, _ body: @escaping @Sendable (inout LeakWorld) async throws -> Void) async throws {
        try await TemporaryDirectory.with { directory in
            let mappings = directory + "/Mappings"
            try FileManager.default.copyItem(atPath: Program.mappings, toPath: mappings)
            try Data(Self.policy.utf8).write(to: URL(fileURLWithPath: mappings + "/privacy.yaml"))
            var options = Rehearsal.Options(
                scale: .custom(children: 60), seed: seed, directory: directory, mappings: Program.mappings,
                executable: Program.path)
            options.others = Set(TwoWaySystem.allCases)
            options.hasSkola24Files = true
            options.hasBreakOffList = true
            options.hasSkolon = true
            options.hasRoles = true
            options.hasConsole = true
            try await Rehearsal.with(options) { rehearsal in
                var random = SeededRandom(seed: seed)
                let canaries = try await Canaries.plant(in: rehearsal, &random)
                let operations = "127.0.0.1:\(try Self.freePort())"
                let path = directory + "/knutpunkt.yaml"
                let text = try String(contentsOfFile: path, encoding: .utf8)
                    .replacing("\nhttp:\n", with: "\nlog:\n  level: debug\n  format: json\nhttp:\n  operations: \(operations)\n")
                try Data(text.utf8).write(to: URL(fileURLWithPath: path))
                var world = LeakWorld(
                    rehearsal: rehearsal, canaries: canaries, random: random, operations: "http://\(operations)")
                try await body(&world)
            }
        }
    }

    private static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        try #require(descriptor >= 0 && isBound)
        return Int(UInt16(bigEndian: address.sin_port))
    }

    // MARK: What is done

    /// Runs a command; what it says is kept.
    @discardableResult
    mutating func run(_ arguments: [String], as person: String = "second", status expected: Set<Int32> = [0]) async throws
        -> Program.Outcome
    {
        let outcome = try await Program.run(
            arguments + ["--config", self.configuration], environment: ["SUDO_USER": person])
        self.said.append((arguments.joined(separator: " "), Array((outcome.output + outcome.errors).utf8)))
        #expect(expected.contains(outcome.status), "\(arguments): \(outcome.status) \(outcome.errors.suffix(600))")
        return outcome
    }

    /// The full load.
    mutating func load() async throws {
        let day = "\(HubClock.system.calendarDate)"
        let many = ChangeCounts(creates: 100_000, updates: 100_000, deletes: 100_000)
        for entity in ["group", "person", "duty", "placement"] {
            _ = try await self.rehearsal.context.planChange(
                system: "edlevo", entity: entity, kind: nil, bounds: many, from: day, to: "2100-01-01", reason: "many at random",
                by: nil)
        }
        try self.rehearsal.startHub()
        try await self.rehearsal.waitUntilRunning()
        try await self.rehearsal.settle(allowingFailures: true)
        for canary in self.canaries.all where canary.marking == .secrecyMark && canary.kind != "staff" {
            try await self.run(["privacy", "consent", canary.id, "--given", "--reason", "form in the test"])
        }
    }

    /// Waits until what the sources hold has been read, and the outbox is empty; what is held is let through, as a person would.
    func waitUntilRead() async throws {
        let context = self.rehearsal.context
        var seen: Set<String> = []
        try await self.rehearsal.until { status in
            var filter = HeldFilter()
            filter.states = HeldChange.State.open
            for change in try await context.store.heldChanges(filter) where seen.insert(change.id).inserted {
                print("leaks: held \(change.system) \(change.id)")
                let decision = HeldDecision(.approved, by: "second", reason: "in the test", time: HubClock.system.timestamp)
                _ = try await context.store.decide(change.id, decision)
            }
            guard try await self.rehearsal.hasReadAll() else { return false }
            return status.outbox == 0
        }
    }

    /// Changes records of canaries and others in the source so that they can't be used, then puts them right again.
    ///
    /// - Parameter count: how many.
    mutating func fail(_ count: Int) async throws {
        var keys: [RecordKey: JSONValue] = [:]
        for entity in [Entity.person, .duty, .placement] {
            for (id, document) in try await self.rehearsal.edlevo.truth(entity) { keys[RecordKey(entity, id)] = document }
        }
        let own = Set(self.canaries.all.map { RecordKey(.person, $0.id) }).union(
            self.canaries.others.keys.filter { $0.entity != .person })
        let strangers = keys.keys.filter { !own.contains($0) }.sorted().shuffled(using: &self.random)
        var spoiled = strangers.prefix(max(0, count - own.count)) + own.sorted().prefix(count)
        spoiled.shuffle(using: &self.random)
        for key in spoiled {
            guard let document = keys[key] else { continue }
            try await self.rehearsal.edlevo.upsert(key.entity, self.spoiled(key, document, isCanary: own.contains(key)))
        }
        try await self.waitUntilRead()
        try await self.edit()
        // Sent again while they are wrong still, and when they are right.
        try await self.run(["failed", "replay", "--all", "--dry-run"], status: [0, 1, 66])
        for key in spoiled {
            if let document = keys[key] { try await self.rehearsal.edlevo.upsert(key.entity, document) }
        }
        try await self.waitUntilRead()
        try await self.run(["failed", "replay", "--all"], status: [0, 1, 2, 66])
    }

    private mutating func spoiled(_ key: RecordKey, _ document: JSONValue, isCanary: Bool) -> JSONValue {
        var document = document
        let word =
            isCanary
            ? self.canaries.all.first { $0.id == key.id }?.word ?? self.canaries.all.randomElement(using: &self.random)?.word
                ?? ""
            : "Trasig"
        switch (key.entity, Int.random(in: 0..<10, using: &self.random)) {
        case (.person, 0): document["birthDate"] = .string("\(word) 2013")
        case (.person, 1): document["civicNo"] = ["value": .string(word), "nationality": "SE"]
        case (.person, 2): document["sex"] = .string(word)
        case (.person, 3): document["emails"] = .string(word)
        case (.person, 4): document["familyName"] = ["value": .string(word)]
        case (.person, 5):
            document["enrolments"] = [
                ["enroledAt": ["id": .string(word)], "schoolYear": .string(word), "schoolType": .string(word)]
            ]
        case (.person, 6): document["personStatus"] = .string(word)
        case (.person, 7): document["responsibles"] = [["person": ["id": .string(word)], "relationType": .string(word)]]
        case (.person, 8): document["securityMarking"] = isCanary ? .string(word) : "Ingen"
        case (.person, _): document["addresses"] = [["type": .string(word), "postalCode": ["x": .string(word)]]]
        case (.duty, 0...2): document["dutyRole"] = .string(word)
        case (.duty, 3...6): document["description"] = .string("X9\(Int.random(in: 10...99, using: &self.random)) \(word)")
        case (.duty, _): document["dutyPercent"] = .string(word)
        case (_, 0...4): document["schoolType"] = .string(word)
        default: document["startDate"] = .string(word)
        }
        return document
    }

    /// Corrects failed messages, and tries to correct some of protected persons.
    private mutating func edit() async throws {
        let store = self.rehearsal.context.store
        let vault = Set(try await store.vaultRecords().map(\.opaqueKey))
        let failures = try await store.list(FailureFilter())
        let own = failures.filter { $0.failure.key.map(vault.contains) ?? false }
        #expect(!own.isEmpty && failures.count > own.count, "\(own.count) of \(failures.count) failures are of canaries")
        for failure in own.prefix(3) + failures.filter({ $0.failure.body != nil }).prefix(3) {
            try await self.run(
                ["failed", "edit", "\(failure.id)", "--set", "description=2752 Grundskollärare", "--reason", "in the test"],
                status: [0, 1, 64, 65, 66])
            try await self.run(["failed", "show", "\(failure.id)", "--body"], status: [0, 1, 64, 66])
        }
    }

    /// A plan of roles, kept, approved and carried out.
    mutating func planRoles() async throws {
        let people = try await self.rehearsal.edlevo.truth(.person).keys.sorted().map { HeldAccount($0, .active) }
        for (system, standIn) in self.rehearsal.others where system != .eservice { try await standIn.setAccounts(people) }
        await self.rehearsal.skolon?.setAccounts(people)
        for system in ["skola24", "skolon", "tempus", "unikum", "vega"] { try await self.rehearsal.snapshotRoles(of: system) }
        let today = HubClock.system.calendarDate
        let term = "\(today.month > 6 ? "HT" : "VT")\(today.year)"
        let plan = try await self.run(["roles", "plan", "--term", term, "--keep", "--json"], as: "maker", status: [0, 1, 2])
        let kept = try await self.rehearsal.context.store.rolePlans(limit: 1)
        guard let id = kept.first?.id else {
            Issue.record("no plan was kept: \(plan.output.suffix(300))")
            return
        }
        try await self.run(["roles", "show", id, "--steps"])
        try await self.run(["roles", "approve", id, "--reason", "seen"])
        try await self.run(["roles", "apply", id], status: [0, 1, 2])
        if let staff = self.canaries.canary("staff", .secrecyMark) {
            try await self.run(["roles", "explain", staff.id, "--reason", "in the test"], status: [0, 1, 66])
        }
    }

    /// Compares everything; a system holds something of a canary that it must not have.
    mutating func reconcile() async throws {
        try await self.rehearsal.exportUnikum()
        let canary = try #require(self.canaries.canary("pupil", .protectedRegistration))
        let folder = self.directory + "/unikum-held"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasPrefix("objekt-") }.sorted()
        let path = folder + "/" + (try #require(names.last))
        var rows = try String(contentsOfFile: path, encoding: .utf8)
        rows += (try #require(Self.row(of: canary, among: rows))) + "\n"
        try Data(rows.utf8).write(to: URL(fileURLWithPath: path))
        let outcome = try await self.run(["reconcile", "--html", self.directory + "/agreement.html"], status: [0, 2])
        #expect(outcome.output.contains("LEAKED"), "what a system must not have is found: \(outcome.output)")
        for more in [["--json"], ["--all"], ["--all", "--values", "--reason", "in the test"]] {
            try await self.run(["reconcile", "list"] + more, status: [0, 2])
        }
        try await self.run(["reconcile", "worklist", "--csv", self.directory + "/worklist.csv"], status: [0, 2])
    }

    /// A person's row of a file of Unikum's, with a canary in the place of whoever it is.
    static func row(of canary: Canaries.Canary, among rows: String) -> String? {
        guard let row = rows.split(separator: "\n").first(where: { $0.hasSuffix("user") }) else { return nil }
        var cells = row.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        for (place, field) in ["givenName", "familyName", "email", "civicNo"].enumerated() where place < cells.count {
            cells[place] = canary.texts.first { $0.field == field }?.text ?? ""
        }
        return cells.joined(separator: "\t")
    }

    /// All that there is to export.
    mutating func export() async throws {
        try await self.run(["failed", "export"])
        try await self.run(["failed", "export", "--format", "jsonl"])
        try await self.run(["failed", "groups"])
        try await self.run(["failed", "archive"])
        try await self.run(["held", "list", "--json"], status: [0, 1])
        try await self.run(["audit", "--json"])
        try await self.run(["status", "--json"])
        try await self.run(["health", "--json"], status: [0, 1, 2])
        try await self.run(["doctor"], status: [0, 1, 2, 69])
        try await self.run(["quality", "show", "--json"], status: [0, 1, 2, 66])
        try await self.run(["privacy", "show", "--json"])
        try await self.run(["privacy", "recalls", "--json"])
        try await self.run(["mapping", "coverage"], status: [0, 1, 2])
        for canary in self.canaries.all.shuffled(using: &self.random).prefix(3) {
            // What somebody asks with is their own word: only the answer is kept.
            for command in [["person", canary.id, "--values"], ["trace", "person/\(canary.id)"]] {
                let outcome = try await Program.run(
                    command + (command[0] == "person" ? ["--reason", "in the test"] : []) + ["--config", self.configuration])
                let answer = (outcome.output + outcome.errors).replacing(canary.id, with: "ID")
                self.said.append((command[0], Array(answer.utf8)))
            }
        }
    }
}
