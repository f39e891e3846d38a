import ConnectorKit
import Foundation
import SchoolRecords

/// The kinds of row that Edlevo's classic services take, with their fields. The schemas decide, not the specifications' text.
enum ClassicRowKind: String, Sendable, CaseIterable {
    case contact
    case employment
    case busCard = "buscard"
    case absence
    case absenceTotal = "absence_total"
    case eppn

    /// What a field's text must be.
    enum Form: Sendable {
        case text
        case date
        /// A time on the wall in Sweden, or an instant, which is brought to it.
        case time
        case decimal
        case integer
        case schoolType
        case choice([String])

        var words: String {
            switch self {
            case .text: "a text"
            case .date: "a date such as 2026-08-17"
            case .time: "a time such as 2026-08-17T08:00:00"
            case .decimal: "a number"
            case .integer: "a whole number"
            case .schoolType: "one of \(ClassicSchoolType.allCases.map(\.rawValue).joined(separator: ", "))"
            case .choice(let values): "one of \(values.joined(separator: ", "))"
            }
        }

        func takes(_ text: String) -> Bool {
            switch self {
            case .text: true
            case .date: CalendarDate(text) != nil
            case .time: text.count >= 19 && WallClock(text) != nil
            case .decimal: Double(text)?.isFinite ?? false
            case .integer: Int32(text) != nil
            case .schoolType: ClassicSchoolType(rawValue: text) != nil
            case .choice(let values): values.contains(text)
            }
        }
    }

    struct Field: Sendable {
        let form: Form
        let isRequired: Bool

        init(_ form: Form = .text, required: Bool = false) {
            self.form = form
            self.isRequired = required
        }
    }

    /// Whose row it is: rows of one subject are written in their order.
    var subject: String {
        switch self {
        case .contact, .eppn: "person"
        case .employment: "personid"
        case .busCard, .absence, .absenceTotal: "student"
        }
    }

    var fields: [String: Field] {
        switch self {
        case .contact:
            [
                "person": Field(required: true), "emailhome": Field(), "emailworkschool": Field(), "emailworkschool2": Field(),
                "phone": Field(), "mobile": Field(), "work": Field(),
            ]
        case .eppn: ["person": Field(required: true), "eppn": Field(required: true)]
        case .busCard:
            [
                "student": Field(required: true), "personid": Field(required: true), "uniqueid": Field(),
                "schooltype": Field(.choice(["GR", "GY"]), required: true), "start": Field(.date, required: true),
                "end": Field(.date), "distance": Field(.decimal), "type": Field(required: true), "number": Field(required: true),
            ]
        case .employment:
            [
                "personid": Field(required: true), "uniqueid": Field(required: true), "firstname": Field(), "lastname": Field(),
                "employeenumber": Field(), "percent": Field(.decimal), "years": Field(), "start": Field(.date, required: true),
                "end": Field(.date), "titlecode": Field(required: true), "titlename": Field(),
                "type": Field(
                    .choice(["UntilFurther", "CertainTime", "Substitute", "Project", "Other", "Unknown"]), required: true),
                "info": Field(required: true), "signature": Field(),
                "category": Field(.choice(["TeachingPersonnel", "OtherPersonnel"]), required: true),
                "placement_start": Field(.date), "placement_end": Field(.date), "placement_percent": Field(.decimal),
                "place": Field(required: true), "place_name": Field(), "schooltype": Field(.schoolType, required: true),
                "placetype": Field(.choice(["Area", "Organization", "Unit", "Department"])),
            ]
        case .absence:
            [
                "student": Field(required: true), "guardian": Field(required: true), "start": Field(.time, required: true),
                "stop": Field(.time, required: true), "schooltype": Field(.schoolType, required: true),
            ]
        case .absenceTotal:
            [
                "student": Field(required: true), "schooltype": Field(.schoolType, required: true),
                "kind": Field(.choice(["absence", "presence"]), required: true), "minutes": Field(.integer, required: true),
                "offered": Field(.integer), "start": Field(.time, required: true), "end": Field(.time, required: true),
                "code": Field(required: true), "reason": Field(.choice(["Valid", "Invalid"])),
            ]
        }
    }

    /// Why a row can't be written.
    static func problem(_ row: TargetRow) -> ConnectorFailure? {
        func refusal(_ code: ConnectorFailure.Code, _ message: String) -> ConnectorFailure {
            ConnectorFailure(.rejected, code: code, message: message)
        }
        guard let kind = ClassicRowKind(rawValue: row.kind) else {
            let known = Self.allCases.map(\.rawValue).joined(separator: ", ")
            return refusal(.unknownRowKind, "rows of kind \(row.kind) can't be written; known are \(known)")
        }
        let fields = kind.fields
        for name in row.fields.keys.sorted() {
            guard let field = fields[name] else {
                let known = fields.keys.sorted().joined(separator: ", ")
                return refusal(.unknownField, "\(row.kind) rows have no field \(name); known are \(known)")
            }
            guard field.form.takes(row.fields[name] ?? "") else {
                return refusal(.wrongForm, "the field \(name) of \(row.kind) rows must be \(field.form.words)")
            }
        }
        for (name, field) in fields.sorted(by: { $0.key < $1.key }) where field.isRequired && (row.fields[name] ?? "").isEmpty {
            return refusal(.requiredFieldMissing, "the \(row.kind) has no \(name), without which Edlevo doesn't take it")
        }
        return kind.problem(row.fields).map { refusal(.wrongForm, $0) }
    }

    /// What the schema and the specifications ask of fields together.
    private func problem(_ fields: [String: String]) -> String? {
        switch self {
        case .contact where fields.count < 2: "the contact has nothing but its person"
        case .absenceTotal where fields["kind"] == "absence" && fields["reason"] == nil:
            "an absence_total of absence needs a reason"
        case .absenceTotal where fields["kind"] == "presence" && fields["offered"] == nil:
            "an absence_total of presence needs the minutes offered"
        case .employment where (fields["end"] ?? "9") < (fields["start"] ?? ""): "the employment ends before it begins"
        case .employment
        where (fields["placement_end"] ?? fields["end"] ?? "9") < (fields["placement_start"] ?? fields["start"] ?? ""):
            "the placement ends before it begins"
        case .busCard where (fields["end"] ?? "9") < (fields["start"] ?? ""): "the buscard ends before it begins"
        default: nil
        }
    }
}
