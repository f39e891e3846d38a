import ConnectorKit
import Foundation
import Hub
import Mapping
import Reconciliation
import SchoolRecords
import StandIns
import Synchronization
import Testing

@Suite("What a run looks at, and what it remembers")
struct ScopeTests {
    /// A clock that is moved by hand, some minutes ahead of the real one.
    private final class Hours: Sendable {
        private let seconds = Mutex(60.0)

        var clock: HubClock {
            HubClock(now: { Date().addingTimeInterval(self.seconds.withLock { $0 }) }, sleep: HubClock.system.sleep)
        }

        func pass(_ hours: Double) { self.seconds.withLock { $0 += hours * 3600 } }
    }

    @Test func `a run over a school, or an entity, tells what is found there and nothing else`() async throws {
        try await ReconcileWorld.with(.small, roles: 0) { world in
            world.systems["vega"]?.state.withLock { state in
                for row in state.rows.keys where row.kind == "pupil" || row.kind == "placement" {
                    state.rows[row]?["extra"] = "x"
                }
            }
            let whole = try await world.findings(try await world.run()).map(\.finding).filter(\.isReal)
            let unit = try #require(whole.compactMap(\.unit).min())
            let there = whole.filter { $0.unit == unit }.map(\.key).sorted()
            try #require(!there.isEmpty && there.count < whole.count)
            var scope = ReconcileScope()
            scope.units = [unit]
            let school = try await world.run(scope: scope)
            #expect(try await world.findings(school).map(\.finding.key).sorted() == there)
            #expect(school.differences == there.count)
            scope = ReconcileScope()
            scope.entities = [.placement]
            let places = whole.filter { $0.record?.entity == .placement }.map(\.key).sorted()
            try #require(!places.isEmpty && places.count < whole.count)
            #expect(try await world.findings(try await world.run(scope: scope)).map(\.finding.key).sorted() == places)
        }
    }

    @Test func `since when something differs isn't forgotten over a run that looked elsewhere`() async throws {
        try await ReconcileWorld.with(.small, roles: 0) { world in
            let lost = try #require(world.expected["vega"]?.keys.first { $0.kind == "pupil" })
            world.systems["vega"]?.state.withLock { $0.rows[lost]?["extra"] = "x" }
            let hours = Hours()
            let first = try await world.run(world.reconciler(clock: hours.clock))
            let since = try #require(await world.findings(first).first { $0.finding.isReal }?.firstAt)
            hours.pass(0.1)
            var scope = ReconcileScope()
            scope.entities = [.duty]
            _ = try await world.run(world.reconciler(clock: hours.clock), scope: scope)
            hours.pass(0.1)
            let last = try await world.run(world.reconciler(clock: hours.clock))
            let found = try await world.findings(last).filter(\.finding.isReal)
            #expect(found.map(\.firstAt) == [since])
            #expect(last.beganAt > since)
        }
    }

    @Test func `a run over changes looks at everything on another day, and by other mappings`() async throws {
        try await ReconcileWorld.with(.small, roles: 0) { world in
            let hours = Hours()
            var changes = ReconcileScope()
            changes.mode = .changed
            /// Whether the whole register was gone through.
            func isWhole(_ set: MappingSet) async throws -> Bool {
                let reconciler = Reconciler(
                    store: world.hub.store, key: world.hub.key, mappings: set, directory: world.hub.directory, clock: hours.clock,
                    logger: world.hub.logger)
                let run = try await reconciler.begin(changes, systems: ReconcileWorld.names, by: "tester")
                let isWhole = Mutex(false)
                _ = try await reconciler.carryOut(run, try world.targets()) { progress in
                    if case .expected = progress { isWhole.withLock { $0 = true } }
                }
                return isWhole.withLock { $0 }
            }
            let set = world.hub.mappings.set
            let first = try await isWhole(set)
            let second = try await isWhole(set)
            #expect(first && !second)
            hours.pass(25)
            let tomorrow = try await isWhole(set)
            let then = try await isWhole(set)
            #expect(tomorrow && !then)
            let folder = world.hub.directory + "/edited"
            let root = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../../Mappings").standardized
            try FileManager.default.copyItem(atPath: root.path, toPath: folder)
            let file = URL(fileURLWithPath: folder + "/vega/person.yaml")
            try Data((try String(contentsOf: file, encoding: .utf8) + "\n# edited\n").utf8).write(to: file)
            let load = MappingSet.load(directory: folder) { _, settings in
                guard case .object(var members) = settings else { return settings }
                members["enabled"] = true
                return .object(members)
            }
            let edited = try #require(load.set)
            try #require(edited.version != set.version)
            let other = try await isWhole(edited)
            #expect(other)
        }
    }

