import Foundation
import Messaging
import SchoolRecords

/// One message of each kind, about people who don't exist: their identity numbers are temporary ones.
enum ContractExamples {
    /// The id of the example of an entity, so that the examples point at each other.
    static func id(of entity: Entity) -> String {
        let number = (Entity.allCases.firstIndex(of: entity) ?? 0) + 1
        return "00000000-0000-4000-8000-0000000000\(number < 10 ? "0" : "")\(number)"
    }

    /// The record with every field that the model knows.
    static func record(of entity: Entity) -> JSONValue {
        var record = Self.object(entity.shape, of: entity)
        record["id"] = .string(Self.id(of: entity))
        if entity == .group { record["displayName"] = "7A" }
        return .object(record)
    }

    /// The message as the hub publishes it.
    static func change(of entity: Entity, _ operation: RecordChange.Operation) -> RecordChange {
        let id = Self.id(of: entity)
        let body = operation == .upserted ? Self.record(of: entity) : ["id": .string(id)]
        return RecordChange(
            id: "11111111-1111-4111-8111-1111111111\(operation == .upserted ? "01" : "02")", key: RecordKey(entity, id),
            operation: operation, source: entity.isStandard ? "edlevo" : "knutpunkt", sequence: operation == .upserted ? 1 : 2,
            time: Self.moment, trace: TraceContext("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
            body: body.canonicalData)
    }

    private static let moment = "2026-08-17T06:00:00.000Z"

    private static func object(_ shape: RecordShape, of entity: Entity) -> [String: JSONValue] {
        var members: [String: JSONValue] = [:]
        for (name, field) in shape.kept {
            members[name] = Self.value(name, field, shape.forms[name], in: shape, of: entity)
        }
        return members
    }

    private static func value(
        _ name: String, _ field: FieldShape, _ form: FieldForm?, in shape: RecordShape, of entity: Entity
    ) -> JSONValue {
        switch field {
        case .text: Self.text(name, form, in: shape)
        case .integer:
            if case .range(let range)? = form { .integer(Int64(min(7, range.upperBound))) } else { Self.numbers[name] ?? 60 }
        case .boolean: .bool(name == "isReported" || name == "participates" || name == "official")
        case .date: .string(name.hasPrefix("end") ? "2027-06-30" : name == "birthDate" ? "2013-01-01" : "2026-08-17")
        case .list(let element): [Self.value(name, element, form, in: shape, of: entity)]
        case .object(let shape): .object(Self.object(shape, of: entity))
        case .reference(let other):
            other == .person
                ? ["id": .string(Self.id(of: other)), "displayName": "Prov Provsson", "securityMarking": "Ingen"]
                : ["id": .string(Self.id(of: other))]
        }
    }

    private static func text(_ name: String, _ form: FieldForm?, in shape: RecordShape) -> JSONValue {
        switch form {
        case .code(_, let values), .openCode(let values):
            return .string(Self.codes[name].flatMap { values.contains($0) ? $0 : nil } ?? values.first ?? "")
        case .moment: return .string(name.hasPrefix("end") ? "2026-08-17T09:00:00+02:00" : "2026-08-17T08:00:00+02:00")
        case .timeOfDay: return name.hasPrefix("end") ? "16:30" : "07:30"
        case .id: return .string(Self.id(of: .person))
        case .range, nil: break
        }
        if name == "value" { return Self.values[shape.name] ?? "17" }
        return Self.texts[name] ?? "Text"
    }

    private static let codes = [
        "dutyRole": "Lärare", "groupType": "Klass", "organisationType": "Skolenhet", "schoolTypes": "GR",
        "relationType": "Vårdnadshavare",
    ]

    private static let values: [String: JSONValue] = [
        "CivicNumber": "20130101TF01", "Email": "prov.provsson@edu.example", "PhoneNumber": "0701740605",
    ]

    private static let numbers: [String: JSONValue] = [
        "countyCode": 25, "municipalityCode": 180, "weekOffset": 0, "numberOfWeeks": 2, "year": 2026, "points": 100,
        "distanceMetres": 4200, "limitMetres": 4000,
    ]

    private static let texts: [String: JSONValue] = [
        "created": .string(moment), "modified": .string(moment), "givenName": "Prov", "familyName": "Provsson",
        "middleName": "Mellan", "eduPersonPrincipalNames": "prov@edu.example", "context": "https://sis.example",
        "nationality": "SE", "photo": "https://bild.example/1", "streetAddress": "Storgatan 1", "locality": "Exempelstad",
        "postalCode": "12345", "country": "Sverige", "realEstateDesignation": "Exempel 1:1", "displayName": "Exempelskolan",
        "organisationCode": "E1", "organisationNumber": "212000-0000", "schoolUnitCode": "12345678",
        "municipalityCode": "0180", "url": "https://skola.example", "email": "skola@skola.example",
        "phoneNumber": "0980319200", "signature": "PRP", "gradeValue": "C", "subjectCode": "MA", "subjectName": "Matematik",
        "system": "unikum", "role": "teacher", "roles": "teacher", "licences": "licence-1", "rule": "roles.yaml:12",
        "recipient": "kaa", "curriculum": "GR2011", "languageCode": "swe", "educationCode": "GRGRU", "code": "TE",
        "name": "Teknikprogrammet", "adaptedStudyPlan": "false",
    ]
}
