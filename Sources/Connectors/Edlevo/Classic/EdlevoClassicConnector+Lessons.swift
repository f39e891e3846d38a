import ConnectorKit
import SchoolRecords

/// Absence, presence and lessons.
extension EdlevoClassicConnector {
    // MARK: Absence and presence

    /// The units of a school type.
    private func units(_ type: ClassicSchoolType) async throws -> [String] {
        if !self.settings.unitIDs.isEmpty { return self.settings.unitIDs }
        let document = try await self.client.read(ClassicService(.organization, "Get\(type.fragment)Units", type), []) {
            data throws(XMLProblem) in
            try IMSDocument(data, type: "CompleteOrganization", schoolType: type.rawValue)
        }
        return document.elements.compactMap { element in
            if case .group(let id, _, let object) = element, object.type == "Unit" { ClassicBody.id(id) } else { nil }
        }
    }

    /// Of schools by unit. Of preschool the interface tells only child by child, and of the other forms of care nothing.
    func attendances() async throws -> (records: [SourceRecord], broken: [BrokenRecord]) {
        let days = self.settings.attendanceDays ?? 7
        let today = WallClock(self.clock.now())
        let span: ClassicClient.Parameters = [
            ("StartDate", String((today - days * 86_400).text.prefix(10))), ("EndDate", String((today + 86_400).text.prefix(10))),
        ]
        var records: [RecordKey: SourceRecord] = [:]
        var broken: [BrokenRecord] = []
        for type in self.settings.schoolTypes where ![.pedagogicalCare, .preschool, .leisureTimeCentre].contains(type) {
            for unit in try await self.units(type) {
                for kind in ["Absence", "Presence"] {
                    let service = ClassicService(.absence, "Get\(type.fragment)\(kind)", type)
                    let root = try await self.tree(service, [("UnitId", unit)] + span)
                    for person in root.all("person") {
                        for event in person.all("event") {
                            guard let record = self.attendance(person, event, kind, type) else {
                                broken.append(self.brokenEvent(service))
                                continue
                            }
                            records[record.key] = record
                        }
                    }
                }
            }
        }
        return (records.values.sorted { $0.key < $1.key }, broken)
    }

    private func brokenEvent(_ service: ClassicService) -> BrokenRecord {
        BrokenRecord(
            key: nil,
            failure: ConnectorFailure(
                .malformedReply, code: .recordWithoutID,
                message: "\(service.words) gives an event without person, lesson or time"))
    }

    /// A lesson that somebody was at or not: one record for each pupil and lesson.
    private func attendance(_ person: XMLTree, _ event: XMLTree, _ kind: String, _ type: ClassicSchoolType) -> SourceRecord? {
        guard let student = person.value("personid").flatMap({ ElementReading.usable(.string($0)) }),
            let start = event.value("start").flatMap({ WallClock($0) }), let school = event["schoolevent"],
            let lesson = school.value("lessonid")
        else { return nil }
        let id = RowID.uuid(system: self.system, entity: .attendance, parts: [student, lesson, start.text])
        var document = JSONValue(event, lists: [])
        document["schoolevent"] = nil
        for (name, value) in JSONValue(school, lists: []).objectValue ?? [:] { document[name] = value }
        document["id"] = .string(id)
        document["kind"] = .string(kind.lowercased())
        document["student"] = ["id": .string(student)]
        document["schooltype"] = .string(type.rawValue)
        document["lesson"] = ["id": .string(self.lessonID(lesson))]
        document["start"] = .string(Instant.text(start.date))
        document["stop"] = event.value("stop").flatMap { WallClock($0) }.map { .string(Instant.text($0.date)) }
        for name in ["registeredby", "unitid", "grouporclassid"] {
            document[name] = document[name]?.stringValue.map { .string(RecordKey.normalID($0)) }
        }
        document["meta"] = ["modified": .string(Instant.text(start.date))]
        return SourceRecord(key: RecordKey(.attendance, id), document: document)
    }

    private func lessonID(_ lesson: String) -> String {
        RowID.uuid(system: self.system, entity: .calendarEvent, parts: [lesson])
    }

    // MARK: Lessons

    func lessons() async throws -> (records: [SourceRecord], broken: [BrokenRecord]) {
        let days = self.settings.calendarDays ?? 7
        let today = WallClock(self.clock.now())
        let span: ClassicClient.Parameters = [
            ("StartDate", String(today.text.prefix(10))), ("EndDate", String((today + days * 86_400).text.prefix(10))),
        ]
        var records: [RecordKey: SourceRecord] = [:]
        var broken: [BrokenRecord] = []
        for type in self.settings.schoolTypes where ![.pedagogicalCare, .preschool, .leisureTimeCentre].contains(type) {
            // This interface writes the names with a small s.
            let fragment = type.fragment.replacing("PreSchool", with: "Preschool")
            let service = ClassicService(.calendar, "Get\(fragment)CalendarEvents", type)
            for event in try await self.tree(service, span).all("calendarevent") {
                guard let record = self.lesson(event, type) else {
                    broken.append(self.brokenEvent(service))
                    continue
                }
                records[record.key] = record
            }
        }
        return (records.values.sorted { $0.key < $1.key }, broken)
    }

    private func lesson(_ event: XMLTree, _ type: ClassicSchoolType) -> SourceRecord? {
        guard let school = event["schoolcalendarevent"], let lesson = school.value("eventid"),
            let start = event.value("start").flatMap({ WallClock($0) }), let stop = event.value("stop").flatMap({ WallClock($0) })
        else { return nil }
        let id = self.lessonID(lesson)
        var document = JSONValue(event, lists: [])
        document["schoolcalendarevent"] = nil
        for (name, value) in JSONValue(school, lists: ["roomname"]).objectValue ?? [:] { document[name] = value }
        // A teacher's identity number is no lesson's matter.
        document["teachersocialsecuritynumber"] = nil
        document["id"] = .string(id)
        document["schooltype"] = .string(type.rawValue)
        document["teacherid"] = school.value("teacherid").map { .string(RecordKey.normalID($0)) }
        document["unit"] = event.value("unitid").map { ["id": .string(RecordKey.normalID($0))] }
        // Lessons of one subject at one unit are one activity: the interface has none.
        let subject = school.value("courseorsubjectid") ?? school.value("courseorsubjectcode") ?? ""
        let activity = RowID.uuid(system: self.system, entity: .activity, parts: [event.value("unitid") ?? "", subject])
        document["activity"] = ["id": .string(activity)]
        document["start"] = .string(Instant.text(start.date))
        document["stop"] = .string(Instant.text(stop.date))
        document["meta"] = ["modified": .string(Instant.text(start.date))]
        return SourceRecord(key: RecordKey(.calendarEvent, id), document: document)
    }
}
