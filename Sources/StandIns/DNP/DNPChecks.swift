import Crypto
import Foundation
public import SchoolRecords

/// Whether an object is as Skolverket's description says, and refers to what is there.
struct DNPChecks {
    /// What is held, by kind and id.
    let held: [DNPKind: [String: JSONValue]]
    /// Skolverket's ids of school units and of tests; `nil` takes every one.
    let units: Set<String>?
    let tests: Set<String>?
    /// Who has an EPPN: ids of persons.
    private let owners: [String: Set<String>]

    init(held: [DNPKind: [String: JSONValue]], units: Set<String>?, tests: Set<String>?) {
        self.held = held
        self.units = units
        self.tests = tests
        self.owners = (held[.person] ?? [:]).reduce(into: [:]) { owners, person in
            guard let eppn = person.value["eduPersonPrincipalNames"]?.arrayValue?.first?.stringValue else { return }
            owners[eppn, default: []].insert(person.key)
        }
    }

    /// What is wrong with it, errors and warnings.
    func entries(_ kind: DNPKind, _ object: JSONValue) -> [DNPEntry] {
        guard let members = object.objectValue else { return [.error(DNPEntry.wrongForm, "data", "Objektet är inget objekt.")] }
        var entries: [DNPEntry] = []
        let (must, may) = kind.members
        for name in must.sorted() where members[name] == nil || members[name] == .null || members[name] == "" {
            entries.append(.error(DNPEntry.missing, name, "Obligatoriskt värde saknas."))
        }
        for name in members.keys.sorted() where !must.contains(name) && !may.contains(name) {
            entries.append(.error(DNPEntry.unknownMember, name, "Okänt attribut."))
        }
        switch kind {
        case .person: self.person(object, &entries)
        case .duty: self.duty(object, &entries)
        case .group: self.group(object, &entries)
        case .activity: self.activity(object, &entries)
        }
        return entries
    }

    // MARK: Persons

    private func person(_ object: JSONValue, _ entries: inout [DNPEntry]) {
        let number = object["civicNo"]?["value"]?.stringValue ?? ""
        if number.wholeMatch(of: /\d{8}(\d{4}|TF\d\d)/) == nil {
            entries.append(.error(DNPEntry.wrongForm, "civicNo", "Ogiltigt format."))
        }
        if let country = object["civicNo"]?["nationality"], country != "SE" {
            entries.append(.error(DNPEntry.wrongValue, "civicNo.nationality", "Ogiltigt värde."))
        }
        Self.among(
            ["Ingen", "Sekretessmarkering", "Skyddad folkbokföring"], object["securityMarking"], "securityMarking", &entries)
        for mail in object["emails"]?.arrayValue ?? [] {
            if mail["value"]?.stringValue?.contains("@") != true {
                entries.append(.error(DNPEntry.wrongForm, "emails.value", "Ogiltigt format."))
            }
            Self.among(["Privat", "Skola elev", "Skola personal", "Arbete övrigt"], mail["type"], "emails.type", &entries)
        }
        for enrolment in object["enrolments"]?.arrayValue ?? [] { self.enrolment(enrolment, &entries) }
        let names = object["eduPersonPrincipalNames"]?.arrayValue ?? []
        guard names.count == 1, let eppn = names[0].stringValue, eppn.wholeMatch(of: /[^@\s]+@[^@\s]+\.[^@\s]+/) != nil else {
            entries.append(.error(DNPEntry.wrongForm, "eppn", "Exakt en EPPN ska skickas."))
            return
        }
        if self.owners[eppn]?.contains(where: { $0 != object["id"]?.stringValue }) == true {
            entries.append(.error(DNPEntry.conflict, "eppn", "EPPN finns redan.", status: 409))
        }
        if Self.namesPerson(eppn, object) {
            var warning = DNPEntry.error("3047", "eppn", "Bristfälligt värde.")
            warning.isWarning = true
            entries.append(warning)
        }
    }

    /// The interface's words for 3047.
    static func namesPerson(_ eppn: String, _ person: JSONValue) -> Bool {
        let local = String(eppn.lowercased().prefix { $0 != "@" })
        func letters(_ name: String, _ count: Int) -> String {
            String((person[name]?.stringValue ?? "").lowercased().filter(\.isLetter).prefix(count))
        }
        let (family3, family2, given2) = (letters("familyName", 3), letters("familyName", 2), letters("givenName", 2))
        if family3.count == 3, local.contains(family3) { return true }
        return family2.count == 2 && given2.count == 2 && local.contains(family2) && local.contains(given2)
    }

    private func enrolment(_ enrolment: JSONValue, _ entries: inout [DNPEntry]) {
        self.unit(enrolment["enroledAt"], "Enrolment.enroledAt", &entries)
        guard let type = enrolment["schoolType"]?.stringValue, Self.schoolTypes.contains(type) else {
            entries.append(.error(DNPEntry.wrongValue, "Enrolment.schoolType", "Ogiltigt värde."))
            return
        }
        let year = enrolment["schoolYear"]?.integerValue
        let isYear =
            year.map { (1...10).contains($0) } ?? (enrolment["schoolYear"] == nil && !["GR", "SP", "SAM"].contains(type))
        if !isYear { entries.append(.error(DNPEntry.wrongValue, "Enrolment.schoolYear", "Ogiltigt värde.")) }
        if type == "GY", (enrolment["educationCode"]?.stringValue ?? "").isEmpty {
            entries.append(.error(DNPEntry.missing, "Enrolment.educationCode", "Obligatoriskt värde saknas."))
        }
    }

