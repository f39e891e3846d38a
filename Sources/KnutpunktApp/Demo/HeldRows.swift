import Reconciliation
import SchoolRecords
import StandIns

/// What the stand-ins hold, in the words of the mappings: a translation of its own, past the connectors and their settings, so
/// that a value that those have in the wrong place is found.
enum HeldRows {
    // MARK: Unikum

    private static let unikum: [String: [String: String]] = [
        "person": [
            "givenName": "fornamn", "familyName": "efternamn", "email": "epost", "personalNumber": "personnummer",
            "description": "beskrivning", "phone": "tel", "mobile": "mobil", "workPhone": "tel_arbete", "address": "adress",
            "postalCode": "postnr", "city": "ort", "hideContact": "dolj_kontaktuppgifter",
            "personalNotices": "personliga_notiser",
            "schoolNotices": "meddelanden_skola_grupp", "systemNotices": "systemmeddelanden", "schoolYear": "arskurs",
        ],
        "class": [
            "externalId": "externt_id", "name": "namn", "schoolForm": "skolform", "ageFrom": "alder_fran", "ageTo": "alder_till",
            "description": "beskrivning",
        ],
        "school": [
            "externalId": "externt_id", "scbCode": "scb_skolid", "name": "namn", "schoolForm": "skolform",
            "ageFrom": "alder_fran",
            "ageTo": "alder_till", "description": "beskrivning", "url": "url", "phone": "tel", "fax": "fax", "address": "adress",
            "postalCode": "postnr", "city": "stad", "visitingAddress": "besoksadress",
        ],
    ]

    static func row(_ row: UnikumRow) -> HeldRow {
        let names = Self.unikum[row.kind] ?? [:]
        return HeldRow(
            kind: row.kind, key: row.key,
            fields: Dictionary(uniqueKeysWithValues: row.fields.map { (names[$0] ?? $0, $1) }))
    }

    // MARK: Skola24's files

    private static let skola24: [Skola24File: [String: String]] = [
        .child: [
            "school": "skola", "department": "avdelning", "number": "personnummer", "givenName": "fornamn",
            "familyName": "efternamn",
        ],
        .guardian: [
            "childNumber": "elev", "number": "foralder", "givenName": "fornamn", "familyName": "efternamn", "email": "epost",
            "mobile": "mobil",
        ],
        .staff: [
            "school": "skola", "department": "avdelning", "number": "personnummer", "givenName": "fornamn",
            "familyName": "efternamn", "signature": "signatur", "email": "epost",
        ],
    ]

    static func row(_ row: Skola24Row) -> HeldRow {
        func value(_ column: String) -> String { row.fields[column] ?? "" }
        let key =
            switch row.file {
            case .child: value("number")
            case .guardian: "\(value("childNumber"))|\(value("number"))"
            case .staff: "\(value("school"))|\(value("number"))"
            }
        let names = Self.skola24[row.file] ?? [:]
        return HeldRow(
            kind: row.file.rawValue, key: key,
            fields: Dictionary(uniqueKeysWithValues: row.fields.map { (names[$0] ?? $0, $1) }))
    }

    // MARK: Systems with records

    /// A kind of row that a system keeps as records: of which entity, and where each field stands.
    private struct Kept {
        let kind: String
        let entity: Entity
        let places: [String: String]
    }

    private static let address = [
        "addressType": "type", "street": "streetAddress", "postalCode": "postalCode", "locality": "locality",
    ]

    /// A role that the hub has given. One that somebody gave in the system itself is no row of ours.
    private static let role = Kept(
        kind: "role", entity: .roleGrant,
        places: [
            "person": "person.id", "role": "role", "scope": "scope", "unit": "organisation.id", "group": "group.id",
            "pupil": "pupil.id", "from": "startDate", "to": "endDate",
        ])

    private static let kept: [TwoWaySystem: [Kept]] = [
        .tempus: [
            Self.role,
            Kept(
                kind: "unit", entity: .organisation,
                places: ["id": "id", "name": "displayName", "type": "organisationType", "code": "schoolUnitCode"]),
            Kept(
                kind: "department", entity: .group,
                places: [
                    "id": "id", "name": "displayName", "unit": "organisation.id", "startDate": "startDate", "endDate": "endDate",
                ]),
            Kept(
                kind: "child", entity: .person,
                places: ["id": "id", "givenName": "givenName", "familyName": "familyName", "number": "civicNo.value"]),
            Kept(
                kind: "placement", entity: .placement,
                places: [
                    "id": "id", "child": "child.id", "unit": "placedAt.id", "group": "group.id", "schoolType": "schoolType",
                    "startDate": "startDate", "endDate": "endDate", "hours": "maxWeeklyScheduleHours",
                ]),
        ],
        .vega: [
            Self.role,
            Kept(
                kind: "school", entity: .organisation,
                places: ["id": "id", "name": "displayName", "type": "organisationType", "code": "schoolUnitCode"]
                    .merging(Self.address.mapValues { "address.\($0)" }) { first, _ in first }),
            Kept(
                kind: "pupil", entity: .person,
                places: [
                    "id": "id", "givenName": "givenName", "familyName": "familyName", "number": "civicNo.value",
                    "school": "enrolments.0.enroledAt.id", "schoolType": "enrolments.0.schoolType",
                    "schoolYear": "enrolments.0.schoolYear", "from": "enrolments.0.startDate", "to": "enrolments.0.endDate",
                ].merging(Self.address.mapValues { "addresses.0.\($0)" }) { first, _ in first }),
            Kept(
                kind: "placement", entity: .placement,
                places: [
                    "id": "id", "child": "child.id", "unit": "placedAt.id", "schoolType": "schoolType", "startDate": "startDate",
                    "endDate": "endDate",
                ]),
            Kept(
                kind: "application", entity: .transportApplication,
                places: [
                    "id": "id", "child": "child.id", "school": "organisation.id", "placement": "placement.id",
                    "reason": "reasons.0", "otherReason": "reasons.1", "submittedAt": "submittedAt", "startDate": "startDate",
                    "endDate": "endDate",
                ]),
        ],
        .skola24: [Self.role],
        // What flows decide is counted by hand instead: TransportByHand.
        .eservice: [],
    ]

    /// The kinds of rows that ``rows(of:in:)`` gives.
    static func kinds(of system: TwoWaySystem) -> Set<String> { Set((Self.kept[system] ?? []).map(\.kind)) }

    /// The rows of what the hub keeps in a system. What the system has of its own, and what flows make, isn't among them.
    static func rows(of system: TwoWaySystem, in standIn: SS12000StandIn) async throws -> [HeldRow] {
        var rows: [HeldRow] = []
        for kept in Self.kept[system] ?? [] {
            for record in await standIn.records(of: kept.entity) {
                let document = try record.document()
                rows.append(
                    HeldRow(
                        kind: kept.kind, key: record.key.id, fields: kept.places.compactMapValues { Self.text(document, at: $0) })
                )
            }
        }
        return rows
    }

    private static func text(_ document: JSONValue, at place: String) -> String? {
        Self.text(document, place.split(separator: ".")[...])
    }

    private static func text(_ value: JSONValue, _ steps: ArraySlice<Substring>) -> String? {
        guard let step = steps.first else { return value.stringValue ?? value.integerValue.map { String($0) } }
        guard let index = Int(step) else {
            return value[String(step)].flatMap { Self.text($0, steps.dropFirst()) }
        }
        guard let elements = value.arrayValue, elements.indices.contains(index) else { return nil }
        return Self.text(elements[index], steps.dropFirst())
    }
}
