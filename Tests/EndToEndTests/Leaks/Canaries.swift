import Foundation
import KnutpunktApp
import LeakScan
import SchoolRecords
import StandIns
import TestChance

/// Protected persons of whom everything real is a text that stands nowhere else: pupils, younger children, guardians and staff, with both
/// markings. Their identity numbers are those that the synthetic municipality gave them.
struct Canaries: Sendable {
    struct Canary: Sendable {
        let id: String
        let kind: String
        let marking: SecurityMarking
        /// As Edlevo has it.
        var document: JSONValue
        /// What it tells → the texts.
        var texts: [(field: String, text: String)] = []

        /// A text for where something else belongs.
        var word: String { self.texts.first { $0.field == "familyName" }?.text ?? "" }
        var label: String { "\(self.kind) \(self.marking == .secrecyMark ? "marked" : "registered") \(self.id.prefix(8))" }
    }

    private(set) var all: [Canary] = []
    /// Documents that are about them, as Edlevo has them.
    private(set) var others: [RecordKey: JSONValue] = [:]

    var tokens: [LeakToken] {
        self.all.flatMap { canary in canary.texts.map { LeakToken(owner: canary.label, field: $0.field, text: $0.text) } }
    }

    func canary(_ kind: String, _ marking: SecurityMarking) -> Canary? {
        self.all.first { $0.kind == kind && $0.marking == marking }
    }

    /// Makes some of a municipality's people canaries, before anything has been read.
    static func plant(in rehearsal: Rehearsal, _ random: inout SeededRandom) async throws -> Canaries {
        var canaries = Canaries()
        let municipality = rehearsal.municipality
        let persons = try municipality.documents(of: .person)
        let known = Set(municipality.protectedPersons.map(\.id))
        let duties = try municipality.documents(of: .duty)
        let placements = try municipality.documents(of: .placement)
        let staff = Set(duties.compactMap { $0["person"]?["id"]?.stringValue })
        let guardians = Set(persons.flatMap { Self.guardians(of: $0) })
        let placed = Set(placements.compactMap { $0["child"]?["id"]?.stringValue })
        func kind(_ person: JSONValue) -> String? {
            let id = person["id"]?.stringValue ?? ""
            if person["enrolments"]?.arrayValue?.isEmpty == false { return "pupil" }
            if staff.contains(id) { return guardians.contains(id) ? nil : "staff" }
            if guardians.contains(id) { return "guardian" }
            return placed.contains(id) ? "child" : nil
        }
        var left = ["pupil": 6, "child": 4, "guardian": 4, "staff": 4]
        var chosen: [JSONValue] = persons.filter { known.contains($0["id"]?.stringValue ?? "") }
        for person in persons.shuffled(using: &random) where !known.contains(person["id"]?.stringValue ?? "") {
            guard let kind = kind(person), let count = left[kind], count > 0, person["middleName"] == nil else { continue }
            left[kind] = count - 1
            chosen.append(person)
        }
        for (number, person) in chosen.enumerated() {
            let own = SecurityMarking(json: person["securityMarking"])
            let marking = own.isProtected ? own : (number % 2 == 0 ? SecurityMarking.secrecyMark : .protectedRegistration)
            canaries.all.append(Self.canary(person, kind(person) ?? "guardian", marking, number, &random))
        }
        for canary in canaries.all { try await rehearsal.edlevo.upsert(.person, canary.document) }
        try await canaries.plantFamilies(persons, in: rehearsal)
        try await canaries.plantOthers(duties, placements, in: rehearsal, &random)
        return canaries
    }

    private static func guardians(of person: JSONValue) -> [String] {
        (person["responsibles"]?.arrayValue ?? []).compactMap { $0["person"]?["id"]?.stringValue }
    }

