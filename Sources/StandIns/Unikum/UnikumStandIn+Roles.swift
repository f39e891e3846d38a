import Foundation
import SchoolRecords

/// The roles that Unikum's relations come to, and the exports of roles and accounts.
extension UnikumStandIn {
    /// Relation → role, and what its other end is. Membership of a class is no role.
    private static let roles: [(relation: String, role: String, level: String)] = [
        ("staff_in_school", "personal", "skola"), ("teacher_in_school", "pedagog", "skola"),
        ("teacher_in_class", "pedagog", "klass"), ("mentor_for", "mentor", "elev"), ("guardian_for", "vårdnadshavare", "elev"),
        ("student_in_school", "elev", "skola"), ("external_user_in_school", "observatör-skola", "skola"),
        ("observer_in_org", "observatör-kommun", "kommun"), ("administrator_for", "skoladministratör", "skola"),
    ]

    /// The roles that it holds, in their order.
    ///
    /// - Parameters:
    ///   - persons: whose number is whose; somebody whom it doesn't know is left out.
    ///   - whole: what stands for the whole municipality among its organisations.
    public func roles(persons: PersonDirectory, whole: String = "kommun") -> [HeldRole] {
        var held: Set<HeldRole> = []
        for (relation, role, level) in Self.roles {
            for row in self.rows(relation) {
                guard let person = row.fields["from"].flatMap(persons.id), let other = row.fields["to"] else { continue }
                switch level {
                case "elev":
                    if let pupil = persons.id(of: other) { held.insert(HeldRole(person, role, .pupil(pupil))) }
                case "klass": held.insert(HeldRole(person, role, .group(other)))
                case "kommun": held.insert(HeldRole(person, role, .municipality))
                default:
                    held.insert(
                        other == whole && role == "skoladministratör"
                            ? HeldRole(person, "kommunadministratör", .municipality) : HeldRole(person, role, .unit(other)))
                }
            }
        }
        return held.sorted()
    }

    /// Leaves all roles that it holds as a file, whole.
    ///
    /// - Returns: the file's path.
    /// - Throws: ``StandInError`` when it is away or the folder can't be written.
    @discardableResult
    public func exportRoles(
        to folder: String, persons: PersonDirectory, whole: String = "kommun", fault: ExportFault? = nil
    ) throws(StandInError) -> String {
        try self.requireUp()
        self.exports += 1
        let rows = self.roles(persons: persons, whole: whole).map { role in
            let level =
                switch role.scope {
                case .municipality: "kommun"
                case .unit: "skola"
                case .group: "klass"
                case .pupil: "elev"
                }
            return [role.person, role.role, level, role.scope.id ?? whole, "", ""]
        }
        return try ExportedFile(folder: folder, prefix: "roller-").write(
            ["person", "roll", "niva", "for", "fran", "till"], rows, number: self.exports, fault: fault)
    }

    /// Leaves the accounts of the persons that it holds as a file, whole.
    ///
    /// - Parameter accounts: what is known of accounts beside: somebody who isn't among them has an active one.
    /// - Returns: the file's path.
    /// - Throws: ``StandInError`` when it is away or the folder can't be written.
    @discardableResult
    public func exportAccounts(
        to folder: String, persons: PersonDirectory, besides accounts: [HeldAccount] = [], fault: ExportFault? = nil
    ) throws(StandInError) -> String {
        try self.requireUp()
        self.exports += 1
        let known = Dictionary(accounts.map { ($0.person, $0) }, uniquingKeysWith: { _, last in last })
        let rows = self.rows("person").compactMap { persons.id(of: $0.key) }.sorted().compactMap { person -> [String]? in
            let account = known[person] ?? HeldAccount(person)
            return account.state == .missing ? nil : [person, account.word, "", account.lastUsed?.description ?? ""]
        }
        return try ExportedFile(folder: folder, prefix: "konton-").write(
            ["person", "status", "roller", "senast"], rows, number: self.exports, fault: fault)
    }

    /// Somebody gives a relation in Unikum itself, past the hub.
    public func giveByHand(_ relation: String, from: String, to: String) {
        _ = self.holdings.add(relation, from: from, to: to)
        self.bell.ring()
    }

    /// Somebody takes a relation away in Unikum itself.
    ///
    /// - Returns: whether there was one.
    @discardableResult
    public func takeByHand(_ relation: String, from: String, to: String) -> Bool {
        defer { self.bell.ring() }
        return self.holdings.remove(relation, from: from, to: to)
    }

    func requireUp() throws(StandInError) {
        guard !self.down else { throw StandInError(.notRunning, "Unikum is away: it exports nothing") }
    }
}
