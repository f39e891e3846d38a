import ConnectorKit
import Foundation
import SchoolRecords
import StandIns
import TestChance
import Testing

@testable import Connectors

@Suite("Changes told by Edlevo's classic services lead to whole new states")
struct ClassicChangesTests {
    /// What somebody holds who has read everything once and changes since.
    private actor Holder {
        private(set) var records: [RecordKey: JSONValue] = [:]
        private var mark = Date.distantPast

        func take(_ page: SourcePage) {
            for record in page.records {
                self.records[record.key] = record.document
                let text = record.document["meta"]?["modified"]?.stringValue ?? ""
                if let moment = Moment(text) {
                    self.mark = max(self.mark, Date(timeIntervalSince1970: Double(moment.secondsSinceEpoch)))
                }
            }
        }

        func readEverything(_ connector: any SourceConnector) async throws {
            for entity in connector.entities { try await connector.read(entity, scope: .full) { await self.take($0) } }
        }

        func readChanges(_ connector: any SourceConnector) async throws {
            let since = self.mark - 300
            let gone = try await connector.deletions(after: since)
            for key in gone { self.records[key] = nil }
            for entity in connector.entities {
                try await connector.read(entity, scope: .modifiedAfter(since)) { await self.take($0) }
            }
        }
    }

    private static func passTime(_ harness: EdlevoClassicHarness) { harness.clock.advance(by: .seconds(900)) }

    /// One day's event in the municipality.
    private static func happen(_ register: EdlevoStandIn, _ random: inout SeededRandom) async throws {
        let persons = try await register.truth(.person).keys.sorted()
        let groups = try await register.truth(.group)
        switch Int.random(in: 0..<11, using: &random) {
        case 0: _ = try? await register.enrolNewPupil()
        case 1: _ = try? await register.changeClass()
        case 2: _ = try? await register.pupilLeaves()
        case 3: _ = try? await register.removePupil()
        case 4: _ = try? await register.renamePerson()
        case 5: _ = try? await register.addSecondDuty(titleCode: "2752")
        case 6: _ = try? await register.addStaff(titleCode: "2070")
        case 7:
            let id = persons[Int.random(in: 0..<persons.count, using: &random)]
            let marking: SecurityMarking = Bool.random(using: &random) ? .protectedRegistration : .none
            _ = try? await register.setSecurityMarking(marking, of: id)
        case 8:
            // A guardian less, or none.
            let children = try await register.truth(.person).filter { $0.value["responsibles"] != nil }.keys.sorted()
            let id = children[Int.random(in: 0..<children.count, using: &random)]
            guard var child = await register.document(RecordKey(.person, id)) else { return }
            let rest = Array((child["responsibles"]?.arrayValue ?? []).dropFirst())
            child["responsibles"] = rest.isEmpty ? nil : .array(rest)
            try await register.upsert(.person, child)
        case 9:
            let id = groups.keys.sorted()[Int.random(in: 0..<groups.count, using: &random)]
            if groups.count > 5 { await register.delete(RecordKey(.group, id)) }
        default:
            // Out of a group, of which nothing but the membership is told.
            let full = groups.filter { $0.value["groupMemberships"]?.arrayValue?.isEmpty == false }.keys.sorted()
            let id = full[Int.random(in: 0..<full.count, using: &random)]
            guard var group = groups[id] else { return }
            group["groupMemberships"] = .array(Array((group["groupMemberships"]?.arrayValue ?? []).dropLast()))
            try await register.upsert(.group, group)
        }
    }

