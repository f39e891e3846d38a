import Foundation
import Hub
import KnutpunktApp
import SchoolRecords
import StandIns
import Testing

/// Roles of a small municipality, from the hub in a process of its own to stand-ins of five systems and back.
@Suite("Roles in five receiving systems", .serialized)
struct RoleTests {
    private static let systems = ["skola24", "skolon", "tempus", "unikum", "vega"]

    static func with(children: Int = 40, _ body: @Sendable (Rehearsal) async throws -> Void) async throws {
        try await TemporaryDirectory.with { directory in
            var options = Rehearsal.Options(
                scale: .custom(children: children), seed: 5, directory: directory, mappings: Program.mappings,
                executable: Program.path)
            options.others = [.skola24, .tempus, .vega]
            options.hasSkolon = true
            options.hasRoles = true
            try await Rehearsal.with(options) { rehearsal in
                try rehearsal.startHub()
                try await rehearsal.waitUntilRunning()
                try await rehearsal.settle()
                try await body(rehearsal)
            }
        }
    }

    private static func grant(
        _ person: String, _ role: String, _ system: String, unit: String? = nil, pupil: String? = nil
    ) -> RoleGrant {
        var grant = RoleGrant(id: "", person: person, system: system, role: role, organisation: unit, pupil: pupil)
        grant.id = grant.derivedID
        return grant
    }

