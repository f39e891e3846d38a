public import SchoolRecords

/// Counts planned stays in preschool and after-school care and which of them presence was reported for, by unit and month.
/// Pure: it is given records and says what they come to.
///
/// A stay is one time of an approved schedule on one day, as long as the place lasts. It isn't planned any more when one absence
/// of the child covers the whole of it: nobody waits for the child. It is reported when the child was registered as having
/// come or gone: each event belongs to the child's stay of that day which is nearest in time.
///
/// What it holds goes by the number of children with places and their stays in the period, not by events.
public struct StayTally: Sendable {
    private struct Place {
        let placement: Placement
        let cell: Int32
        var schedules: [AttendanceSchedule] = []
    }

    private struct Stay {
        /// Seconds since 1970.
        let start: Int
        let end: Int
        let cell: Int32
        let month: Int16
        var isCalledOff = false
        var isReported = false
    }

    /// A unit with fewer children than this shows no counts: they would be about somebody.
    public static let fewestChildren = 5

    private let period: ReportPeriod
    private let now: Int
    private let months: [YearMonth]
    private var units: [ReportedPlace] = []
    private var unitIndexes: [ReportedPlace: Int32] = [:]
    private var places: [RecordID: Place] = [:]
    private var stays: [RecordID: [Stay]] = [:]

    /// - Parameter now: stays that end later aren't counted yet.
    public init(period: ReportPeriod, now: Moment) {
        self.period = period
        self.now = now.secondsSinceEpoch
        self.months = Set((0..<period.dayCount).map { YearMonth(of: period.day($0)) }).sorted()
    }

    /// Takes a place; all of them before the schedules.
    public mutating func add(_ placement: Placement) {
        guard placement.startDate <= self.period.last, placement.endDate ?? self.period.first >= self.period.first else { return }
        let unit = ReportedPlace(school: placement.placedAt.id, form: ReportedForm(placement.schoolType))
        let cell = self.unitIndexes[unit] ?? Int32(self.units.count)
        if self.unitIndexes[unit] == nil {
            self.unitIndexes[unit] = cell
            self.units.append(unit)
        }
        self.places[RecordID(placement.id)] = Place(placement: placement, cell: cell)
    }

    /// Takes a schedule; all of them before ``plan()``.
    public mutating func add(_ schedule: AttendanceSchedule) {
        self.places[RecordID(schedule.placement.id)]?.schedules.append(schedule)
    }

    /// Lays out the stays, between the schedules and what is held against them.
    public mutating func plan() {
        for place in self.places.values {
            let times = StayTimes(placement: place.placement, schedules: place.schedules)
            let child = RecordID(place.placement.child.id)
            for index in 0..<self.period.dayCount {
                let day = self.period.day(index)
                let month = Int16(self.months.firstIndex(of: YearMonth(of: day)) ?? 0)
                for span in times.stays(on: day) ?? [] where span.end <= self.now {
                    self.stays[child, default: []].append(Stay(start: span.start, end: span.end, cell: place.cell, month: month))
                }
            }
        }
        self.places = [:]
        for child in self.stays.keys { self.stays[child]?.sort { ($0.start, $0.end) < ($1.start, $1.end) } }
    }

    /// Takes an absence, after ``plan()``.
    public mutating func add(_ absence: Absence) {
        let (from, to) = (absence.startTime.secondsSinceEpoch, absence.endTime.secondsSinceEpoch)
        self.change(of: RecordID(absence.student.id)) { stays in
            for index in stays.indices where from <= stays[index].start && stays[index].end <= to {
                stays[index].isCalledOff = true
            }
        }
    }

    /// Takes an arrival or a departure, after ``plan()``.
    public mutating func add(_ event: AttendanceEvent) {
        let time = event.time.secondsSinceEpoch
        let day = SwedishTime.day(time)
        guard
            self.period.index(of: day) != nil
                || self.period.index(of: CalendarDate(daysSinceEpoch: day.daysSinceEpoch - 1)) != nil
        else { return }
        self.change(of: RecordID(event.person.id)) { stays in
            let midnight = SwedishTime.seconds(day, minutes: 0)
            let next = SwedishTime.seconds(day, minutes: 1440)
            let candidates = stays.indices.filter { stays[$0].start < next && midnight < stays[$0].end }
            let nearest = candidates.min { Self.distance(time, stays[$0]) < Self.distance(time, stays[$1]) }
            if let nearest { stays[nearest].isReported = true }
        }
    }

    /// What it came to, and the units that show nothing in some month.
    var shares: (shares: [(place: ReportedPlace, month: YearMonth, share: ReportedShare)], withheld: [ReportedPlace]) {
        let cells = self.units.count * self.months.count
        var shares = [ReportedShare](repeating: ReportedShare(), count: cells)
        var children = [Int](repeating: 0, count: cells)
        for stays in self.stays.values {
            var seen: Set<Int> = []
            // Present all the same: the absence was taken back by coming.
            for stay in stays where !stay.isCalledOff || stay.isReported {
                let cell = Int(stay.cell) * self.months.count + Int(stay.month)
                shares[cell].scheduled += 1
                if stay.isReported { shares[cell].reported += 1 }
                if seen.insert(cell).inserted { children[cell] += 1 }
            }
        }
        var found: [(place: ReportedPlace, month: YearMonth, share: ReportedShare)] = []
        var withheld: [ReportedPlace] = []
        for cell in 0..<cells where children[cell] > 0 {
            if children[cell] < Self.fewestChildren {
                withheld.append(self.units[cell / self.months.count])
            } else {
                found.append((self.units[cell / self.months.count], self.months[cell % self.months.count], shares[cell]))
            }
        }
        return (found, withheld)
    }

    private mutating func change(of child: RecordID, _ body: (inout [Stay]) -> Void) {
        guard let index = self.stays.index(forKey: child) else { return }
        body(&self.stays.values[index])
    }

    private static func distance(_ time: Int, _ stay: Stay) -> Int { max(0, stay.start - time, time - stay.end) }
}
