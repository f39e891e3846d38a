import Foundation
import SchoolRecords
import StandIns

/// A school day in fast motion: absence that guardians report once.
extension DemoStory {
    /// How many absences of pupils with a place in after-school care, and of others, are reported in the story.
    private static let reports = (placed: 9, others: 9)

    func absenceOnce() async throws -> DemoReport.AbsenceOutcome {
        self.narrator.chapter(
            sv: "En skoldag: frånvaro anmäls en gång, Skola24 → Tempus",
            en: "A school day: absence is reported once, Skola24 → Tempus")
        let (skola24, tempus) = try self.absenceSystems
        var outcome = DemoReport.AbsenceOutcome()
        outcome.atSchool = await skola24.count(of: .absence)
        outcome.inCare = try await self.absencesAgreed()
        self.narrator.success(
            sv:
                "\(outcome.atSchool) frånvarande i Skola24, \(outcome.inCare) tider på fritids som de inte kommer till: Tempus har just dem.",
            en:
                "\(outcome.atSchool) absent in Skola24, \(outcome.inCare) stays in after-school care that they don't come to: Tempus has exactly those."
        )

        let pupils = try await self.absentees(skola24, tempus)
        let day = try await self.schoolDay(skola24)
        var made: [(id: String, child: String)] = []
        for (number, child) in pupils.enumerated() {
            let id = "00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - "\(number + 1)".count) + "\(number + 1)"
            try await skola24.upsert(.absence, Self.absence(id, child, from: "\(day)T07:00:00Z", to: "\(day)T16:00:00Z"))
            made.append((id, child))
        }
        outcome.reported = made.count
        outcome.reportedInCare = try await self.absencesAgreed() - outcome.inCare
        let sample = try await self.sample(tempus, Set(pupils))
        self.narrator.success(
            sv:
                "\(outcome.reported) anmälda i Skola24 → \(outcome.reportedInCare) i Tempus, klippta till vistelsetiderna\(sample).",
            en:
                "\(outcome.reported) reported in Skola24 → \(outcome.reportedInCare) in Tempus, clipped to the stay times\(sample)."
        )

        for (id, child) in made.prefix(3) {
            try await skola24.upsert(.absence, Self.absence(id, child, from: "\(day)T07:00:00Z", to: "\(day)T10:00:00Z"))
        }
        let shortened = try await self.absencesAgreed() - outcome.inCare
        self.narrator.say(
            sv: "De tre första gäller bara förmiddagen: \(shortened) kvar i Tempus.",
            en: "The first three turn out to be for the morning only: \(shortened) are left in Tempus.")

        for (id, _) in made { await skola24.delete(RecordKey(.absence, id)) }
        outcome.left = try await self.absencesAgreed() - outcome.inCare
        guard outcome.left == 0 else {
            throw AppError(.demo, "\(outcome.left) absences are left in Tempus though all were withdrawn.")
        }
        self.narrator.success(
            sv: "Alla \(outcome.reported) återtas: \(outcome.left) av dem kvar i Tempus.",
            en: "All \(outcome.reported) are withdrawn: \(outcome.left) of them left in Tempus.")
        outcome.fromCare = try await self.wholeDays(skola24, tempus, pupils, day)
        return outcome
    }

    /// Whole days that are reported in Tempus reach Skola24, and go when they are withdrawn.
    private func wholeDays(
        _ skola24: SS12000StandIn, _ tempus: SS12000StandIn, _ pupils: [String], _ day: String
    ) async throws -> Int {
        let children = Array(pupils.prefix(Self.reports.placed).suffix(4))
        var keys: [RecordKey] = []
        for (number, child) in children.enumerated() {
            let key = RecordKey(.absence, "00000000-0000-4000-8000-00000000010\(number)")
            try await tempus.upsert(.absence, Self.absence(key.id, child, from: "\(day)T04:00:00Z", to: "\(day)T17:00:00Z"))
            keys.append(key)
        }
        try await self.rehearsal.until { _ in
            Set(try await CareAbsences.told(to: skola24).map(\.child)) == Set(children)
        }
        let told = try await CareAbsences.told(to: skola24).count
        for key in keys { await tempus.delete(key) }
        try await self.rehearsal.until { _ in try await CareAbsences.told(to: skola24).isEmpty }
        self.narrator.success(
            sv: "\(children.count) hela dagar anmälda i Tempus → \(told) i Skola24; återtagna → 0.",
            en: "\(children.count) whole days reported in Tempus → \(told) in Skola24; withdrawn → 0.")
        return told
    }