    @Test func `a system is asked no faster than its file says`() async throws {
        try await ReconcileWorld.with(.small, roles: 0) { world in
            let waits = Mutex<[Duration]>([])
            let time = Mutex(Date().addingTimeInterval(60))
            let clock = HubClock(
                now: { time.withLock { $0 } },
                sleep: { duration in
                    waits.withLock { $0.append(duration) }
                    time.withLock { $0 += Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18 }
                })
            let unikum = try #require(world.systems["unikum"])
            let pages = ((world.expected["unikum"]?.count ?? 0) + 499) / 500
            try #require(pages > 1)
            let description = try #require(world.hub.mappings.set.systems["unikum"])
            var settings = try ReconcileSettings(description)
            settings.pagesPerSecond = 2
            let reconciler = world.reconciler(clock: clock)
            let run = try await reconciler.begin(ReconcileScope(), systems: ["unikum"], by: "tester")
            _ = try await reconciler.carryOut(run, [Reconciler.Target(unikum, settings: settings)])
            #expect(waits.withLock { $0 } == [Duration](repeating: .milliseconds(500), count: pages - 1))
        }
    }

    @Test func `how far a system is read is told page by page`() async throws {
        try await ReconcileWorld.with(.small, roles: 0) { world in
            let told = Mutex<[Int]>([])
            let reconciler = world.reconciler
            let run = try await reconciler.begin(ReconcileScope(), systems: ReconcileWorld.names, by: "tester")
            _ = try await reconciler.carryOut(run, try world.targets()) { progress in
                if case .held("unikum", let rows) = progress { told.withLock { $0.append(rows) } }
            }
            let rows = world.expected["unikum"]?.count ?? 0
            let steps = told.withLock { $0 }
            #expect(steps.count == (rows + 499) / 500 && steps.count > 1)
            #expect(steps == steps.sorted() && steps.last == rows)
        }
    }

    @Test(arguments: ["eduPersonPrincipalNames", "emails"])
    func `a protected person's user name and school address are looked for everywhere`(field: String) async throws {
        try await ReconcileWorld.with(.small, roles: 0) { world in
            let persons = try await world.hub.store.withheldContents(of: .person).map { try JSONValue(parsing: $0.body) }
            let values = persons.flatMap { $0[field]?.arrayValue ?? [] }.compactMap { value in
                guard field == "emails" else { return value.stringValue }
                return value["type"]?.stringValue?.hasPrefix("Skola") == true ? value["value"]?.stringValue : nil
            }
            // What is both is found as either.
            let others = Set(
                persons.flatMap { $0[field == "emails" ? "eduPersonPrincipalNames" : "emails"]?.arrayValue ?? [] }.compactMap {
                    $0.stringValue ?? $0["value"]?.stringValue
                })
            let value = try #require(values.first { !others.contains($0) })
            let row = try #require(world.expected["vega"]?.keys.first { $0.kind == "pupil" })
            world.systems["vega"]?.state.withLock { $0.rows[row]?["familyName"] = value.uppercased() }
            let found = try await world.findings(try await world.run()).map(\.finding).filter(\.isReal)
            #expect(found.map(\.situation) == [.leaked] && found.map(\.key) == [row.key])
        }
    }

    @Test func `what somebody said of two rows counts in later runs`() async throws {
        try await ReconcileWorld.with(.small, roles: 0) { world in
            let all = (world.expected["vega"] ?? [:]).filter { $0.key.kind == "pupil" }
            func name(_ fields: [String: String]) -> [String?] { ["givenName", "familyName", "street"].map { fields[$0] } }
            let row = try #require(
                all.first { row in row.value["street"] != nil && all.count { name($0.value) == name(row.value) } == 1 })
            var fields = row.value
            (fields["id"], fields["number"]) = ("another-key", nil)
            world.systems["vega"]?.state.withLock { [fields] state in
                state.rows[row.key] = nil
                state.rows[RowIdentity(kind: "pupil", key: "another-key")] = fields
            }
            /// What a run says of the two rows.
            func told() async throws -> Set<String> {
                let found = try await world.findings(try await world.run()).map(\.finding)
                return Set(
                    found.filter { $0.kind == "pupil" && $0.isReal }.map {
                        "\($0.key == row.key.key ? "own" : $0.key) \($0.situation) \($0.cause) \($0.confidence ?? 0)"
                    })
            }
            func say(_ isSame: Bool) async throws {
                // In whichever order they are named.
                try await world.hub.store.keepVerdict(
                    isSame: isSame, system: "vega", kind: "pupil",
                    keys: isSame ? ("another-key", row.key.key) : (row.key.key, "another-key"), reason: "asked", by: "anna",
                    time: HubClock.system.timestamp)
            }
            let undecided = try await told()
            #expect(undecided == ["another-key otherKey perhapsSamePerson 0.7"])
            try await say(true)
            let same = try await told()
            #expect(same == ["another-key otherKey samePerson 1.0"])
            try await say(false)
            let different = try await told()
            #expect(different.contains("own missing lost 0.0") && different.count == 2)
            #expect(different.contains { $0.hasPrefix("another-key unexpected") })
        }
    }
}
