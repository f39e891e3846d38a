import Foundation
public import SchoolRecords

/// The synthetic records that a probe sends: marked, so that nobody takes them for people, and always with the same ids.
///
/// Every text has letters beyond ASCII, names are longer than what systems with too little room keep, dates lie at the borders of
/// months and years, and each field has another value in the second state. Telephone numbers are of those set aside for
/// fiction (PTS), addresses exist nowhere. Identity numbers are given, never made.
public struct ProbeRecords: Sendable {
    /// What the register calls their source: none of them is ever in a real one.
    public static let source = "probe"
    /// Part of every name.
    public static let marker = "Knutpunktsprov"

    /// What a probe consists of.
    public enum Name: String, Sendable, CaseIterable {
        case school, unit, guardian, pupil, staff, department
        case schoolClass = "class"
        case duty, placement, role

        public var entity: Entity {
            switch self {
            case .school, .unit: .organisation
            case .guardian, .pupil, .staff: .person
            case .department, .schoolClass: .group
            case .duty: .duty
            case .placement: .placement
            case .role: .roleGrant
            }
        }

        /// The id in every system: a UUID of version 5.
        public var id: String { DerivedID.of(flow: ProbeRecords.source, self.rawValue) }
        public var key: RecordKey { RecordKey(self.entity, self.id) }
    }

    /// As they are made, and as they are changed to.
    public enum State: Sendable, CaseIterable { case first, second }

    /// One of them, as a source gives it.
    public struct Document: Sendable {
        public let name: Name
        public let key: RecordKey
        public let json: JSONValue
    }

    /// The ids of all records that a probe can have left.
    public static let ids = Set(Name.allCases.map(\.id))

    /// Whether a row's key names one of them.
    public static func hasKey(_ key: String) -> Bool {
        if Self.ids.contains(key) { return true }
        // Keys of several parts have at least one id and a separator.
        return key.utf8.count > 36 && key.split(separator: "|").contains { Self.ids.contains(String($0)) }
    }

    /// Whether a record of the register is one of them, or a role of theirs.
    static func has(_ record: RegisteredRecord) -> Bool {
        record.source == Self.source
            || record.key.entity == .roleGrant && record.body.firstRange(of: Data(Name.staff.id.utf8)) != nil
    }

    private let unit: String
    private let school: String
    private let numbers: [String]
    private let year: Int

    /// - Parameters:
    ///   - unit: the id of the school unit that they belong to; `nil` for a made-up one, which is among the records then.
    ///   - numbers: identity numbers of the pupil, the guardian and the staff, in this order; fewer, or none, leave them without.
    ///   - today: dates lie around it, so that everything is current.
    public init(unit: String? = nil, numbers: [String] = [], today: CalendarDate) {
        self.unit = unit ?? Name.unit.id
        self.school = Name.school.id
        self.numbers = numbers
        self.year = today.year
    }

    /// Temporary numbers, which can't be issued, for records that go nowhere.
    public static let temporaryNumbers = ["20130101TF01", "19850101TF02", "19800101TF04"]

    /// All of them but the roles, each after those that it refers to.
    public func documents(_ state: State) -> [Document] {
        let made = self.unit == Name.unit.id ? [self.schoolDocument(state), self.unitDocument(state)] : []
        return made + [
            self.guardian(state), self.pupil(state), self.staff(state), self.department(state), self.schoolClass(state),
            self.duty(state), self.placement(state),
        ]
    }

    /// A role of the staff in a system.
    ///
    /// - Parameter place: the id of the organisation that it holds at.
    public func role(_ role: String, in system: String, at place: String?, _ state: State) -> RoleGrant {
        let days = self.days(state, (9, 30), (10, 31), (6, 30), (7, 1))
        var grant = RoleGrant(
            id: "", person: Name.staff.id, system: system, role: role, organisation: place ?? self.unit,
            startDate: CalendarDate(days.start), endDate: CalendarDate(days.end))
        grant.id = grant.derivedID
        return grant
    }

    // MARK: Organisations

    private func schoolDocument(_ state: State) -> Document {
        self.document(.school, state) { first in
            [
                "displayName": .string(first("\(Self.marker) Ängsö skola", "\(Self.marker) Översjö skola")),
                "organisationType": "Skola", "schoolTypes": ["FS", "FTH", "GR"],
            ]
        }
    }

