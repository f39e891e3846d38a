public import SchoolRecords

/// Counts lessons and which of them were reported, by school and day. Pure: it is given records and says what they come to.
///
/// A lesson counts when its activity is one that attendance is to be reported for (SS 12000: Undervisning, Elevaktivitet, or no
/// type at all), it isn't cancelled and it has ended. It is reported when one of its attendances says so: `isReported` is about the
/// lesson, not the pupil, and an absence that a guardian announced stands there before anybody has reported anything. Where a
/// source gives totals (``LessonReport``) for a school's days, they count and its lessons of those days don't.
///
/// What it holds goes by the number of lessons in the period, not by pupils or attendances.
public struct LessonTally: Sendable {
    private struct Lesson {
        let cell: Int32
        var isReported = false
    }

    private struct Total {
        let first: Int
        let last: Int
        /// `nil`: of the whole school.
        let group: String?
        let share: ReportedShare

        func overlaps(_ other: Total) -> Bool { self.first <= other.last && other.first <= self.last }
    }

    let period: ReportPeriod
    private let now: Int
    private let forms: SchoolForms
    private var placeIndexes: [ReportedPlace: Int] = [:]
    private var places: [ReportedPlace] = []
    private var activities: [RecordID: Int32] = [:]
    private var lessons: [RecordID: Lesson] = [:]
    /// By place, then day.
    private var days: [ReportedShare] = []
    private var totals: [Int: [Total]] = [:]
    private(set) var remarks = ReportingTable.Remarks()

    /// - Parameter now: what ends later isn't counted yet.
    public init(period: ReportPeriod, now: Moment, forms: SchoolForms) {
        self.period = period
        self.now = now.secondsSinceEpoch
        self.forms = forms
    }

    /// Takes an activity; all of them before the lessons.
    public mutating func add(_ activity: Activity) {
        let form = self.forms.form(of: activity)
        guard activity.isToBeReported, let form else {
            self.activities[RecordID(activity.id)] = -1
            return
        }
        self.activities[RecordID(activity.id)] = Int32(
            self.index(of: ReportedPlace(school: activity.organisation.id, form: form)))
    }

    /// Takes a lesson; all of them before the attendances.
    public mutating func add(_ lesson: CalendarEvent) {
        guard lesson.cancelled != true, lesson.endTime.secondsSinceEpoch <= self.now,
            let day = self.period.index(of: SwedishTime.day(lesson.startTime.secondsSinceEpoch))
        else { return }
        guard let place = self.activities[RecordID(lesson.activity.id)] else {
            self.remarks.lessonsOfNoSchool += 1
            return
        }
        guard place >= 0 else { return }
        let cell = Int(place) * self.period.dayCount + day
        self.days[cell].scheduled += 1
        self.lessons[RecordID(lesson.id)] = Lesson(cell: Int32(cell))
    }

    /// Takes what is known of a pupil at a lesson.
    public mutating func add(_ attendance: Attendance) {
        guard attendance.isReported else { return }
        let id = RecordID(attendance.calendarEvent.id)
        guard let lesson = self.lessons[id], !lesson.isReported else { return }
        self.lessons[id]?.isReported = true
        self.days[Int(lesson.cell)].reported += 1
    }

    /// Takes a total that a source counted itself.
    public mutating func add(_ report: LessonReport) {
        guard report.startDate <= self.period.last, report.endDate >= self.period.first else { return }
        guard let first = self.period.index(of: report.startDate), let last = self.period.index(of: report.endDate),
            YearMonth(of: report.startDate) == YearMonth(of: report.endDate), first <= last
        else {
            self.remarks.undividedReports += 1
            return
        }
        let form = report.schoolType.map(ReportedForm.init) ?? self.forms.teaching(at: report.organisation.id)
        guard form.countsLessons else { return }
        let share = ReportedShare(
            scheduled: report.scheduledLessons, reported: min(report.reportedLessons, report.scheduledLessons))
        self.totals[self.index(of: ReportedPlace(school: report.organisation.id, form: form)), default: []].append(
            Total(first: first, last: last, group: report.group?.id, share: share))
    }

    /// The shares of each place by month.
    var shares: [(place: ReportedPlace, month: YearMonth, share: ReportedShare)] {
        self.places.enumerated().flatMap { index, place in
            var months: [YearMonth: ReportedShare] = [:]
            var covered = [Bool](repeating: false, count: self.period.dayCount)
            for total in self.chosen(self.totals[index] ?? []) {
                months[YearMonth(of: self.period.day(total.first)), default: ReportedShare()] += total.share
                for day in total.first...total.last { covered[day] = true }
            }
            for day in covered.indices where !covered[day] {
                let share = self.days[index * self.period.dayCount + day]
                if share.scheduled > 0 { months[YearMonth(of: self.period.day(day)), default: ReportedShare()] += share }
            }
            return months.map { (place, $0.key, $0.value) }
        }
    }

    /// Totals that count no day twice: the school's own before those of its groups, longer ones before shorter ones. Groups
    /// have lessons side by side; theirs add up.
    private func chosen(_ totals: [Total]) -> [Total] {
        var chosen: [Total] = []
        let byLength = totals.sorted {
            ($1.last - $1.first, $0.first, $0.group ?? "") < ($0.last - $0.first, $1.first, $1.group ?? "")
        }
        for total in byLength.filter({ $0.group == nil }) + byLength.filter({ $0.group != nil }) {
            let rivals = chosen.filter { $0.group == nil || $0.group == total.group }
            if !rivals.contains(where: total.overlaps) { chosen.append(total) }
        }
        return chosen
    }

    private mutating func index(of place: ReportedPlace) -> Int {
        if let index = self.placeIndexes[place] { return index }
        let index = self.places.count
        self.placeIndexes[place] = index
        self.places.append(place)
        self.days += Array(repeating: ReportedShare(), count: self.period.dayCount)
        return index
    }
}

extension Activity {
    /// Whether attendance is to be reported for its lessons.
    fileprivate var isToBeReported: Bool {
        self.activityType.map { $0 == .teaching || $0 == .pupils } ?? true
    }
}
