public import Hub

extension HubContext {
    /// Erases persons, and keeps their data by legal holds. To erase somebody, see ``erase(_:although:by:reason:clock:)``.
    public func eraser(clock: HubClock = .system) -> Eraser {
        Eraser(store: self.store, key: self.key, mappings: self.mappings, clock: clock)
    }

    /// Gives the hub another key.
    public func rotator(clock: HubClock = .system) -> KeyRotator {
        KeyRotator(store: self.store, key: self.key, keeper: self.keys, clock: clock)
    }

    /// Erases a person, and ends it when no system has anything.
    ///
    /// - Throws: ``AppError`` when the person mustn't be erased.
    public func erase(
        _ person: String, although isActive: Bool, by: String, reason: String, clock: HubClock = .system
    ) async throws -> Erasure {
        let list = ErasureList(path: self.configuration.erasureListPath)
        let erasure: Erasure
        do {
            erasure = try await self.eraser(clock: clock).erase(person, although: isActive, by: by, reason: reason) {
                try list.add(.init(person: $0.person, time: $0.time, isErased: true))
            }
        } catch let refusal as ErasureRefusal {
            throw refusal.error
        }
        if let done = try await self.settleErasures(clock: clock).first(where: { $0.person == erasure.person }) { return done }
        return try await self.store.erasures().first { $0.person == erasure.person } ?? erasure
    }

    /// Ends erasures that every system has confirmed.
    ///
    /// - Returns: those that are done now; none while somebody else changes the keys.
    @discardableResult
    public func settleErasures(clock: HubClock = .system) async throws -> [Erasure] {
        do {
            return try await self.eraser(clock: clock).settle(with: self.rotator(clock: clock))
        } catch is KeysBusy {
            return []
        }
    }

    /// Lets readings take a person in again.
    ///
    /// - Returns: the opaque id; `nil` when the person isn't erased.
    public func liftErasure(
        _ person: String, by: String, reason: String, clock: HubClock = .system
    ) async throws -> String? {
        guard let opaque = try await self.eraser(clock: clock).lift(person, by: by, reason: reason) else { return nil }
        try ErasureList(path: self.configuration.erasureListPath).add(
            .init(person: opaque, time: clock.timestamp, isErased: false))
        return opaque
    }

    /// Makes sure that whoever the list outside of the store calls erased isn't taken in, whatever store has been put back.
    func heedErasureList() async throws {
        let listed = try ErasureList(path: self.configuration.erasureListPath).read().filter(\.isErased)
        guard !listed.isEmpty else { return }
        let known = Set(try await self.store.erasures().map(\.person))
        for entry in listed where !known.contains(entry.person) {
            try await self.store.begin(
                Erasure(
                    person: entry.person, time: entry.time, by: "hub", reason: "erasure list: an older store was put back",
                    state: .listed), keys: [])
        }
    }

    /// A new key for the hub.
    ///
    /// - Throws: ``AppError`` when somebody else changes the keys just now.
    public func rotateKeys(
        by person: String, reason: String, onStep: (Int) async throws -> Void = { _ in }
    ) async throws -> KeyRotation {
        do {
            return try await self.rotator().rotate(by: person, reason: reason, onStep: onStep)
        } catch is KeysBusy {
            throw AppError(
                .interrupted, sv: "Någon annan byter nycklarna just nu. Försök igen om en stund.",
                en: "Somebody else changes the keys just now. Try again in a while.")
        }
    }

    /// The generations of the hub's key, and how much each has sealed of what is there.
    public struct KeyGeneration: Sendable, Encodable {
        public let number: Int
        /// RFC 3339 in UTC.
        public let made: String?
        public let sealed: Int
        public let isCurrent: Bool
    }

    public func keyGenerations() async throws -> [KeyGeneration] {
        let document = try self.keys.read()
        var counts = try await self.store.sealedCounts()
        // What the first version sealed bears no number.
        counts[1, default: 0] += counts.removeValue(forKey: 0) ?? 0
        return document.generations.map {
            KeyGeneration(
                number: $0.number, made: $0.made, sealed: counts[$0.number] ?? 0, isCurrent: $0.number == document.current)
        }
    }

    /// Everything that the hub holds about a person. The audit log gets who asks and why, before anything is looked up.
    ///
    /// - Parameter isAllowedProtected: called before anything of a protected person is shown; throws when that isn't allowed.
    /// - Throws: ``AppError`` when the hub holds nothing.
    public func exportPerson(
        _ person: String, reason: String, by: String, clock: HubClock = .system,
        isAllowedProtected: () async throws -> Void
    ) async throws -> PersonExport {
        let exporter = PersonExporter(store: self.store, key: self.key, clock: clock)
        let names = try await exporter.names(of: person)
        if names.isProtected { try await isAllowedProtected() }
        try await self.store.note(
            "person.export", of: "person/\(names.opaque)", reason: reason, by: by, time: clock.timestamp)
        guard let export = try await exporter.export(person) else {
            throw AppError(
                .notFound, sv: "Navet har ingenting om någon sådan person.", en: "The hub holds nothing about such a person.")
        }
        return export
    }
}

extension ErasureRefusal {
    /// As it is told.
    var error: AppError {
        switch self {
        case .held(let hold):
            let (sv, en) = hold.until.map { (" till och med \($0)", " until \($0)") } ?? ("", "")
            return AppError(
                .notAllowed,
                sv: "Personens uppgifter måste bevaras\(sv): \(hold.reason). Häv det först: knutpunkt privacy hold PERSON --lift",
                en: "The person's data must be kept\(en): \(hold.reason). Lift that first: knutpunkt privacy hold PERSON --lift")
        case .active:
            return AppError(
                .notAllowed,
                sv:
                    "En källa har personen nu. Ta bort personen där, eller radera ändå med --although-active: läsningar utelämnar "
                    + "då personen tills knutpunkt privacy restore.",
                en:
                    "A source has the person now. Remove the person there, or erase all the same with --although-active: readings "
                    + "leave the person out then until knutpunkt privacy restore.")
        case .again(let erasure):
            return AppError(
                .notAllowed, sv: "Personen raderades \(erasure.time) (\(erasure.state.rawValue)): knutpunkt privacy erasures",
                en: "The person was erased at \(erasure.time) (\(erasure.state.rawValue)): knutpunkt privacy erasures")
        }
    }
}