    @Test(arguments: ["personnel", "organization"])
    func `after any changes what is held is what a complete reading gives`(_ duties: String) async throws {
        let seed = UInt64.random(in: 1...UInt64.max)
        var random = SeededRandom(seed: seed)
        try await EdlevoClassicHarness.with(duties: duties) { harness in
            let connector = try await harness.connector()
            let holder = Holder()
            try await holder.readEverything(connector)
            #expect(await holder.records == (try await harness.all()), "seed \(seed)")
            await harness.standIn.clearRequests()
            for step in 1...25 {
                Self.passTime(harness)
                for _ in 0..<Int.random(in: 1...3, using: &random) { try await Self.happen(harness.standIn.register, &random) }
                Self.passTime(harness)
                try await holder.readChanges(connector)
                let held = await holder.records
                let all = try await harness.all()
                let wrong = Set(held.keys).union(all.keys).filter { held[$0] != all[$0] }
                #expect(
                    wrong.isEmpty, "seed \(seed), step \(step): \(Dictionary(grouping: wrong, by: \.entity).mapValues(\.count))")
                guard wrong.isEmpty else { break }
            }
            // All of it was told; nothing was read as a whole again.
            let log = await harness.standIn.requests
            #expect(log.count(path: "GetCompulsorySchoolOrganization") == 0)
            #expect(log.count(path: "GetCompulsorySchoolOrganizationDelta") >= 25)
            #expect(log.counts.keys.allSatisfy { $0.status == 200 })
            await connector.shutdown()
        }
    }

    @Test func `a membership taken away alone gives the group with its other members`() async throws {
        try await EdlevoClassicHarness.with(children: 200) { harness in
            let connector = try await harness.connector()
            let holder = Holder()
            try await holder.readEverything(connector)
            let register = harness.standIn.register
            let groups = try await register.truth(.group)
            var (id, group) = try #require(
                groups.first {
                    $0.value["groupType"] == "Undervisning" && ($0.value["groupMemberships"]?.arrayValue?.count ?? 0) > 2
                })
            let members = group["groupMemberships"]?.arrayValue ?? []
            Self.passTime(harness)
            group["groupMemberships"] = .array(Array(members.dropFirst()))
            try await register.upsert(.group, group)
            id = RecordKey.normalID(id)
            Self.passTime(harness)
            try await holder.readChanges(connector)
            let held = await holder.records[RecordKey(.group, id)]?["members"]?.arrayValue?.filter { $0["roletype"] == "Student" }
            #expect(held?.count == members.count - 1)
            await connector.shutdown()
        }
    }

    @Test func `who starts anew reads everything when something was taken away, and only then`() async throws {
        try await EdlevoClassicHarness.with { harness in
            let before = harness.clock.clock.now()
            Self.passTime(harness)
            _ = try await harness.standIn.register.renamePerson()
            Self.passTime(harness)
            let renamed = try await harness.connector()
            try await renamed.read(.placement, scope: .modifiedAfter(before)) { _ in }
            await renamed.shutdown()
            let again = harness.clock.clock.now()
            Self.passTime(harness)
            let group = try #require(try await harness.standIn.register.truth(.group).keys.min())
            await harness.standIn.register.delete(RecordKey(.group, group))
            Self.passTime(harness)
            let connector = try await harness.connector()
            let failure = await #expect(throws: ConnectorFailure.self) { _ = try await connector.deletions(after: again) }
            #expect(failure?.needsFullRead == true)
            let old = await #expect(throws: ConnectorFailure.self) {
                _ = try await connector.deletions(after: before - 40 * 86_400)
            }
            #expect(old?.needsFullRead == true)
            await connector.shutdown()
        }
    }

    @Test func `after more than thirty days everything is read again, and what went is told`() async throws {
        try await EdlevoClassicHarness.with { harness in
            let connector = try await harness.connector()
            let holder = Holder()
            try await holder.readEverything(connector)
            _ = try await harness.standIn.register.removePupil()
            harness.clock.advance(by: .seconds(31 * 86_400))
            await harness.standIn.clearRequests()
            try await holder.readChanges(connector)
            #expect(await holder.records == (try await harness.all()))
            let log = await harness.standIn.requests
            #expect(log.count(path: "GetCompulsorySchoolOrganization") == 1)
            #expect(log.count(path: "GetCompulsorySchoolOrganizationDelta") == 0)
            await connector.shutdown()
        }
    }

    @Test func `a school type without changes is read completely each time`() async throws {
        try await EdlevoClassicHarness.with { harness in
            var settings = try await harness.settings()
            settings["school_types"] = ["PC", "GR"]
            settings["duties"] = "none"
            let connector = try EdlevoClassicConnector.make(
                system: "edlevo", settings: settings, clock: harness.clock.clock, policy: RetryPolicy(),
                logger: ServerUnderTest.silent)
            let holder = Holder()
            try await holder.readEverything(connector)
            Self.passTime(harness)
            try await holder.readChanges(connector)
            let log = await harness.standIn.requests
            #expect(log.count(path: "GetPedagogicalCareOrganization") == 2)
            #expect(log.count(path: "GetPedagogicalCareOrganizationDelta") == 0)
            #expect(log.count(path: "GetCompulsorySchoolOrganization") == 1)
            #expect(log.count(path: "GetCompulsorySchoolOrganizationDelta") == 1)
            await connector.shutdown()
        }
    }

    @Test func `a kind of which there is nothing isn't a reason to read everything again`() async throws {
        try await EdlevoClassicHarness.with { harness in
            var settings = try await harness.settings()
            settings["school_types"] = ["GY"]
            settings["duties"] = "none"
            let connector = try EdlevoClassicConnector.make(
                system: "edlevo", settings: settings, clock: harness.clock.clock, policy: RetryPolicy(),
                logger: ServerUnderTest.silent)
            let holder = Holder()
            try await holder.readEverything(connector)
            for _ in 0..<3 {
                Self.passTime(harness)
                try await holder.readChanges(connector)
                try await connector.read(.placement, scope: .full) { page in #expect(page.records.isEmpty) }
            }
            #expect(await harness.standIn.requests.count(path: "GetUpperSecondarySchoolOrganization") == 1)
            // One of which there is something is read anew.
            try await connector.read(.group, scope: .full) { _ in }
            #expect(await harness.standIn.requests.count(path: "GetUpperSecondarySchoolOrganization") == 2)
            await connector.shutdown()
        }
    }

    @Test func `units, days ahead and who runs the school are asked for as set`() async throws {
        try await EdlevoClassicHarness.with { harness in
            let register = harness.standIn.register
            // A class that begins next month, and one school alone.
            var group = try #require(
                try await register.truth(.group).values.first { $0["groupType"] == "Klass" && $0["schoolType"] == "GR" })
            let unit = group["organisation"]?["id"]?.stringValue ?? ""
            group["id"] = "99999999-0000-4000-8000-000000000001"
            group["startDate"] = "2026-12-10"
            group["groupMemberships"] = .array(
                (group["groupMemberships"]?.arrayValue ?? []).map { member in
                    var member = member
                    member["startDate"] = "2026-12-10"
                    return member
                })
            try await register.upsert(.group, group)
            var settings = try await harness.settings()
            settings["school_types"] = ["GR"]
            settings["duties"] = "organization"
            for (days, units) in [([], []), ([30], []), ([30], [unit])] as [([Int64], [String])] {
                settings["days_ahead"] = .array(days.map { .integer($0) })
                settings["unit_ids"] = .array(units.map { .string("{\($0.uppercased())}") })
                settings["governed_by"] = units.isEmpty ? "municipal" : nil
                await harness.standIn.clearRequests()
                let connector = try EdlevoClassicConnector.make(
                    system: "edlevo", settings: settings, clock: harness.clock.clock, policy: RetryPolicy(),
                    logger: ServerUnderTest.silent)
                let holder = Holder()
                try await holder.readEverything(connector)
                let held = await holder.records
                #expect((held[RecordKey(.group, "99999999-0000-4000-8000-000000000001")] != nil) == !days.isEmpty)
                let schools = Set(held.filter { $0.key.entity == .group }.values.compactMap { $0["unit"]?["id"]?.stringValue })
                #expect(units.isEmpty || schools == [unit])
                let log = await harness.standIn.requests
                #expect(log.count(path: "GetCompulsorySchoolOrganization", parameter: "SearchDate") == days.count)
                #expect(log.count(parameter: "GovernedBy") == (units.isEmpty ? 1 + days.count : 0))
                #expect(log.count(parameter: "UnitId") == (units.isEmpty ? 0 : 2))
                await connector.shutdown()
            }
        }
    }

    @Test(arguments: [-7200.0, 5400.0])
    func `a clock that is off by hours asks for windows that Edlevo takes`(_ skew: Double) async throws {
        try await EdlevoClassicHarness.with { harness in
            // Its clock has been wrong for so long that what was changed since has its times by it.
            harness.clock.advance(by: .seconds(4 * 3600))
            try await harness.standIn.setFaults(EdlevoClassicFaults { $0.clockSkew = skew })
            let connector = try await harness.connector()
            let holder = Holder()
            try await holder.readEverything(connector)
            Self.passTime(harness)
            _ = try await harness.standIn.register.changeClass()
            Self.passTime(harness)
            await harness.standIn.clearRequests()
            try await holder.readChanges(connector)
            #expect(await holder.records == (try await harness.all()))
            let log = await harness.standIn.requests
            #expect(log.count(path: "GetCompulsorySchoolOrganizationDelta", status: 200) == 1)
            #expect(log.count(status: 400) == 0)
            await connector.shutdown()
        }
    }

    // MARK: Windows

    @Test func `windows keep to what Edlevo allows and leave no gap`() throws {
        let seed = UInt64.random(in: 1...UInt64.max)
        var random = SeededRandom(seed: seed)
        for _ in 0..<500 {
            let now = WallClock(seconds: 1_790_000_000 + Int.random(in: 0..<60_000_000, using: &random))
            let since = now - Int.random(in: 0..<(32 * 86_400), using: &random)
            guard let windows = ClassicWindows(since: since, now: now)?.windows else {
                #expect(now.seconds - since.seconds > ClassicWindows.oldest - 600, "seed \(seed)")
                continue
            }
            let first = try #require(windows.first)
            #expect(first.start <= since, "seed \(seed)")
            #expect(windows.last?.end == now - 300, "seed \(seed)")
            #expect(now.seconds - first.start.seconds <= 30 * 86_400, "seed \(seed)")
            for (window, next) in zip(windows, windows.dropFirst()) { #expect(window.end == next.start, "seed \(seed)") }
            for window in windows {
                let length = window.end.seconds - window.start.seconds
                #expect(length >= 300 && length <= 86_400, "seed \(seed)")
            }
        }
    }

    @Test func `when the clock is set back an hour is asked for twice`() throws {
        // 2026-10-25, 03:00 summer time becomes 02:00.
        let change = Date(timeIntervalSince1970: 1_792_890_000)
        #expect(WallClock(change - 1).text == "2026-10-25T02:59:59")
        #expect(WallClock(change).text == "2026-10-25T02:00:00")
        #expect(ClassicWindows.overlap(since: WallClock(change - 600), now: change + 600) == 3900)
        #expect(ClassicWindows.overlap(since: WallClock(change - 86_400), now: change - 80_000) == 300)
        #expect(WallClock("2026-10-25T02:30:00")?.date == change - 1800)
        // 2027-03-28, 02:00 becomes 03:00.
        let spring = Date(timeIntervalSince1970: 1_806_195_600)
        #expect(WallClock(spring - 1).text == "2027-03-28T01:59:59")
        #expect(WallClock(spring).text == "2027-03-28T03:00:00")
        #expect(ClassicWindows.overlap(since: WallClock(spring - 600), now: spring + 600) == 300)
        #expect(WallClock("2026-07-01T10:00:00+01:00")?.text == "2026-07-01T11:00:00")
        #expect(WallClock("2026-07-01T10:00:00.123")?.text == "2026-07-01T10:00:00")
    }
}
