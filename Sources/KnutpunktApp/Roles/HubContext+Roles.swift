import Foundation
public import Hub
public import Mapping
import Provisioning
import SchoolRecords

extension HubContext {
    /// The role policy in force, or another one over the same systems: what if.
    ///
    /// - Parameter file: a file to take instead of `roles.yaml`.
    /// - Throws: ``AppError`` when there is none, or with everything that is wrong in it.
    public func rolePolicy(_ file: String? = nil) throws -> RolePolicy { try self.mappings.set.rolePolicy(file) }

    /// Reads everybody, and the roles that systems hold, from the register.
    ///
    /// - Parameter withNames: also what persons are called. Ask for permission first.
    public func roleReading(withNames: Bool = false) async throws -> RoleReading {
        // Side by side: opening what is sealed takes most of the time.
        async let people = self.readPersons(withNames: withNames)
        async let places = self.readPlaces()
        async let roles = self.readHeld()
        async let statuses = self.readAccounts()
        var reading = RoleReading()
        reading.protectedPersons = Set(try await self.store.withheldPersons())
        reading.decisions = try await self.standingDecisions(reading.protectedPersons)
        reading.population.decisions = reading.decisions.compactMap(ManualDecision.init)
        (reading.population.persons, reading.names) = try await people
        reading.population.persons += reading.protectedPersons.sorted().map { PersonFacts(id: $0, isProtected: true) }
        let (population, names) = try await places
        reading.places = names
        reading.population.organisations = population.organisations
        reading.population.groups = population.groups
        reading.population.duties = population.duties
        reading.population.placements = population.placements
        reading.population.wholes = Set(
            self.mappings.set.systems.values.compactMap { $0.settings["organisation_id"]?.stringValue })
        reading.held = try await roles
        reading.population.accounts = try await statuses
        return reading
    }

    private func readPersons(withNames: Bool) async throws -> ([PersonFacts], [String: String]) {
        var (persons, names): ([PersonFacts], [String: String]) = ([], [:])
        try await RegisterReader(store: self.store).pages(of: .person) { page in
            for entry in page {
                guard !ProbeRecords.ids.contains(entry.key.id), let person = try? Person(json: entry.document.value) else {
                    continue
                }
                let facts = PersonFacts(person)
                persons.append(facts)
                if withNames, !facts.isProtected { names[person.id] = "\(person.givenName) \(person.familyName)" }
            }
        }
        return (persons, names)
    }

    /// Decisions by hand, but for those about persons who have become protected since, or for protected pupils: the hub knows those by
    /// other ids, and must not plan anything for the real ones.
    ///
    /// - Parameter hidden: the opaque ids of protected persons.
    public func standingDecisions(_ hidden: Set<String>) async throws -> [KeptRoleDecision] {
        try await self.store.roleDecisions(of: nil).filter { decision in
            let pupil = decision.scope.hasPrefix("pupil/") ? String(decision.scope.dropFirst("pupil/".count)) : nil
            return [decision.person, pupil].compactMap { $0 }.allSatisfy { person in
                !hidden.contains(self.key.opaqueKey(for: RecordKey(.person, person)).id)
            }
        }
    }

    /// Organisations, groups, duties and placements, and what places are called.
    private func readPlaces() async throws -> (population: Population, names: [String: String]) {
        let reader = RegisterReader(store: self.store)
        var population = Population()
        var names: [String: String] = [:]
        try await reader.pages(of: .organisation) { page in
            population.organisations += page.compactMap { try? Organisation(json: $0.document.value) }
        }
        try await reader.pages(of: .group) { page in
            population.groups += page.filter(Self.isReal).compactMap { try? Group(json: $0.document.value) }
        }
        try await reader.pages(of: .duty) { page in
            population.duties += page.filter(Self.isReal).compactMap { try? Duty(json: $0.document.value) }
        }
        try await reader.pages(of: .placement) { page in
            population.placements += page.filter(Self.isReal).compactMap { try? Placement(json: $0.document.value) }
        }
        for organisation in population.organisations { names[organisation.id] = organisation.displayName }
        for group in population.groups { names[group.id] = group.displayName }
        return (population, names)
    }

    /// No role follows from a probe's records.
    private static func isReal(_ entry: (key: RecordKey, document: JSONDocument)) -> Bool {
        !ProbeRecords.ids.contains(entry.key.id)
    }

