import SchoolRecords
import Testing

@Suite("Moment and TimeOfDay")
struct MomentTests {
    @Test(arguments: [
        ("2026-08-17T08:00:00+02:00", "2026-08-17T08:00:00+02:00", 1_786_946_400),
        ("2026-08-17T06:00:00.250Z", "2026-08-17T06:00:00.250Z", 1_786_946_400),
        ("2026-08-17t06:00z", "2026-08-17T06:00:00Z", 1_786_946_400),
        ("2026-08-17 08:00", "2026-08-17T08:00:00+02:00", 1_786_946_400),
        ("1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z", -1),
        // Both nights when the clocks change.
        ("2026-03-29T01:59:59", "2026-03-29T01:59:59+01:00", 1_774_745_999),
        ("2026-03-29T03:00:00", "2026-03-29T03:00:00+02:00", 1_774_746_000),
        ("2026-10-25T02:59:59", "2026-10-25T02:59:59+02:00", 1_792_889_999),
        ("2026-10-25T03:00:00", "2026-10-25T03:00:00+01:00", 1_792_893_600),
    ])
    func `a moment keeps its offset, and Swedish time stands for a missing one`(
        text: String, written: String, seconds: Int
    ) throws {
        let moment = try #require(Moment(text))
        #expect(moment.description == written)
        #expect(moment.secondsSinceEpoch == seconds)
        #expect(Moment(moment.description) == moment)
    }

    @Test(arguments: [
        "", "2026-08-17", "2026-02-30T08:00:00Z", "2026-08-17T24:00:00Z", "2026-08-17T08:60Z", "2026-08-17T08:00:60Z",
        "2026-08-17T08:00:00.Z", "2026-08-17T08:00:00+2", "2026-08-17T08:00:00+25:00", "2026-08-17T08:00:00 Z",
        "20260817T080000Z",
        "2026-08-17T08:00:00Zå",
    ])
    func `what is no moment is refused`(text: String) {
        #expect(Moment(text) == nil)
    }

    @Test func `a time of day is read to the minute`() {
        #expect(TimeOfDay("7:05")?.description == "07:05")
        #expect(TimeOfDay("16:30:59")?.minutes == 990)
        #expect(TimeOfDay("24:00")?.minutes == 1440)
        for text in ["", "24:01", "7", "07:5", "07:60", "-7:00", "07:00:60", "0700", "07:00:00:00"] {
            #expect(TimeOfDay(text) == nil, "\(text)")
        }
        for minutes in 0...1440 { #expect(TimeOfDay(TimeOfDay(minutes: minutes)?.description ?? "")?.minutes == minutes) }
    }
}