    private func unitDocument(_ state: State) -> Document {
        let days = self.days(state, (2, 28), (3, 1), (12, 31), (1, 1))
        return self.document(.unit, state) { first in
            [
                "displayName": .string(first("\(Self.marker) Åsgård F-6", "\(Self.marker) Örby F-6")),
                "organisationType": "Skolenhet", "parentOrganisation": ["id": .string(self.school)],
                "organisationCode": .string(first("00171", "00272")), "schoolUnitCode": .string(first("01234567", "02345678")),
                "schoolTypes": ["FS", "FTH", "GR"], "municipalityCode": "0099",
                "url": .string(first("https://prov.invalid/a", "https://prov.invalid/b")),
                "email": .string(first("prov.enhet@prov.invalid", "prov.enhet2@prov.invalid")),
                "phoneNumber": .string(first("0980-31 92 10", "0980-31 92 11")), "address": self.address("Besöksadress", first),
                "startDate": .string(days.start), "endDate": .string(days.end),
            ]
        }
    }

    // MARK: Persons

    private func pupil(_ state: State) -> Document {
        let days = self.days(state, (12, 31), (1, 1), (1, 1), (12, 31))
        return self.document(.pupil, state) { first in
            var person = self.person(
                first, given: ("Åsa-Zoë Édith Ögonklar", "Örjan-Zoé Åke"), number: 0, mobile: ("05", "06"), home: ("01", "02"),
                mail: "elev", type: "Skola elev")
            person["enrolments"] = [
                [
                    "enroledAt": ["id": .string(self.unit)], "schoolType": "GR", "schoolYear": .integer(first(5, 6)),
                    "startDate": .string(days.start), "endDate": .string(days.end),
                ]
            ]
            person["responsibles"] = [
                ["person": ["id": .string(Name.guardian.id)], "relationType": "Vårdnadshavare"]
            ]
            return person
        }
    }

    private func guardian(_ state: State) -> Document {
        self.document(.guardian, state) { first in
            self.person(
                first, given: ("Märta-Élise Åhlin", "Sölve-André Ämbert"), number: 1, mobile: ("07", "08"), home: ("03", "04"),
                mail: "hem", type: "Privat")
        }
    }

    private func staff(_ state: State) -> Document {
        self.document(.staff, state) { first in
            var person = self.person(
                first, given: ("Åke-René Östen", "Ähra-Chloé Öm"), number: 2, mobile: ("09", "10"), home: ("05", "06"),
                mail: "personal", type: "Skola personal")
            person["phoneNumbers"] = [
                ["value": .string(first("070-174 06 21", "070-174 06 22")), "type": "Arbete", "mobile": true]
            ]
            return person
        }
    }

    private func person(
        _ first: Choice, given: (String, String), number: Int, mobile: (String, String), home: (String, String), mail: String,
        type: String
    ) -> [String: JSONValue] {
        var person: [String: JSONValue] = [
            "givenName": .string(first(given.0, given.1)), "middleName": .string(first("Ärla", "Öst")),
            "familyName": .string(
                first(
                    "\(Self.marker)-O'Ängström af Överkalixälven och Åmåls Ärlighetsbro",
                    "\(Self.marker)-D'Öberg von Äppelkullen till Ånäset och Håverudsön")),
            "eduPersonPrincipalNames": [.string(first("prov.\(mail)@prov.invalid", "prov.\(mail)2@prov.invalid"))],
            "sex": .string(first("Kvinna", "Man")), "securityMarking": "Ingen", "personStatus": "Aktiv",
            "emails": [
                ["value": .string(first("prov.\(mail)@prov.invalid", "prov.\(mail)2@prov.invalid")), "type": .string(type)]
            ],
            "phoneNumbers": [
                ["value": .string(first("070-174 06 \(mobile.0)", "070-174 06 \(mobile.1)")), "type": "Hem", "mobile": true],
                ["value": .string(first("0980-31 92 \(home.0)", "0980-31 92 \(home.1)")), "type": "Hem", "mobile": false],
            ],
            "addresses": [self.address("Folkbokföring", first)],
        ]
        if number < self.numbers.count {
            person["civicNo"] = ["value": .string(self.numbers[number]), "nationality": "SE"]
        } else {
            person["birthDate"] = .string(first("\(self.year - 12)-01-01", "\(self.year - 13)-12-31"))
        }
        return person
    }

