import ConnectorKit
import Foundation
import SchoolRecords

/// What Skolverket says of what it is sent, held before it is: each rule is of the interface's description, 1.3.1.
struct DNPRules: Sendable {
    let sendsNamesInEPPN: Bool

    static let schoolTypes: Set<String> = ["GR", "SP", "SAM", "GY", "VUXGY"]
    static let dutyRoles: Set<String> = [
        "Rektor", "Lärare", "Förskollärare", "Barnskötare", "Bibliotekarie", "Lärarassistent", "Fritidspedagog",
        "Annan personal", "Studie- och yrkesvägledare", "Förstelärare", "Kurator", "Skolsköterska", "Skolläkare",
        "Skolpsykolog", "Speciallärare/specialpedagog", "Skoladministratör", "Övrig arbetsledning",
    ]
    static let groupTypes: Set<String> = ["Klass", "Undervisning"]
    static let emailTypes: Set<String> = ["Skola elev", "Skola personal"]
    static let markings: Set<String> = ["Ingen", "Sekretessmarkering", "Skyddad folkbokföring"]

    private static func refusal(_ code: ConnectorFailure.Code, _ message: String) -> ConnectorFailure {
        ConnectorFailure(.rejected, code: code, message: message)
    }

    // MARK: One row

    /// - Throws: ``ConnectorFailure`` (`rejected`); holds no value.
    func check(_ row: TargetRow) throws(ConnectorFailure) {
        guard let kind = DNPRowKind(row.kind) else {
            throw Self.refusal(
                .unknownRowKind,
                "rows of kind \(row.kind) have no place at Skolverket: use \(DNPRowKind.allCases.map(\.rawValue).joined(separator: ", "))"
            )
        }
        for field in row.fields.keys.sorted() where !kind.required.contains(field) && !kind.optional.contains(field) {
            throw Self.refusal(.unknownField, "the field \(field) of \(row.kind) rows has no place at Skolverket")
        }
        for field in kind.required where (row.fields[field] ?? "").isEmpty {
            throw Self.refusal(
                .requiredFieldMissing, "the \(row.kind) has no \(field), without which Skolverket doesn't take it")
        }
        for field in kind.ids {
            guard let text = row.fields[field] else { continue }
            guard Self.isUUID(text) else {
                throw Self.refusal(.wrongForm, "the field \(field) of \(row.kind) rows is no UUID in small letters")
            }
        }
        guard DNPDocument.key(kind, row.fields) == row.key else {
            throw Self.refusal(
                .unusableKey, "the key of \(row.kind) rows must be made of \(kind.keyFields.joined(separator: ", "))")
        }
        switch kind {
        case .person: try self.person(row.fields)
        case .enrolment: try self.enrolment(row.fields)
        case .duty: try Self.among(Self.dutyRoles, "role", row)
        case .group:
            try Self.among(Self.groupTypes, "type", row)
            try Self.among(Self.schoolTypes, "schoolType", row)
        case .member, .activity, .teacher: break
        }
    }

    private static func among(_ values: Set<String>, _ field: String, _ row: TargetRow) throws(ConnectorFailure) {
        guard let value = row.fields[field], !values.contains(value) else { return }
        throw self.refusal(
            .wrongForm, "the field \(field) of \(row.kind) rows must be one of \(values.sorted().joined(separator: ", "))")
    }

