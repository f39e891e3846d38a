import Mapping
import SchoolRecords

/// What `unikum/person.yaml` says, written out in Swift: what the mapping language is measured against.
enum ByHand {
    static func rows(_ person: JSONValue, today: CalendarDate, lookedUp: [RecordKey: JSONValue]) -> [OutputRow] {
        let day = today.description
        guard let given = person["givenName"]?.stringValue, let family = person["familyName"]?.stringValue,
            let number = person["civicNo"]?["value"]?.stringValue.flatMap({ Self.number($0, today) })
        else { return [] }
        var fields: [String: String] = [
            "fornamn": Self.line(given), "efternamn": Self.line(family), "personnummer": number, "dolj_kontaktuppgifter": "false",
            "personliga_notiser": "true", "meddelanden_skola_grupp": "true",
        ]
        let emails = person["emails"]?.arrayValue ?? []
        for type in ["Skola elev", "Skola personal", "Arbete övrigt", "Privat"] {
            if let email = emails.first(where: { $0["type"]?.stringValue == type }), let value = email["value"]?.stringValue {
                fields["epost"] = value
                break
            }
        }
        let phones = person["phoneNumbers"]?.arrayValue ?? []
        func phone(_ type: String, _ isMobile: Bool?) -> String? {
            phones.first {
                $0["type"]?.stringValue == type && (isMobile == nil || ($0["mobile"]?.boolValue ?? true) == isMobile)
            }?["value"]?.stringValue.map(Self.phone)
        }
        fields["tel"] = phone("Hem", false)
        fields["mobil"] = phone("Hem", true)
        fields["tel_arbete"] = phone("Arbete", nil)
        let enrolments = (person["enrolments"]?.arrayValue ?? []).filter {
            ($0["startDate"]?.stringValue ?? "") <= day && ($0["endDate"]?.stringValue ?? "9999") >= day
        }
        if !enrolments.isEmpty,
            let home = person["addresses"]?.arrayValue?.first(where: { $0["type"]?.stringValue == "Folkbokföring" })
        {
            fields["adress"] = home["streetAddress"]?.stringValue.map(Self.line)
            fields["postnr"] = home["postalCode"]?.stringValue?.filter { $0.isASCII && $0.isNumber }
            fields["ort"] = home["locality"]?.stringValue
        }
        fields["arskurs"] = enrolments.first?["schoolYear"]?.integerValue.map { String($0) }
        var rows = [OutputRow(kind: "person", key: number, fields: fields, line: 0)]
        func found(_ entity: Entity, _ id: String?) -> JSONValue? {
            id.flatMap { lookedUp[RecordKey(entity, $0)] }
        }
        func relation(_ kind: String, _ from: String, _ to: String) {
            let row = OutputRow(kind: kind, key: "\(from)|\(to)", fields: ["from": from, "to": to], line: 0)
            if !rows.contains(row) { rows.append(row) }
        }
        for enrolment in enrolments {
            guard let unit = found(.organisation, enrolment["enroledAt"]?["id"]?.stringValue) else { continue }
            let isSchool = unit["organisationType"]?.stringValue == "Skola"
            let school = isSchool ? unit : found(.organisation, unit["parentOrganisation"]?["id"]?.stringValue)
            if let id = school?["id"]?.stringValue { relation("student_in_school", number, id) }
        }
        for responsible in person["responsibles"]?.arrayValue ?? []
        where responsible["relationType"]?.stringValue == "Vårdnadshavare" {
            guard let guardian = found(.person, responsible["person"]?["id"]?.stringValue),
                let other = guardian["civicNo"]?["value"]?.stringValue.flatMap({ Self.number($0, today) })
            else { continue }
            relation("guardian_for", other, number)
        }
        return rows
    }

    private static func number(_ text: String, _ today: CalendarDate) -> String? {
        (try? PersonalIdentityNumber(text, today: today, rules: IdentityNumberRules(temporaryForms: ["AA99", "A999"])))?
            .formatted(.hyphenated12)
    }

    private static func line(_ text: String) -> String { text.split(whereSeparator: \.isWhitespace).joined(separator: " ") }

    private static func phone(_ text: String) -> String {
        let digits = text.filter { $0.isASCII && $0.isNumber }
        return text.hasPrefix("+46") ? "0" + digits.dropFirst(2) : digits
    }
}
