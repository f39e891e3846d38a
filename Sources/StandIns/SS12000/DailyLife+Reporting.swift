import SchoolRecords

/// How much the schools of a synthetic municipality report, per mille: a school's place in the order in which schools first
/// come among the groups (or units among the places) decides.
enum Completeness {
    /// Of the lessons of a day, from 310 to 990.
    static func ofLessons(school: Int) -> Int { 310 + school * 170 % 690 }

    /// Of the lessons of a month; each month a school reports three percent less than the month before.
    static func ofLessons(school: Int, monthsBack: Int) -> Int { Self.ofLessons(school: school) - 90 + monthsBack * 30 }

    /// Of the stays of a day: from 960 to 1000 in preschool, from 880 to 980 in after-school care.
    static func ofStays(unit: Int, afterSchool: Bool) -> Int {
        afterSchool ? 880 + unit * 30 % 110 : 960 + unit * 10 % 50
    }
}

/// What the schools report: attendance at the day's lessons, and totals of the three months before.
extension DailyLife {
    /// School → its place in the order in which schools come among the groups.
    var schools: [String: Int] { Self.order(self.taught.map { $0["organisation"]?["id"]?.stringValue }) }

    /// Unit → its place in the order in which units come among the places.
    static func order(_ ids: [String?]) -> [String: Int] {
        var order: [String: Int] = [:]
        for case let id? in ids where order[id] == nil { order[id] = order.count }
        return order
    }

    /// Of each pupil at a lesson that was reported, and of those whose absence was announced for one that wasn't.
    var attendances: [JSONValue] {
        var away: [String: Bool] = [:]
        for absence in self.absences {
            guard let id = absence["student"]?["id"]?.stringValue else { continue }
            away[id] = absence["endTime"] == self.moment(11 * 60)
        }
        let schools = self.schools
        var made: [JSONValue] = []
        for (index, group) in self.taught.enumerated() {
            let school = group["organisation"]?["id"]?.stringValue ?? ""
            for number in 0...1 {
                let lesson = index * 2 + number
                var chance = self.chance(.attendance, lesson)
                let isReported = chance.perMille(Completeness.ofLessons(school: schools[school] ?? 0))
                for pupil in self.members(of: group) {
                    // Who is away for the morning only comes to the afternoon's lesson.
                    let isAway = away[pupil].map { !$0 || number == 0 } ?? false
                    guard isReported || isAway else { continue }
                    made.append([
                        "id": .string(self.id(.attendance, made.count)),
                        "calendarEvent": ["id": .string(self.id(.calendarEvent, lesson))], "student": ["id": .string(pupil)],
                        "isReported": .bool(isReported), "attendanceMinutes": isAway ? 0 : 60,
                        "validAbsenceMinutes": isAway ? 60 : 0,
                    ])
                }
            }
        }
        return made
    }

    /// Two lessons a group and weekday, for each of the three months before the day's.
    var lessonReports: [JSONValue] {
        let schools = self.schools
        var groups: [String: Int] = [:]
        for group in self.taught { groups[group["organisation"]?["id"]?.stringValue ?? "", default: 0] += 1 }
        let (year, month, _) = self.day.parts
        var made: [JSONValue] = []
        for (school, place) in schools.sorted(by: { $0.value < $1.value }) {
            for back in 1...3 {
                let (first, next) = (CalendarDay(year, month - back), CalendarDay(year, month - back + 1))
                let weekdays = (first.number..<next.number).count { (($0 + 3) % 7 + 7) % 7 < 5 }
                let scheduled = (groups[school] ?? 0) * 2 * weekdays
                made.append([
                    "id": .string(self.id(.lessonReport, made.count)), "organisation": ["id": .string(school)],
                    "startDate": .string(first.text), "endDate": .string((next - 1).text),
                    "scheduledLessons": .integer(Int64(scheduled)),
                    "reportedLessons": .integer(
                        Int64(scheduled * Completeness.ofLessons(school: place, monthsBack: back) / 1000)),
                ])
            }
        }
        return made
    }
}

extension CalendarDay {
    /// The first day of a month, also one counted before January or after December.
    fileprivate init(_ year: Int, _ month: Int) {
        let months = year * 12 + month - 1
        self.init(months / 12, months % 12 + 1, 1)
    }
}
