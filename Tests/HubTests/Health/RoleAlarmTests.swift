import ConnectorKit
import Hub
import Testing

@Suite("Alarms about roles")
struct RoleAlarmTests {
    private static func reading(_ days: Int) -> HealthReading {
        var reading = HealthReading(time: "2026-08-17T06:00:00.000Z")
        reading.rolePlans = [RolePlanWaiting(id: "plan-1", term: "HT2026", date: "2026-08-18", steps: 12, days: days)]
        return reading
    }

    @Test func `a plan that waits is told of, and anew after each so many days`() {
        var rules = AlarmRules()
        rules.roleReminderDays = 7
        func causes(_ days: Int) -> [String] { rules.findings(in: Self.reading(days)).map(\.cause) }
        #expect(causes(0) == ["roles-waiting:plan-1"] && causes(6) == causes(0))
        #expect(causes(7) == ["roles-waiting:plan-1/1"] && causes(13) == causes(7) && causes(14) == ["roles-waiting:plan-1/2"])
        let text = rules.findings(in: Self.reading(3)).first?.text
        #expect(text?.en.contains("HT2026") == true && text?.sv.contains("knutpunkt roles show plan-1") == true)
        #expect(rules.findings(in: HealthReading(time: "2026-08-17T06:00:00.000Z")).isEmpty)
    }

    @Test func `a term that begins with too few who are ready is told of, and at no other time`() {
        func findings(ready: Int, limit: Int?, term: String?) -> [AlarmFinding] {
            var rules = AlarmRules()
            rules.rolesReadyPercent = limit
            var reading = HealthReading(time: "2026-08-17T06:00:00.000Z")
            reading.termBegins = term
            reading.roles = [
                RoleReadiness(unit: "school-1", staff: 60, ready: ready, missing: [:], time: reading.time),
                RoleReadiness(unit: "school-2", staff: 40, ready: 40, missing: [:], time: reading.time),
            ]
            return rules.findings(in: reading)
        }
        #expect(findings(ready: 57, limit: 98, term: "HT2026").map(\.cause) == ["roles-missing:HT2026"])
        #expect(findings(ready: 57, limit: 98, term: "HT2026").first?.text.en.contains("3 of 100 staff") == true)
        #expect(findings(ready: 58, limit: 98, term: "HT2026").isEmpty)
        #expect(findings(ready: 0, limit: 98, term: nil).isEmpty && findings(ready: 0, limit: nil, term: "HT2026").isEmpty)
    }
}