    static func isUUID(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count == 36 else { return false }
        return bytes.enumerated().allSatisfy { place, byte in
            [8, 13, 18, 23].contains(place)
                ? byte == UInt8(ascii: "-") : (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
        }
    }

    private func enrolment(_ fields: [String: String]) throws(ConnectorFailure) {
        let row = TargetRow(kind: "enrolment", key: "", fields: fields)
        try Self.among(Self.schoolTypes, "schoolType", row)
        let schoolType = fields["schoolType"] ?? ""
        if let year = fields["schoolYear"], !(Int(year).map { (1...10).contains($0) } ?? false) {
            throw Self.refusal(.wrongForm, "the field schoolYear of enrolment rows must be a number from 1 to 10")
        }
        if ["GR", "SP", "SAM"].contains(schoolType), fields["schoolYear"] == nil {
            throw Self.refusal(.requiredFieldMissing, "the enrolment has no schoolYear, which \(schoolType) must have")
        }
        if schoolType == "GY", fields["educationCode"] == nil {
            throw Self.refusal(.requiredFieldMissing, "the enrolment has no educationCode, which GY must have")
        }
    }

    private func person(_ fields: [String: String]) throws(ConnectorFailure) {
        guard fields["nationality"] ?? "SE" == "SE" else {
            throw Self.refusal(
                .wrongForm, "the person's number is another country's; Skolverket takes Swedish ones and temporary ones alone")
        }
        guard Self.isNumber(fields["civicNo"] ?? "") else {
            throw Self.refusal(
                .wrongForm,
                "the field civicNo of person rows must be an identity number or coordination number of 12 digits, or ÅÅÅÅMMDDTFxx with two digits"
            )
        }
        let row = TargetRow(kind: "person", key: "", fields: fields)
        try Self.among(Self.emailTypes, "emailType", row)
        try Self.among(Self.markings, "securityMarking", row)
        try self.principalName(fields)
    }

    /// The form alone: that it is somebody's is for the source to know.
    static func isNumber(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        func digits(_ range: Range<Int>) -> Bool { bytes[range].allSatisfy { (0x30...0x39).contains($0) } }
        guard bytes.count == 12, digits(0..<8), digits(10..<12) else { return false }
        return digits(8..<10) || (bytes[8] == UInt8(ascii: "T") && bytes[9] == UInt8(ascii: "F"))
    }

    private func principalName(_ fields: [String: String]) throws(ConnectorFailure) {
        let eppn = fields["eppn"] ?? ""
        let parts = eppn.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, parts[1].contains("."),
            !eppn.unicodeScalars.contains(where: { $0.properties.isWhitespace || ",;".unicodeScalars.contains($0) })
        else {
            throw Self.refusal(
                .eppnUnusable,
                "the person's EPPN isn't one name, an @ and a domain; Skolverket takes exactly one. Correct it in the source of "
                    + "identities")
        }
        if !self.sendsNamesInEPPN,
            Self.holdsName(eppn, given: fields["givenName"] ?? "", family: fields["familyName"] ?? "")
        {
            throw Self.refusal(
                .eppnUnusable,
                "the person's EPPN holds letters of the person's name (Skolverket's 3047): give the account another name that tells "
                    + "nothing, or set names_in_eppn to send")
        }
    }

    /// Skolverket's 3047: an EPPN holds the first three letters of the family name, or the first two of the family name and the
    /// first two of the given name. Letters with marks count as those without them, too; what stands after @ isn't looked at.
    static func holdsName(_ eppn: String, given: String, family: String) -> Bool {
        let local = eppn.prefix { $0 != "@" }.lowercased()
        func start(_ name: String, _ count: Int) -> Set<String> {
            let letters = String(name.lowercased().filter(\.isLetter).prefix(count))
            guard letters.count == count else { return [] }
            return [letters, letters.folding(options: .diacriticInsensitive, locale: nil)]
        }
        if start(family, 3).contains(where: local.contains) { return true }
        return start(family, 2).contains(where: local.contains) && start(given, 2).contains(where: local.contains)
    }

    // MARK: Whole objects

    /// A person who has a duty needs an e-mail address, and may not be a pupil under the same EPPN.
    ///
    /// - Throws: ``ConnectorFailure`` (`rejected`).
    func checkStaff(_ person: DNPDocument) throws(ConnectorFailure) {
        guard person.elements(.enrolment).isEmpty else {
            throw Self.refusal(
                .eppnUnusable,
                "the person has a duty and an enrolment: Skolverket wants another EPPN for the pupil than for the staff, and takes "
                    + "one for each person. Give the duty's person an id and an EPPN of its own")
        }
        guard person.fields?["email"] != nil else {
            throw Self.refusal(
                .requiredFieldMissing, "the person of the duty has no email, without which Skolverket takes no staff")
        }
    }
}