    private func address(_ type: String, _ first: Choice) -> JSONValue {
        [
            "type": .string(type), "streetAddress": .string(first("\(Self.marker) Åvägen 07 B", "\(Self.marker) Ögränd 08 C")),
            "postalCode": .string(first("01234", "02345")), "locality": .string(first("Östra Ångsnäs", "Västra Ödsmål")),
            "country": "Sverige",
        ]
    }

    // MARK: Groups and what follows

    private func department(_ state: State) -> Document { self.group(.department, "Avdelning", "FTH", ("Åsnan", "Ödlan"), state) }

    private func schoolClass(_ state: State) -> Document { self.group(.schoolClass, "Klass", "GR", ("5Å", "6Ö"), state) }

    private func group(_ name: Name, _ type: String, _ schoolType: String, _ title: (String, String), _ state: State) -> Document
    {
        let days = self.days(state, (9, 1), (10, 31), (2, 28), (3, 1))
        return self.document(name, state) { first in
            [
                "displayName": .string("\(Self.marker) \(first(title.0, title.1))"), "groupType": .string(type),
                "schoolType": .string(schoolType), "organisation": ["id": .string(self.unit)],
                "startDate": .string(days.start), "endDate": .string(days.end),
                "groupMemberships": [["person": ["id": .string(Name.pupil.id)], "startDate": .string(days.start)]],
            ]
        }
    }

    private func duty(_ state: State) -> Document {
        let days = self.days(state, (8, 31), (9, 1), (6, 30), (7, 31))
        return self.document(.duty, state) { first in
            [
                "person": ["id": .string(Name.staff.id)], "dutyAt": ["id": .string(self.unit)], "dutyRole": "Lärare",
                "description": .string("2752 \(Self.marker) \(first("Lärare åk 5", "Lärare åk 6"))"),
                "signature": .string(first("ÅÄÖ", "ÖÄÅ")), "dutyPercent": .integer(first(80, 100)),
                "hoursPerYear": .integer(first(1360, 1700)), "startDate": .string(days.start), "endDate": .string(days.end),
                "assignmentRole": [
                    [
                        "group": ["id": .string(Name.schoolClass.id)], "assignmentRoleType": "Mentor",
                        "startDate": .string(days.start), "endDate": .string(days.end),
                    ]
                ],
            ]
        }
    }

    private func placement(_ state: State) -> Document {
        let days = self.days(state, (1, 31), (2, 28), (7, 31), (8, 1))
        return self.document(.placement, state) { first in
            [
                "child": ["id": .string(Name.pupil.id)], "placedAt": ["id": .string(self.unit)],
                "group": ["id": .string(Name.department.id)], "schoolType": "FTH", "startDate": .string(days.start),
                "endDate": .string(days.end), "reason": "Omsorgsbehov", "maxWeeklyScheduleHours": .integer(first(25, 30)),
            ]
        }
    }

    // MARK: Values

    /// The first or the second of two values.
    private struct Choice {
        let isFirst: Bool
        func callAsFunction<Value>(_ first: Value, _ second: Value) -> Value { self.isFirst ? first : second }
    }

    private func document(_ name: Name, _ state: State, _ members: (Choice) -> [String: JSONValue]) -> Document {
        var members = members(Choice(isFirst: state == .first))
        members["id"] = .string(name.id)
        return Document(name: name, key: name.key, json: .object(members))
    }

    /// From the year before this one to the next: days (month, day) of the beginning, first and second, and of the end.
    private func days(
        _ state: State, _ firstStart: (Int, Int), _ secondStart: (Int, Int), _ firstEnd: (Int, Int), _ secondEnd: (Int, Int)
    ) -> (start: String, end: String) {
        func text(_ year: Int, _ day: (Int, Int)) -> String {
            CalendarDate(year: year, month: day.0, day: day.1).description
        }
        return state == .first
            ? (text(self.year - 1, firstStart), text(self.year + 1, firstEnd))
            : (text(self.year - 1, secondStart), text(self.year + 1, secondEnd))
    }
}