    static let schoolTypes: Set<String> = ["GR", "SP", "SAM", "GY", "VUXGY"]

    // MARK: What refers to others

    private func duty(_ object: JSONValue, _ entries: inout [DNPEntry]) {
        self.unit(object["dutyAt"], "dutyAt", &entries)
        Self.among(
            [
                "Rektor", "Lärare", "Förskollärare", "Barnskötare", "Bibliotekarie", "Lärarassistent", "Fritidspedagog",
                "Annan personal", "Studie- och yrkesvägledare", "Förstelärare", "Kurator", "Skolsköterska", "Skolläkare",
                "Skolpsykolog", "Speciallärare/specialpedagog", "Skoladministratör", "Övrig arbetsledning",
            ], object["dutyRole"], "dutyRole", &entries)
        guard let person = self.there(.person, object["person"]) else {
            entries.append(.error(DNPEntry.unknownReference, "person", "Personen finns inte.", status: 404))
            return
        }
        let mails = person["emails"]?.arrayValue ?? []
        if mails.isEmpty { entries.append(.error(DNPEntry.missing, "emails", "E-postadress är obligatoriskt för skolpersonal.")) }
        if !(person["enrolments"]?.arrayValue ?? []).isEmpty {
            entries.append(.error(DNPEntry.wrongValue, "eppn", "Olika EPPN ska skickas för elev och personal."))
        }
    }

    private func group(_ object: JSONValue, _ entries: inout [DNPEntry]) {
        Self.among(["Klass", "Undervisning"], object["groupType"], "groupType", &entries)
        Self.among(Self.schoolTypes, object["schoolType"], "schoolType", &entries)
        self.unit(object["organisation"], "organisation", &entries)
        let members = object["groupMemberships"]?.arrayValue ?? []
        let unknown = members.count { self.there(.person, $0["person"]) == nil }
        if unknown > 0 {
            var warning = DNPEntry.error(
                DNPEntry.unknownReference, "groupMemberships", "\(unknown) elever finns inte.", status: 404)
            warning.isWarning = true
            entries.append(warning)
        }
    }

    private func activity(_ object: JSONValue, _ entries: inout [DNPEntry]) {
        Self.among(["Undervisning"], object["activityType"], "activityType", &entries)
        self.unit(object["organisation"], "organisation", &entries)
        let test = object["parentActivity"]?["id"]?.stringValue
        if !Self.isUUID(test) || !(self.tests?.contains(test ?? "") ?? true) {
            entries.append(.error(DNPEntry.unknownReference, "parentActivity", "Provaktiviteten finns inte.", status: 404))
        }
        let groups = object["groups"]?.arrayValue ?? []
        if groups.isEmpty { entries.append(.error(DNPEntry.missing, "groups", "Minst en grupp ska anges.")) }
        for group in groups where self.there(.group, group) == nil {
            entries.append(.error(DNPEntry.unknownReference, "groups", "Gruppen finns inte.", status: 404))
        }
        for teacher in object["teachers"]?.arrayValue ?? [] where self.there(.duty, teacher["duty"]) == nil {
            entries.append(.error(DNPEntry.unknownReference, "teachers", "Tjänsten finns inte.", status: 404))
        }
    }

    private func there(_ kind: DNPKind, _ reference: JSONValue?) -> JSONValue? {
        reference?["id"]?.stringValue.flatMap { self.held[kind]?[$0] }
    }

    private func unit(_ reference: JSONValue?, _ attribute: String, _ entries: inout [DNPEntry]) {
        let id = reference?["id"]?.stringValue
        if !Self.isUUID(id) || !(self.units?.contains(id ?? "") ?? true) {
            entries.append(.error(DNPEntry.unknownReference, attribute, "Skolenheten finns inte.", status: 404))
        }
    }

    private static func among(_ values: Set<String>, _ value: JSONValue?, _ name: String, _ entries: inout [DNPEntry]) {
        guard let value, !values.contains(value.stringValue ?? "") else { return }
        entries.append(.error(DNPEntry.wrongValue, name, "Ogiltigt värde."))
    }

    static func isUUID(_ text: String?) -> Bool { text.flatMap(UUID.init(uuidString:)) != nil }
}

extension DNPStandIn {
    /// Whether an EPPN holds letters of a person's name (3047).
    public static func tellsName(_ eppn: String, of person: JSONValue) -> Bool { DNPChecks.namesPerson(eppn, person) }

    /// Skolverket's id of a name: a UUID of version 5 in the nil namespace.
    public static func id(of name: String) -> String {
        var bytes = Array(Insecure.SHA1.hash(data: Data(repeating: 0, count: 16) + Data(name.utf8)).prefix(16))
        bytes[6] = bytes[6] & 0x0F | 0x50
        bytes[8] = bytes[8] & 0x3F | 0x80
        return UUID(
            uuid: (
                bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7], bytes[8], bytes[9], bytes[10],
                bytes[11], bytes[12], bytes[13], bytes[14], bytes[15]
            )
        ).uuidString.lowercased()
    }
}
