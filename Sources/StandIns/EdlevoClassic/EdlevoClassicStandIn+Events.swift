import Foundation
import Hummingbird
import SchoolRecords

/// Absence (v2) and lessons (Calendar v2). The synthetic municipality has no lessons in Edlevo of its own: what is given is what was
/// put in or reported.
extension EdlevoClassicStandIn {
    /// - Returns: the moments asked about, or why they can't be.
    private func span(_ request: ClassicRequest) -> Result<(start: String, end: String), ClassicRefusal> {
        guard let start = request["StartDate"], let end = request["EndDate"], let from = ClassicXML.date(start),
            let to = ClassicXML.date(end)
        else { return .failure(ClassicRefusal(text: "StartDate and EndDate are mandatory")) }
        guard to.timeIntervalSince(from) <= 366 * 86_400 else { return .failure(ClassicRefusal(text: "At most one year")) }
        func full(_ text: String) -> String { text.count == 10 ? text + "T00:00:00" : text }
        return .success((full(start), full(end)))
    }

    /// Reported absences are given as absences with the reason Valid. Whether the real one does so before a lesson is held is not
    /// documented.
    func absences(_ type: ClassicType, _ request: ClassicRequest, isPresence: Bool) async -> ClassicAnswer {
        let span: (start: String, end: String)
        switch self.span(request) {
        case .success(let found): span = found
        case .failure(let refusal): return .refusal(.badRequest, refusal.text)
        }
        let person = await self.person(request["Id"])
        guard person != nil || request["UnitId"] != nil else { return .refusal(.badRequest, "Id or UnitId is mandatory") }
        let content = await self.register.content()
        let unit = request["UnitId"].map { RecordKey.normalID($0) }
        var events: [String: [String]] = [:]
        for absence in self.holdings.absences where !isPresence && absence.start < span.end && span.start < absence.stop {
            let group = content.groups.first {
                $0.value["groupType"] == "Klass"
                    && $0.value["groupMemberships"]?.arrayValue?.contains { $0["person"]?["id"]?.stringValue == absence.student }
                        ?? false
            }
            let school = group?.value["organisation"]?["id"]?.stringValue
            guard group?.value["schoolType"]?.stringValue == type.standard, person == nil || person == absence.student,
                unit == nil || unit == school
            else { continue }
            let fields =
                ClassicXML.leaf("lessonid", "L-\(absence.start)")
                + ClassicXML.leaf("registeredby", ClassicXML.id(absence.guardian))
                + ClassicXML.leaf("reason", "Valid") + ClassicXML.leaf("minutes", "60") + ClassicXML.leaf("lessonminutes", "60")
                + ["courseorsubjectid", "courseorsubjectcode", "courseorsubjectname"].map { ClassicXML.leaf($0, "-") }.joined()
                + ClassicXML.leaf("grouporclassid", group.map { ClassicXML.id($0.key) })
                + ClassicXML.leaf("grouporclassname", group?.value["displayName"]?.stringValue)
            let event =
                ClassicXML.leaf("start", absence.start) + ClassicXML.leaf("stop", absence.stop)
                + ClassicXML.leaf("unitname", school.flatMap { content.organisations[$0]?["displayName"]?.stringValue })
                + ClassicXML.leaf("unitid", school.map { ClassicXML.id($0) }) + ClassicXML.element("schoolevent", fields)
            events[absence.student, default: []].append(ClassicXML.element("event", event))
        }
        let persons = events.keys.sorted().map {
            "<person>\(ClassicXML.leaf("personid", ClassicXML.id($0)))\((events[$0] ?? []).joined())</person>"
        }
        let properties =
            ClassicXML.leaf("datetime", self.made) + ClassicXML.leaf("datasource", ClassicXML.source)
            + ClassicXML.leaf("schooltype", type.code)
            + ClassicXML.element("timeframe", ClassicXML.leaf("start", span.start) + ClassicXML.leaf("end", span.end))
        return .document(
            "<persons xmlns=\"http://open.tieto.com/edu/absence/v2\"><properties>\(properties)</properties>\(persons.joined())</persons>"
        )
    }