    /// Sources that tell of an entity and have been read whole: before that nobody knows what isn't there.
    private func sources(of entity: Entity) async throws -> [String] {
        let set = self.mappings.set
        var sources: [String] = []
        for system in set.sourceNames where set.inboundEntities(system: system).contains(entity) {
            if try await self.store.mark(source: system, entity: "loaded.\(entity.rawValue)") != nil { sources.append(system) }
        }
        return sources
    }

    /// What each system itself says that it holds: only its own word counts.
    private func readHeld() async throws -> HeldRoles {
        var held = HeldRoles(systems: Set(try await self.sources(of: .roleGrant)))
        for system in held.systems.sorted() {
            for record in try await self.store.roles(in: system, side: .held) {
                guard let value = try? JSONValue(parsing: record.body), let grant = try? RoleGrant(json: value),
                    grant.system == system, !ProbeRecords.ids.contains(grant.person.id)
                else { continue }
                held.grants.append(grant)
            }
        }
        return held
    }

    private func readAccounts() async throws -> [String: [String: AccountState]] {
        var accounts: [String: [String: AccountState]] = [:]
        var unknown: Set<String> = []
        for system in try await self.sources(of: .accountStatus) {
            let states = try await self.store.accountStates(in: system)
            accounts[system] = states ?? [:]
            if states == nil { unknown.insert(system) }
        }
        var last: String?
        while !unknown.isEmpty {
            let records = try await self.store.liveRecords(of: .accountStatus, after: last, limit: RegisterReader.pageSize)
            guard let end = records.last else { break }
            last = end.key.id
            for record in records {
                guard unknown.contains(record.source), let value = try? JSONValue(parsing: record.body),
                    let account = try? AccountStatus(json: value), account.system == record.source
                else { continue }
                accounts[record.source]?[account.person.id] = account.state
            }
        }
        return accounts
    }

    /// Schools and units by code, name or id; a school brings its units.
    ///
    /// - Throws: ``AppError`` when one is nowhere, or means several.
    public func units(named names: [String]) async throws -> Set<String>? {
        names.isEmpty ? nil : try await self.organisations(named: names)
    }

    /// Writes into the audit log that somebody has looked at one person's roles; tells whether the person is protected.
    ///
    /// - Throws: ``AppError`` when the hub knows of no such person.
    public func lookAtRoles(
        of person: String, reason: String, by name: String, clock: HubClock = .system
    ) async throws -> Bool {
        let key = RecordKey(.person, person)
        let reader = PersonReader(store: self.store, mappings: self.mappings.set, key: self.key, today: clock.calendarDate)
        try await self.store.note(
            "person.roles", of: try await reader.subject(of: person), reason: reason, by: name, time: clock.timestamp)
        guard try await self.store.holds([key, self.key.opaqueKey(for: key)]).isEmpty else { return true }
        if try await self.store.records([key])[key] == nil {
            throw AppError(
                .notFound, sv: "Hubben känner inte till någon sådan person. Skriv personens id, inte namn eller nummer.",
                en: "The hub knows of no such person. Write the person's id, not a name or a number.")
        }
        return false
    }

    /// Writes into the audit log that somebody has looked at the roles of many.
    public func lookAtRoles(_ action: String, systems: Set<String>, by name: String, clock: HubClock = .system) async throws {
        let subject = systems.isEmpty ? "systems" : "system/\(systems.sorted().joined(separator: ","))"
        try await self.store.note("roles.\(action)", subject: subject, reason: nil, by: name, time: clock.timestamp)
    }
}

extension MappingSet {
    /// See ``HubContext/rolePolicy(_:)``.
    public func rolePolicy(_ file: String? = nil) throws -> RolePolicy {
        guard let file else {
            if let policy = self.roles { return policy }
            throw AppError(
                .notFound, sv: "Det finns ingen roles.yaml bland mappningarna: docs/roles.md berättar hur en skrivs.",
                en: "There is no roles.yaml among the mappings: see docs/roles.md for how to write one.")
        }
        let text: String
        do {
            text = try String(contentsOfFile: file, encoding: .utf8)
        } catch {
            throw AppError(
                .notFound, sv: "\(file): filen kan inte läsas. Kontrollera sökvägen och rättigheterna.",
                en: "\(file): the file can't be read. Check the path and the rights on it.", cause: error)
        }
        let (policy, diagnostics) = RolePolicy.read(text, file: file, vocabulary: self.roleVocabulary)
        guard let policy else { throw AppError(.mappings, diagnostics.map(\.description).joined(separator: "\n")) }
        return policy
    }
}