    /// What roles there are to be, some of each scope: of staff, by what duties there are.
    private static func wanted(_ rehearsal: Rehearsal) async throws -> [RoleGrant] {
        let duties = try await rehearsal.edlevo.truth(.duty).values.sorted {
            $0["id"]?.stringValue ?? "" < $1["id"]?.stringValue ?? ""
        }
        let protected = Set(rehearsal.municipality.protectedPersons.map(\.id))
        let pupils = try await rehearsal.edlevo.truth(.person).filter { $1["enrolments"]?.arrayValue?.isEmpty == false }.keys
            .filter { !protected.contains($0) }.sorted()
        var grants: [RoleGrant] = []
        for duty in duties {
            guard let person = duty["person"]?["id"]?.stringValue, let unit = duty["dutyAt"]?["id"]?.stringValue,
                !protected.contains(person)
            else { continue }
            grants += [
                self.grant(person, "pedagog", "unikum", unit: unit),
                self.grant(person, "mentor", "unikum", pupil: pupils[grants.count % pupils.count]),
                self.grant(person, "lärare", "skola24", unit: unit), self.grant(person, "personal", "tempus", unit: unit),
                self.grant(person, "skola", "vega", unit: unit), self.grant(person, "TEACHER", "skolon", unit: unit),
            ]
        }
        let admin = try #require(grants.first?.person.id)
        grants += [
            self.grant(admin, "kommunadministratör", "unikum"), self.grant(admin, "superadministratör", "tempus"),
            self.grant(admin, "handläggare", "vega"), self.grant(admin, "kommunadministratör", "skola24"),
        ]
        return Array(Dictionary(grants.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first }).values).sorted {
            $0.id < $1.id
        }
    }

    private static func role(_ grant: RoleGrant) -> HeldRole {
        let scope: HeldRole.Scope =
            grant.pupil.map { .pupil($0.id) } ?? grant.group.map { .group($0.id) } ?? grant.organisation.map { .unit($0.id) }
            ?? .municipality
        return HeldRole(grant.person.id, grant.role, scope)
    }

    /// Those of a system's roles that have one of these names: what the roster gives in Unikum isn't among them.
    private static func held(_ rehearsal: Rehearsal, _ system: String) async throws -> [HeldRole] {
        try await rehearsal.heldRoles(in: system).filter { !["elev", "vårdnadshavare"].contains($0.role) }
    }

    /// What the register has of what a system says.
    private static func said(_ rehearsal: Rehearsal, _ system: String) async throws -> [HeldRole] {
        try await rehearsal.context.store.roles(in: system, side: .held).map { record in
            let grant = try RoleGrant(json: try JSONValue(parsing: record.body))
            #expect(grant.system == system && record.source == system)
            return Self.role(grant)
        }.filter { !["elev", "vårdnadshavare"].contains($0.role) }.sorted()
    }

    private static func publish(_ rehearsal: Rehearsal, _ changes: [RoleChange]) async throws {
        let publisher = rehearsal.context.rolePublisher()
        let takings = try await publisher.publish(changes)
        try await rehearsal.until { _ in try await publisher.progress(of: takings).values.allSatisfy { $0 == .delivered } }
        try await rehearsal.settle()
    }

    private static func agree(_ rehearsal: Rehearsal, _ wanted: [RoleGrant], _ what: String) async throws {
        for system in Self.systems {
            let expected = wanted.filter { $0.system == system }.map(Self.role).sorted()
            try await #expect(Self.held(rehearsal, system) == expected, "\(system), \(what)")
            let snapshot = try await rehearsal.snapshotRoles(of: system)
            #expect(snapshot.isWhole && snapshot.knowsAccounts)
            try await #expect(Self.said(rehearsal, system) == expected, "\(system), read back, \(what)")
        }
        for agreement in try await rehearsal.agreements() {
            #expect(agreement.differences.isEmpty, "\(agreement.system), \(what): \(agreement.differences.count)")
        }
    }

    @Test(.timeLimit(.minutes(8)))
    func `roles are given, read back, changed by hand, put right and taken away in five systems`() async throws {
        try await Self.with { rehearsal in
            let grants = try await Self.wanted(rehearsal)
            #expect(Set(grants.map(\.system)) == Set(Self.systems) && grants.count > 20)
            try await Self.publish(rehearsal, grants.map { RoleChange(.granted, $0, after: 0) })
            try await Self.agree(rehearsal, grants, "given")

            // Given once more, as by a run that begins anew: nobody is written to.
            let writes = await rehearsal.writes()
            try await Self.publish(rehearsal, grants.map { RoleChange(.granted, $0, after: 0) })
            await #expect(rehearsal.writes() == writes)

            // One is lost in Tempus, one given there that nobody decided.
            let tempus = try #require(rehearsal.others[.tempus])
            let lost = try #require(grants.first { $0.system == "tempus" && $0.role == "personal" })
            let strange = Self.grant(lost.person.id, "rektor", "tempus", unit: lost.organisation?.id)
            #expect(await tempus.takeByHand(Self.role(lost)))
            try await tempus.giveByHand(Self.role(strange))
            try await rehearsal.snapshotRoles(of: "tempus")
            let said = try await Self.said(rehearsal, "tempus")
            #expect(said.contains(Self.role(strange)) && !said.contains(Self.role(lost)))
            try await Self.publish(
                rehearsal, [RoleChange(.granted, lost, after: 1), RoleChange(.revoked, strange, after: 0)])
            try await Self.agree(rehearsal, grants, "put right")

            // Every second one is taken away.
            let gone = grants.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
            try await Self.publish(rehearsal, gone.map { RoleChange(.revoked, $0) })
            let left = grants.filter { grant in !gone.contains { $0.id == grant.id } }
            try await Self.agree(rehearsal, left, "taken away")
            try await Self.publish(rehearsal, left.map { RoleChange(.revoked, $0) })
            try await Self.agree(rehearsal, [], "nothing left")
        }
    }

    @Test(.timeLimit(.minutes(8)))
    func `down, slow, lost replies and half a file: each role is there once all the same`() async throws {
        try await Self.with { rehearsal in
            let grants = try await Self.wanted(rehearsal)
            let tempus = try #require(rehearsal.others[.tempus])
            let vega = try #require(rehearsal.others[.vega])
            let skola24 = try #require(rehearsal.others[.skola24])
            try await tempus.setFaults(EdlevoFaults { $0.losesReplyEvery = 1 })
            try await vega.setFaults(EdlevoFaults { $0.outage = .refusing })
            try await skola24.setFaults(EdlevoFaults { $0.losesReplyEvery = 3 })
            try await rehearsal.unikum.goDown()
            await rehearsal.skolon?.setDelay(.milliseconds(300))
            let publisher = rehearsal.context.rolePublisher()
            let takings = try await publisher.publish(grants.map { RoleChange(.granted, $0, after: 0) })
            try await rehearsal.until { _ in
                let progress = try await publisher.progress(of: takings)
                return takings.filter { !["vega", "unikum"].contains($0.system) }.allSatisfy { progress[$0.key] == .delivered }
            }
            for taking in takings where taking.system == "vega" {
                try await #expect(publisher.progress(of: [taking])[taking.key] == .underWay)
            }
            // The hub dies with half of them given.
            await rehearsal.killHub()
            try await vega.setFaults(.none)
            try await rehearsal.unikum.comeBack()
            try rehearsal.startHub()
            try await rehearsal.waitUntilRunning()
            try await rehearsal.until { _ in try await publisher.progress(of: takings).values.allSatisfy { $0 == .delivered } }
            try await rehearsal.settle()
            try await tempus.setFaults(.none)
            try await skola24.setFaults(.none)
            // Half a file tells nothing: what the file before said holds.
            try await rehearsal.snapshotRoles(of: "unikum")
            let before = try await Self.said(rehearsal, "unikum")
            try await rehearsal.snapshotRoles(of: "unikum", fault: .halfAFile)
            try await #expect(Self.said(rehearsal, "unikum") == before && !before.isEmpty)
            try await rehearsal.snapshotRoles(of: "skolon", fault: .unknownColumn)
            try await Self.agree(rehearsal, grants, "after all of it")
            for standIn in [tempus, vega, skola24] {
                let roles = await standIn.roles
                #expect(Set(roles).count == roles.count)
            }
            await #expect(rehearsal.skolon?.refusals == [])
            await #expect(rehearsal.unikum.rejections.isEmpty)
            try await #expect(rehearsal.context.status().failed["failed"] ?? 0 == 0)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a system says which accounts there are, and a file as of when`() async throws {
        try await Self.with { rehearsal in
            let person = try #require(try await Self.wanted(rehearsal).first?.person.id)
            try await rehearsal.others[.vega]?.setAccounts([HeldAccount(person, .suspended)])
            await rehearsal.skolon?.setAccounts([HeldAccount(person, .invited)])
            let began = Date()
            for system in ["vega", "skolon", "unikum"] {
                let snapshot = try await rehearsal.snapshotRoles(of: system)
                #expect(snapshot.asOf >= began.addingTimeInterval(-1) && snapshot.knowsAccounts)
            }
            let accounts = try await rehearsal.context.store.liveRecords(of: .accountStatus, after: nil, limit: 10_000)
            func state(_ system: String) throws -> [JSONValue?] {
                try accounts.filter { $0.source == system }.map { try JSONValue(parsing: $0.body) }
                    .filter { $0["person"]?["id"]?.stringValue == person }.map { $0["state"] }
            }
            #expect(try state("vega") == ["suspended"] && state("skolon") == ["invited"] && state("unikum") == ["active"])
            // Without a new file nothing newer is known.
            let again = try await rehearsal.context.snapshotRoles(of: "skolon")
            let later = try await rehearsal.snapshotRoles(of: "skolon")
            #expect(again.asOf < later.asOf)
            await #expect(throws: AppError.self) { try await rehearsal.context.snapshotRoles(of: "edlevo") }
        }
    }
}
