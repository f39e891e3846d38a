import SchoolRecords

/// The employments of a school type on a day (Personnel API v8).
enum ClassicPersonnel {
    static func document(
        _ type: ClassicType, _ content: ClassicContent, on day: String, made: String, addsUnknown: Bool
    ) -> String {
        var employments: [String: [(body: String, time: String)]] = [:]
        for (id, duty) in content.duties {
            guard ClassicContent.isValid(duty, on: day), let unit = duty["dutyAt"]?["id"]?.stringValue,
                let place = content.organisations[unit],
                place["schoolTypes"]?.arrayValue?.contains(.string(type.standard)) ?? false,
                let person = duty["person"]?["id"]?.stringValue, content.persons[person] != nil
            else { continue }
            let body = self.employment(id, duty, unit, place, type, addsUnknown ? "<x-framtid>1</x-framtid>" : "")
            employments[person, default: []].append((body, content.modified(duty)))
        }
        let persons = employments.keys.sorted().compactMap { id -> String? in
            guard let person = content.persons[id] else { return nil }
            let own = (employments[id] ?? []).sorted { $0.body < $1.body }
            return self.person(id, person, own.map(\.body).joined(), own.map(\.time).max())
        }
        let frame = ClassicXML.leaf("start", "\(day)T00:00:00") + ClassicXML.leaf("end", "\(day)T00:00:00")
        let properties =
            ClassicXML.leaf("datetime", made) + ClassicXML.leaf("datasource", ClassicXML.source)
            + ClassicXML.leaf("type", "CompletePersonnel") + ClassicXML.element("timeframe", frame)
        return "<personnel xmlns=\"http://open.tieto.com/edu/personnel/v8\"><properties>\(properties)</properties>"
            + persons.joined(separator: "\n") + "</personnel>"
    }

    private static func person(_ id: String, _ person: JSONValue, _ employments: String, _ time: String?) -> String {
        let level = ["Sekretessmarkering": "1", "Skyddad folkbokföring": "2"][person["securityMarking"]?.stringValue ?? ""]
        return "<person>" + ClassicXML.leaf("id", ClassicXML.id(id))
            + ClassicXML.leaf("personid", person["civicNo"]?["value"]?.stringValue ?? "-") + ClassicXML.leaf("uniqueid", id)
            + ClassicXML.leaf("firstname", person["givenName"]?.stringValue)
            + ClassicXML.leaf("lastname", person["familyName"]?.stringValue)
            + ClassicXML.leaf("privacy", level == nil ? "false" : "true", level.map { "level=\"\($0)\"" } ?? "")
            + employments + ClassicXML.leaf("timestamp", time) + "</person>"
    }

    private static func employment(
        _ id: String, _ duty: JSONValue, _ unit: String, _ place: JSONValue, _ type: ClassicType, _ more: String
    ) -> String {
        let words = (duty["description"]?.stringValue ?? "").split(separator: " ", maxSplits: 1).map(String.init)
        let isTeaching = ["Lärare", "Förskollärare", "Förstelärare"].contains(duty["dutyRole"]?.stringValue ?? "")
        let percent = ClassicXML.leaf("percent", duty["dutyPercent"]?.integerValue.map { String($0) })
        let dates =
            ClassicXML.leaf("start", duty["startDate"]?.stringValue)
            + ClassicXML.leaf("end", duty["endDate"]?.stringValue ?? ClassicXML.noEnd)
        let title = ClassicXML.leaf("titlecode", words.first) + ClassicXML.leaf("titlename", words.count > 1 ? words[1] : nil)
        let location =
            ClassicXML.leaf("id", ClassicXML.id(unit)) + ClassicXML.leaf("name", place["displayName"]?.stringValue)
            + ClassicXML.leaf("schooltype", type.isPrimary ? nil : type.code) + ClassicXML.leaf("placetype", "Unit")
        let placement =
            ClassicXML.leaf("id", ClassicXML.id(id)) + ClassicXML.leaf("signature", duty["signature"]?.stringValue)
            + ClassicXML.leaf("category", isTeaching ? "TeachingPersonnel" : "OtherPersonnel") + dates
            + ClassicXML.element("place", location) + percent + title + more
        return ClassicXML.element(
            "employment",
            percent + dates + title + ClassicXML.leaf("type", duty["endDate"] == nil ? "UntilFurther" : "CertainTime")
                + ClassicXML.element("placement", placement))
    }
}
