import SchoolRecords

/// A person as the Organization interface has them: what stands in the element.
enum ClassicPersonText {
    static func of(
        _ id: String, _ person: JSONValue, _ kinds: Set<String>, modified: String, more unknown: String
    ) -> String {
        func text(_ name: String) -> String? { person[name]?.stringValue }
        let names = [text("middleName"), text("familyName")].compactMap(\.self).joined(separator: " ")
        let parts =
            ClassicXML.leaf("family", text("familyName")) + ClassicXML.leaf("given", text("givenName"))
            + ClassicXML.leaf("partname", text("middleName"), "partnametype=\"Middle\"")
        let sex = ["Man": "Male", "Kvinna": "Female"][text("sex") ?? ""] ?? "Unknown"
        func mail(_ isPrivate: Bool) -> String? {
            person["emails"]?.arrayValue?.first { ($0["type"] == "Privat") == isPrivate }?["value"]?.stringValue
        }
        let phones = (person["phoneNumbers"]?.arrayValue ?? []).map { phone -> String in
            let kind = phone["mobile"] == true ? "Mobile" : phone["type"] == "Arbete" ? "Work" : "Voice"
            return ClassicXML.leaf("tel", phone["value"]?.stringValue, "teltype=\"\(kind)\"")
        }
        let home = person["addresses"]?.arrayValue?.first
        let address =
            ClassicXML.leaf("street", home?["streetAddress"]?.stringValue)
            + ClassicXML.leaf("locality", home?["locality"]?.stringValue)
            + ClassicXML.leaf("pcode", home?["postalCode"]?.stringValue)
        // A member of staff may be a guardian too.
        let roles = kinds.sorted().enumerated().map {
            "<institutionrole primaryrole=\"\($0 == 0 ? "Yes" : "No")\" institutionroletype=\"\($1)\"></institutionrole>"
        }
        let marking = text("securityMarking") ?? "Ingen"
        let level = ["Sekretessmarkering": "1", "Skyddad folkbokföring": "2"][marking]
        let more =
            ClassicXML.leaf("privacy", level == nil ? "false" : "true", level.map { "level=\"\($0)\"" } ?? "")
            + ClassicXML.leaf("municipalitycode", home?["municipalityCode"]?.integerValue.map { String($0) })
            + ClassicXML.leaf("timestamp", modified)
            + ClassicXML.leaf(
                "status", ["Avliden": "Deceased", "Utvandrad": "Emigrated"][text("personStatus") ?? ""] ?? "Normal")
        return ClassicXML.sourcedID(id)
            + ClassicXML.leaf("userid", person["civicNo"]?["value"]?.stringValue, "useridtype=\"PID\"")
            + ClassicXML.leaf("userid", ClassicXML.id(id), "useridtype=\"GUID\"")
            + ClassicXML.element(
                "name", ClassicXML.leaf("fn", "\(names), \(text("givenName") ?? "")") + ClassicXML.element("n", parts))
            + ClassicXML.element("demographics", ClassicXML.leaf("gender", sex) + ClassicXML.leaf("bday", text("birthDate")))
            + ClassicXML.leaf("emailhome", mail(true)) + ClassicXML.leaf("emailworkschool", mail(false)) + phones.joined()
            + ClassicXML.element("adr", address) + roles.joined() + ClassicXML.leaf("datasource", address.isEmpty ? nil : "SKV")
            + ClassicXML.element("extension", more) + unknown
    }
}