    func calendar(_ type: ClassicType, _ request: ClassicRequest) async -> ClassicAnswer {
        let span: (start: String, end: String)
        switch self.span(request) {
        case .success(let found): span = found
        case .failure(let refusal): return .refusal(.badRequest, refusal.text)
        }
        let properties =
            ClassicXML.leaf("datetime", self.made) + ClassicXML.leaf("datasource", ClassicXML.source)
            + ClassicXML.leaf("schooltype", type.code)
            + ClassicXML.element("timeframe", ClassicXML.leaf("start", span.start) + ClassicXML.leaf("end", span.end))
        let content = await self.register.content()
        let lessons = ClassicLessons.events(type, content, from: span.start, to: span.end)
        return .document(
            "<calendarevents xmlns=\"http://open.tieto.com/edu/calendarevent/v2\"><properties>\(properties)</properties>"
                + "\(lessons)</calendarevents>")
    }
}

/// A lesson every school day at nine for each class with a mentor.
enum ClassicLessons {
    static func events(_ type: ClassicType, _ content: ClassicContent, from start: String, to end: String) -> String {
        guard var day = CalendarDay(start.prefix(10)), let last = CalendarDay(end.prefix(10)) else { return "" }
        var classes: [(group: String, unit: String, teacher: String)] = []
        for duty in content.duties.values {
            for task in duty["assignmentRole"]?.arrayValue ?? [] where task["assignmentRoleType"] == "Mentor" {
                guard let group = task["group"]?["id"]?.stringValue, let unit = duty["dutyAt"]?["id"]?.stringValue,
                    let teacher = duty["person"]?["id"]?.stringValue,
                    content.groups[group]?["schoolType"]?.stringValue == type.standard
                else { continue }
                classes.append((group, unit, teacher))
            }
        }
        classes.sort { ($0.group, $0.teacher) < ($1.group, $1.teacher) }
        var text = ""
        while day < last {
            // 1970-01-01 was a Thursday.
            if (day.number + 3) % 7 < 5 {
                for (number, lesson) in classes.enumerated() where number == 0 || classes[number - 1].group != lesson.group {
                    text += self.event(lesson, content, day.text)
                }
            }
            day = day + 1
        }
        return text
    }

    private static func event(
        _ lesson: (group: String, unit: String, teacher: String), _ content: ClassicContent, _ day: String
    ) -> String {
        let teacher = content.persons[lesson.teacher]
        let name = [teacher?["givenName"]?.stringValue, teacher?["familyName"]?.stringValue].compactMap(\.self).joined(
            separator: " ")
        let school =
            ClassicXML.leaf("eventid", "\(lesson.group)-\(day)") + ClassicXML.leaf("teacherid", ClassicXML.id(lesson.teacher))
            + ClassicXML.leaf("teachersocialsecuritynumber", teacher?["civicNo"]?["value"]?.stringValue ?? "-")
            + ClassicXML.leaf("teachername", name) + ClassicXML.leaf("courseorsubjectid", lesson.group)
            + ClassicXML.leaf("courseorsubjectcode", "SV") + ClassicXML.leaf("courseorsubjectname", "Svenska")
            + ClassicXML.leaf("roomname", "A1")
        return ClassicXML.element(
            "calendarevent",
            ClassicXML.leaf("start", "\(day)T09:00:00") + ClassicXML.leaf("stop", "\(day)T10:00:00")
                + ClassicXML.leaf("unitid", ClassicXML.id(lesson.unit))
                + ClassicXML.leaf("unitname", content.organisations[lesson.unit]?["displayName"]?.stringValue ?? "-")
                + ClassicXML.element("schoolcalendarevent", school))
    }
}
