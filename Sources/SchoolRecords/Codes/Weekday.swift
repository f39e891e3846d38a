/// A day of the week.
public enum Weekday: String, CodeSet {
    case monday = "Måndag"
    case tuesday = "Tisdag"
    case wednesday = "Onsdag"
    case thursday = "Torsdag"
    case friday = "Fredag"
    case saturday = "Lördag"
    case sunday = "Söndag"

    public static var name: String { "AttendanceScheduleEntry.dayOfWeek" }
}
