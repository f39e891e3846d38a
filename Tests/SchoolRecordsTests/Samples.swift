import TestChance
import SchoolRecords

/// Records with every field that the model knows. The people don't exist; their numbers are temporary ones.
enum Samples {
    static func record(of entity: Entity) -> JSONValue {
        switch entity {
        case .organisation: Self.organisation
        case .person: Self.person
        case .group: Self.group
        case .duty: Self.duty
        case .placement: Self.placement
        default:
            Self.made(entity)
        }
    }

    /// Records of which the shape says enough.
    private static func made(_ entity: Entity) -> JSONValue {
        var samples = ShapeSamples(random: SeededRandom(seed: 12))
        return samples.record(entity.shape)
    }

    static func id(_ number: Int) -> String { "00000000-0000-4000-8000-0000000000\(number)" }
    static func reference(_ number: Int) -> JSONValue {
        ["id": .string(Self.id(number)), "displayName": .string("Namn \(number)")]
    }
    static func person(_ number: Int) -> JSONValue {
        ["id": .string(Self.id(number)), "displayName": .string("Namn \(number)"), "securityMarking": "Ingen"]
    }
    static let meta: JSONValue = ["created": "2026-01-01T00:00:00Z", "modified": "2026-08-01T12:30:00.123+02:00"]

    static let organisation: JSONValue = [
        "id": .string(id(10)), "meta": meta, "displayName": "Kågeskolan F-6", "organisationCode": "K1",
        "organisationType": "Skolenhet", "organisationNumber": "212000-0000", "parentOrganisation": reference(11),
        "schoolUnitCode": "12345678", "schoolTypes": ["FKLASS", "GR", "GRAN"],
        "address": [
            "type": "Besöksadress", "streetAddress": "Storgatan 1", "locality": "Exempelstad", "postalCode": "12345",
            "countyCode": 25, "municipalityCode": 180, "realEstateDesignation": "Kåge 1:1", "country": "Sverige",
        ],
        "municipalityCode": "0180", "url": "https://skola.example", "email": "skola@skola.example", "phoneNumber": "0980319200",
        "contactInfo": [["infoType": "Support", "info": "Ring."]], "startDate": "1998-07-01", "endDate": "9999-12-31",
    ]

    static let person: JSONValue = [
        "id": .string(id(20)), "meta": meta, "givenName": "Prov", "middleName": "Mellan", "familyName": "Provsson",
        "eduPersonPrincipalNames": ["prov@edu.example"],
        "externalIdentifiers": [["value": "17", "context": "https://sis.example", "globallyUnique": false]],
        "civicNo": ["value": "20130101TF01", "nationality": "SE"], "birthDate": "2013-01-02", "sex": "Okänt",
        "securityMarking": "Ingen", "personStatus": "Aktiv", "emails": [["value": "prov@elev.example", "type": "Skola elev"]],
        "phoneNumbers": [["value": "0701740605", "type": "Hem", "mobile": true]],
        "addresses": [
            [
                "type": "Särskild postadress", "streetAddress": "Storgatan 1", "locality": "Exempelstad", "postalCode": "12345",
                "countyCode": 25, "municipalityCode": 180, "realEstateDesignation": "Kåge 1:1", "country": "Sverige",
            ]
        ],
        "photo": "https://bild.example/1",
        "enrolments": [
            [
                "enroledAt": reference(10), "schoolYear": 7, "schoolType": "GR", "startDate": "2026-08-01",
                "endDate": "2027-06-30",
                "cancelled": false, "educationCode": "GRGRU", "programme": reference(90), "specification": "Idrott",
            ]
        ],
        "responsibles": [["person": person(21), "relationType": "Vårdnadshavare"]],
    ]

    static let group: JSONValue = [
        "id": .string(id(30)), "meta": meta, "displayName": "7A", "startDate": "2026-08-01", "endDate": "2027-06-30",
        "groupType": "Klass", "schoolType": "GR", "organisation": reference(11),
        "groupMemberships": [
            ["person": person(20), "startDate": "2026-08-01", "endDate": "2027-06-30"], ["person": person(22)],
        ],
    ]

    static let duty: JSONValue = [
        "id": .string(id(40)), "meta": meta, "person": person(23),
        "assignmentRole": [
            ["group": reference(30), "assignmentRoleType": "Mentor", "startDate": "2026-08-01", "endDate": "2027-06-30"]
        ],
        "dutyAt": reference(11), "dutyRole": "Lärare", "description": "2752 Grundskollärare", "signature": "ABC",
        "dutyPercent": 80, "hoursPerYear": 1400, "startDate": "2026-08-01", "endDate": "2027-06-30",
    ]

    static let placement: JSONValue = [
        "id": .string(id(50)), "meta": meta, "placedAt": reference(10), "group": reference(31), "child": person(24),
        "owners": [person(21)], "schoolType": "FTH", "startDate": "2026-08-01", "endDate": "2027-06-30",
        "reason": "Omsorgsbehov", "maxWeeklyScheduleHours": 25,
    ]
}
