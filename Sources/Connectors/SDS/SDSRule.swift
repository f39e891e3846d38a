import Foundation
import SchoolRecords

/// A rule of School Data Sync that a row can break: it would be dropped there without a word to whoever waits for it.
enum SDSRule: String, CaseIterable, Codable, Sendable {
    // Of a row by itself: its record is a failed message.
    case required = "required-value-missing"
    case orgType = "org-type-unknown"
    case role = "role-unknown"
    case relationship = "relationship-unknown"
    case grade = "grade-unknown"
    case username = "username-without-domain"
    case email = "email-invalid"
    case phone = "phone-not-e164"
    case date = "date-invalid"
    case dates = "end-before-start"
    case selfRelation = "related-to-oneself"
    case lineBreak = "control-characters"

    // Of a row among the others: it is kept out of the set until the others are there.
    case parent = "parent-org-missing"
    case orgCycle = "orgs-in-a-circle"
    case twoOfOneName = "username-of-two"
    case roleWithoutUser = "role-without-user"
    case roleWithoutOrg = "role-without-org"
    case userWithoutRole = "user-without-role"
    case guardianWithoutMail = "guardian-without-email"
    case classWithoutOrg = "class-without-org"
    case enrollmentWithoutClass = "enrollment-without-class"
    case enrollmentWithoutUser = "enrollment-without-user"
    case relationshipWithoutUser = "relationship-without-user"

    /// What is wrong with a row, looked at alone.
    ///
    /// - Returns: the rule and the column.
    static func broken(_ table: SDSTable, _ row: [String: String], grades: Set<String>) -> (rule: SDSRule, column: String)? {
        for column in table.required where (row[column] ?? "").allSatisfy(\.isWhitespace) { return (.required, column) }
        for (column, value) in row.sorted(by: { $0.key < $1.key })
        where value.unicodeScalars.contains(where: { $0.value < 0x20 || (0x7F..<0xA0).contains($0.value) }) {
            return (.lineBreak, column)
        }
        switch table {
        case .orgs: if !SDSValues.has(row["type"] ?? "", in: SDSValues.orgTypes) { return (.orgType, "type") }
        case .users:
            if let name = row["username"], !Self.isAddress(name) { return (.username, "username") }
            if let mail = row["email"], !Self.isAddress(mail) { return (.email, "email") }
            for column in ["phone", "sms"] where row[column].map(Self.isE164) == false { return (.phone, column) }
        case .roles:
            if !SDSValues.has(row["role"] ?? "", in: SDSValues.roles) { return (.role, "role") }
            if let grade = row["grade"] {
                let plain = grade.count > 1 && grade.hasPrefix("0") ? String(grade.dropFirst()) : grade
                if !SDSValues.has(plain, in: grades) { return (.grade, "grade") }
            }
            let dates = ["roleStartDate", "roleEndDate"].map { row[$0].map { CalendarDate($0) } }
            for (column, date) in zip(["roleStartDate", "roleEndDate"], dates) where date == .some(nil) { return (.date, column) }
            if let start = dates[0] ?? nil, let end = dates[1] ?? nil, end < start { return (.dates, "roleEndDate") }
        case .enrollments: if !SDSValues.has(row["role"] ?? "", in: SDSValues.roles) { return (.role, "role") }
        case .relationships:
            if !SDSValues.has(row["relationshipRole"] ?? "", in: SDSValues.relationships) {
                return (.relationship, "relationshipRole")
            }
            if row["userSourcedId"] == row["relationshipUserSourcedId"] { return (.selfRelation, "relationshipUserSourcedId") }
        case .classes, .academicSessions: break
        }
        return nil
    }

    /// One @ with something before it and a domain with a dot after it; no space.
    static func isAddress(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !text.contains(where: \.isWhitespace) else { return false }
        let labels = parts[1].split(separator: ".", omittingEmptySubsequences: false)
        return labels.count > 1 && labels.allSatisfy { !$0.isEmpty }
    }

    /// `+` and at most fifteen digits, the first not 0 (ITU-T E.164).
    static func isE164(_ text: String) -> Bool {
        let digits = text.dropFirst()
        return text.hasPrefix("+") && (7...15).contains(digits.count) && digits.first != "0"
            && digits.allSatisfy { $0.isASCII && $0.isNumber }
    }
}
