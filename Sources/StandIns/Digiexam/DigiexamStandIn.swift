import Foundation

/// A stand-in for Digiexam's page where many users are added at once: it takes files with the columns that its help page names, and a school unit
/// and a role as whoever pastes them chooses.
public struct DigiexamStandIn: Sendable {
    /// A user as it was pasted.
    public struct User: Sendable, Hashable {
        public let email: String
        public let firstName: String
        public let lastName: String
        public let code: String
        public let unit: String
        /// `nil`: a student.
        public let role: String?
    }

    /// Why a line or file isn't taken, without its values.
    public enum Refusal: String, Sendable, Hashable {
        case cutOff
        case columns
        case missingValue
        /// Such a user would reach every school.
        case withoutUnit
        case unknownRole
        /// One address, two student codes.
        case addressTaken
    }

    public private(set) var users: Set<User> = []
    public private(set) var refusals: [Refusal] = []
    private var codes: [String: String] = [:]

    /// Takes what lies in a folder, file by file.
    ///
    /// - Throws: when the folder or a file can't be read.
    public init(folder: String) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() where name.hasSuffix(".txt") {
            let text = try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
            guard text.isEmpty || text.hasSuffix("\r\n") else {
                self.refusals.append(.cutOff)
                continue
            }
            // elever-12345678-….txt, personal-12345678_teacher-….txt: what is chosen on the page.
            let parts = name.split(separator: "-").map(String.init)
            let chosen = parts.dropFirst().first?.split(separator: "_").map(String.init) ?? []
            guard let unit = chosen.first, unit.count == 8, unit.allSatisfy(\.isNumber) else {
                self.refusals.append(.withoutUnit)
                continue
            }
            let role = parts.first == "personal" ? chosen.dropFirst().joined(separator: "_") : nil
            if let role, !["teacher", "admin", "accountManager"].contains(role) {
                self.refusals.append(.unknownRole)
                continue
            }
            for line in text.components(separatedBy: "\r\n").dropLast() { self.paste(line, unit, role) }
        }
    }

    private mutating func paste(_ line: String, _ unit: String, _ role: String?) {
        let values = line.components(separatedBy: "\t")
        guard (4...6).contains(values.count) else { return self.refusals.append(.columns) }
        guard values[0].contains("@"), !values[1].isEmpty, !values[2].isEmpty else { return self.refusals.append(.missingValue) }
        let address = values[0].lowercased()
        if let code = self.codes[address], code != values[3] { return self.refusals.append(.addressTaken) }
        self.codes[address] = values[3]
        self.users.insert(
            User(email: address, firstName: values[1], lastName: values[2], code: values[3], unit: unit, role: role))
    }
}