    private static func canary(
        _ person: JSONValue, _ kind: String, _ marking: SecurityMarking, _ number: Int, _ random: inout SeededRandom
    ) -> Canary {
        var document = person
        let id = person["id"]?.stringValue ?? ""
        var canary = Canary(id: id, kind: kind, marking: marking, document: person)
        func note(_ field: String, _ text: String) { canary.texts.append((field, text)) }
        let names = ["givenName", "middleName", "familyName"]
        for name in names {
            let text = Self.word(&random)
            document[name] = .string(text)
            note(name, text)
        }
        document["securityMarking"] = marking.json
        if let number = person["civicNo"]?["value"]?.stringValue {
            let short = number.dropFirst(2)
            for form in [number, String(short), "\(short.prefix(6))-\(short.suffix(4))"] { note("civicNo", form) }
        }
        note("id", id)
        let mail = "\(Self.plainWord(&random))@post.example"
        let login = "\(Self.plainWord(&random))@edu.kommun.example"
        document["emails"] = [["value": .string(mail), "type": "Privat"]]
        document["eduPersonPrincipalNames"] = [.string(login)]
        note("email", mail)
        note("principalName", login)
        // Of the numbers that are set aside for fiction those that nobody else in the municipality has.
        let phones = (5...99).filter { ![5, 17, 28, 39, 41, 56, 63, 74, 88, 99].contains($0) }
        let phone = "07017406" + (phones[number % phones.count] < 10 ? "0" : "") + "\(phones[number % phones.count])"
        document["phoneNumbers"] = [["value": .string(phone), "type": "Hem", "mobile": true]]
        note("phone", phone)
        let street = "\(Self.word(&random))vägen 17"
        document["addresses"] = [
            [
                "type": "Folkbokföring", "streetAddress": .string(street), "postalCode": "972 99", "locality": "Luleå",
                "municipalityCode": 2580, "country": "Sverige",
            ]
        ]
        note("address", street)
        canary.document = document
        return canary
    }

    /// A name that nobody has: with letters of every kind that encodings treat in their own ways.
    private static func word(_ random: inout SeededRandom) -> String {
        let consonants = Array("bdfgklmnprstvx")
        let vowels = Array("aeiouyåäö")
        var word = "Qv"
        for place in 0..<8 {
            word.append((place % 2 == 0 ? vowels : consonants).randomElement(using: &random) ?? "a")
        }
        return word + (["å", "ä", "ö"].randomElement(using: &random) ?? "å") + "q"
    }

    private static func plainWord(_ random: inout SeededRandom) -> String {
        "qz" + String((0..<10).map { _ in "bcdfghjkmnpqrstvwxz23456789".randomElement(using: &random) ?? "b" })
    }

    /// Guardians and siblings who aren't protected live where a canary lives.
    private mutating func plantFamilies(_ persons: [JSONValue], in rehearsal: Rehearsal) async throws {
        let own = Set(self.all.map(\.id))
        let byID = Dictionary(persons.map { ($0["id"]?.stringValue ?? "", $0) }, uniquingKeysWith: { first, _ in first })
        for canary in self.all where ["pupil", "child"].contains(canary.kind) {
            for guardian in Self.guardians(of: canary.document) where !own.contains(guardian) {
                let key = RecordKey(.person, guardian)
                guard var document = self.others[key] ?? byID[guardian] else { continue }
                document["addresses"] = canary.document["addresses"]
                self.others[key] = document
            }
        }
        for (key, document) in self.others where key.entity == .person { try await rehearsal.edlevo.upsert(.person, document) }
    }

    /// What duties and placements say of them.
    private mutating func plantOthers(
        _ duties: [JSONValue], _ placements: [JSONValue], in rehearsal: Rehearsal, _ random: inout SeededRandom
    ) async throws {
        let about: [(Entity, [JSONValue], String, String?)] = [
            (Entity.duty, duties, "person", "signature"), (.placement, placements, "child", nil),
        ]
        for (entity, documents, owner, field) in about {
            for var document in documents {
                guard let place = self.all.firstIndex(where: { $0.id == document[owner]?["id"]?.stringValue }),
                    let id = document["id"]?.stringValue
                else { continue }
                if let field {
                    let text = Self.plainWord(&random)
                    document[field] = .string(text)
                    self.all[place].texts.append(("\(entity.rawValue).\(field)", text))
                }
                self.all[place].texts.append(("\(entity.rawValue).id", id))
                self.others[RecordKey(entity, id)] = document
                try await rehearsal.edlevo.upsert(entity, document)
            }
        }
    }
}
