import Foundation
import Mapping
import SchoolRecords

/// A pupil with two guardians and two enrolments, as the hub publishes one.
enum SamplePupil {
    static func body(_ index: Int) -> Data {
        let record: JSONValue = [
            "id": .string("pupil-\(index)"), "givenName": .string("Prov\(index)"), "familyName": "Provsson",
            "civicNo": ["value": .string("20130101TF\(10 + index % 90)"), "nationality": "SE"], "birthDate": "2013-01-01",
            "sex": "Kvinna", "securityMarking": "Ingen", "personStatus": "Aktiv",
            "eduPersonPrincipalNames": [.string("e\(index)@edu.example")],
            "emails": [
                ["value": "prov@post.example", "type": "Privat"],
                ["value": .string("e\(index)@elev.example"), "type": "Skola elev"],
            ],
            "phoneNumbers": [
                ["value": "+46 70-174 06 05", "type": "Hem", "mobile": true],
                ["value": "0980-31 92 01", "type": "Hem", "mobile": false],
            ],
            "addresses": [
                [
                    "type": "Folkbokföring", "streetAddress": "Storgatan 1", "postalCode": "123 45",
                    "locality": "Exempelstad", "country": "Sverige", "municipalityCode": 2599,
                ]
            ],
            "enrolments": [
                [
                    "enroledAt": ["id": "unit-0"], "schoolYear": 6, "schoolType": "GR", "startDate": "2025-08-01",
                    "endDate": "2026-07-31",
                ],
                ["enroledAt": ["id": "unit-1"], "schoolYear": 7, "schoolType": "GR", "startDate": "2026-08-01"],
            ],
            "responsibles": [
                ["person": ["id": "guardian-1"], "relationType": "Vårdnadshavare"],
                ["person": ["id": "guardian-2"], "relationType": "Vårdnadshavare"],
            ],
        ]
        return record.canonicalData
    }

    static let others: [RecordKey: JSONValue] = [
        RecordKey(.organisation, "unit-1"): [
            "id": "unit-1", "organisationType": "Skolenhet", "parentOrganisation": ["id": "school-1"],
        ],
        RecordKey(.organisation, "school-1"): ["id": "school-1", "organisationType": "Skola"],
        RecordKey(.person, "guardian-1"): ["id": "guardian-1", "civicNo": ["value": "19850101TF02"]],
        RecordKey(.person, "guardian-2"): ["id": "guardian-2", "civicNo": ["value": "19850101TF03"]],
    ]
}
