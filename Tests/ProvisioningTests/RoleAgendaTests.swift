import Mapping
import Provisioning
import SchoolRecords
import TestChance
import Testing

@Suite("Which role plans are made when")
struct RoleAgendaTests {
    private static let term = RolePolicy.Term(
        first: CalendarDate(year: 2026, month: 8, day: 18), last: CalendarDate(year: 2026, month: 12, day: 18))

    private static func agenda(_ change: (inout RoleSchedule) -> Void) -> RoleAgenda {
        var schedule = RoleSchedule()
        change(&schedule)
        return RoleAgenda(schedule, policy: RolePolicy(rules: [], terms: ["HT2026": Self.term]))
    }

    private static func day(_ text: String) throws -> CalendarDate { try #require(CalendarDate(text)) }

    @Test func `nothing is made by itself unless it is said so`() throws {
        let agenda = Self.agenda { _ in }
        #expect(agenda.due(on: try Self.day("2026-08-18"), hour: 23, done: [:]).isEmpty)
        #expect(agenda.next(after: try Self.day("2026-08-18"), done: [:]).isEmpty)
        // Watching who is ready as a term begins makes no plan for it.
        let watching = Self.agenda { ($0.isDaily, $0.readyPercent) = (true, 98) }
        let day = try Self.day("2026-08-18")
        #expect(watching.due(on: day, hour: 23, done: [:]) == [.day(day)])
        #expect(watching.next(after: day, done: [:]).map(\.errand) == [.day(day)])
        #expect(watching.term(near: day, within: 14)?.name == "HT2026")
    }

    @Test func `a term's plan is made so many weeks before its first day, once, and late rather than never`() throws {
        let agenda = Self.agenda { $0.weeksBefore = 6 }
        let errand = RoleErrand.term("HT2026", first: Self.term.first)
        func due(_ day: String, _ hour: Int = 5, _ done: [String: CalendarDate] = [:]) throws -> [RoleErrand] {
            agenda.due(on: try Self.day(day), hour: hour, done: done)
        }
        // 7 July is six weeks before 18 August.
        #expect(try due("2026-07-06") == [])
        #expect(try due("2026-07-07", 4) == [])
        #expect(try due("2026-07-07") == [errand])
        #expect(try due("2026-09-01") == [errand])
        #expect(try due("2026-09-01", 5, ["term.HT2026": Self.day("2026-07-07")]) == [])
        // The spring term has no days of its own: it begins with the year.
        #expect(try due("2026-12-10", 5, ["term.HT2026": Self.day("2026-07-07")]).map(\.name) == ["term.VT2027"])
        let next = agenda.next(after: try Self.day("2026-03-01"), done: [:]).map { "\($0.errand.name) \($0.day)" }
        #expect(next.contains("term.HT2026 2026-07-07"))
        #expect(try agenda.term(near: Self.day("2026-08-10"), within: 14)?.name == "HT2026")
        #expect(try agenda.term(near: Self.day("2026-10-10"), within: 14) == nil)
    }

    @Test func `whenever hubs run, each day has its plan at most once, and a day on which one ran has it`() throws {
        let seed = PlanLawTests.seed()
        var random = SeededRandom(seed: seed)
        var all = 0
        for round in 0..<200 {
            let agenda = Self.agenda {
                $0.isDaily = true
                $0.hour = Int.random(in: 0...23, using: &random)
                $0.weeksBefore = Int.random(in: 0...10, using: &random)
            }
            var done: [String: CalendarDate] = [:]
            var made: [RoleErrand] = []
            var days: Set<CalendarDate> = []
            var hour = try Self.day("2026-05-01").daysSinceEpoch * 24
            for _ in 0..<300 {
                hour += Int.random(in: 1...40, using: &random)
                let date = CalendarDate(daysSinceEpoch: hour / 24)
                let due = agenda.due(on: date, hour: hour % 24, done: done)
                // A hub that is killed before it has written down what it did does it again.
                guard Int.random(in: 0...9, using: &random) > 0 else { continue }
                for errand in due { done[errand.name] = date }
                made += due
                if due.contains(.day(date)) { days.insert(date) }
                #expect(agenda.due(on: date, hour: hour % 24, done: done).isEmpty, "seed \(seed), round \(round)")
            }
            #expect(Set(made).count == made.count, "seed \(seed), round \(round)")
            all += days.count
        }
        #expect(all > 5000, "seed \(seed)")
    }

    @Test func `of a day's plan that goes by itself which is little and harmless, and all of it is in one of the two`() {
        let seed = PlanLawTests.seed()
        var byItself = 0
        PlanLawTests.worlds(seed) { seed, world in
            var world = world
            var schedule = RoleSchedule()
            (schedule.dailySteps, schedule.dailyUnitSteps) = (world.number(0...30), world.number(0...6))
            let planner = PlanLawTests.planner(world)
            let whole = planner.plan(systems: Set(RandomWorld.systems))
            let daily = planner.daily(schedule, systems: Set(RandomWorld.systems))
            let (small, rest) = (daily.byItself.steps, daily.waiting.steps)
            byItself += small.count
            #expect(small.allSatisfy { $0.marks.isEmpty }, "seed \(seed)")
            #expect(small.count <= schedule.dailySteps, "seed \(seed)")
            for own in Dictionary(grouping: small, by: \.unit).values {
                #expect(own.count <= schedule.dailyUnitSteps, "seed \(seed)")
            }
            #expect(Set(small.map(\.id)).isDisjoint(with: rest.map(\.id)), "seed \(seed)")
            // What waits for a step of the other part is in neither, until that is done.
            let blocked = Set((daily.byItself.blocked + daily.waiting.blocked).map(\.key))
            let missing = whole.steps.filter { step in !(small + rest).contains { $0.id == step.id } }
            #expect(missing.allSatisfy { blocked.contains($0.key) }, "seed \(seed)")
            if whole.steps.count > schedule.dailySteps { #expect(small.isEmpty, "seed \(seed)") }
        }
        #expect(byItself > 200)
    }
}