    private var absenceSystems: (skola24: SS12000StandIn, tempus: SS12000StandIn) {
        get throws {
            guard let skola24 = self.rehearsal.others[.skola24], let tempus = self.rehearsal.others[.tempus] else {
                throw AppError(.demo, "Skola24 and Tempus don't take part.")
            }
            return (skola24, tempus)
        }
    }

    /// Waits until Tempus has exactly what a count by hand gives.
    ///
    /// - Returns: how many that is.
    func absencesAgreed() async throws -> Int {
        let (skola24, tempus) = try self.absenceSystems
        let expected = try await CareAbsences.expected(skola24: skola24, tempus: tempus)
        do {
            try await self.rehearsal.until { _ in
                let told = try await CareAbsences.told(to: tempus)
                return told.count == expected.count && Set(told) == expected
            }
        } catch let error as AppError {
            let told = try await CareAbsences.told(to: tempus).count
            throw AppError(.demo, "\(expected.count) absences are expected in Tempus and \(told) are there.", cause: error)
        }
        return expected.count
    }

    /// Pupils who aren't absent yet: first some with a place in after-school care now, then some who have none.
    private func absentees(_ skola24: SS12000StandIn, _ tempus: SS12000StandIn) async throws -> [String] {
        let absent = Set(try await skola24.truth(.absence).values.compactMap { $0["student"]?["id"]?.stringValue })
        let day = try await self.schoolDay(skola24)
        let places = try await tempus.truth(.placement).values
        let placed = Set(
            places.filter {
                $0["schoolType"] == "FTH" && ($0["startDate"]?.stringValue ?? "") <= day
                    && ($0["endDate"]?.stringValue ?? "9") >= day
            }.compactMap { $0["child"]?["id"]?.stringValue })
        let pupils = Set(try await self.rehearsal.others[.vega]?.truth(.person).keys.map { $0 } ?? [])
        let with = placed.intersection(pupils).subtracting(absent).sorted().prefix(Self.reports.placed)
        let anyPlace = Set(places.compactMap { $0["child"]?["id"]?.stringValue })
        let without = pupils.subtracting(anyPlace).subtracting(absent).sorted().prefix(Self.reports.others)
        return Array(with) + Array(without)
    }

    /// The day that Skola24's lessons are on, `yyyy-MM-dd`.
    private func schoolDay(_ skola24: SS12000StandIn) async throws -> String {
        let times = try await skola24.truth(.calendarEvent).values.compactMap { $0["startTime"]?.stringValue }
        guard let last = times.max() else { throw AppError(.demo, "Skola24 has no lessons.") }
        return String(last.prefix(10))
    }

    private static func absence(_ id: String, _ child: String, from start: String, to end: String) -> JSONValue {
        [
            "id": .string(id), "type": "Anmäld frånvaro", "student": ["id": .string(child)], "startTime": .string(start),
            "endTime": .string(end),
        ]
    }

    /// One of the absences told to Tempus, with its times; nothing of whom it is about.
    private func sample(_ tempus: SS12000StandIn, _ children: Set<String>) async throws -> String {
        guard
            let one = try await CareAbsences.told(to: tempus).filter({ children.contains($0.child) }).min(by: {
                $0.start < $1.start
            })
        else { return "" }
        var style = Date.VerbatimFormatStyle(
            format: "\(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased)):\(minute: .twoDigits)",
            timeZone: TimeZone(identifier: "Europe/Stockholm") ?? .gmt, calendar: Calendar(identifier: .gregorian))
        style.locale = Locale(identifier: "sv_SE")
        return " (\(one.start.formatted(style))–\(one.end.formatted(style)))"
    }
}
