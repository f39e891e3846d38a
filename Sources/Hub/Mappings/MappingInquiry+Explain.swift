public import Mapping
public import SchoolRecords

extension MappingInquiry {
    /// Explains what a record of the Register gives in a system.
    ///
    /// - Throws: ``Problem`` when there is no such record, or the system's mapping doesn't begin at the Register.
    public func explain(_ key: RecordKey, for system: String, today: CalendarDate) async throws -> Explanation {
        guard try self.system(system).target != nil else { throw Problem.isSource(system) }
        let register = try self.register()
        switch try await register.lookUp([key])[key] {
        case .found(let document):
            return try await self.explain(document.value, key.entity, for: system, today: today, direction: .target)
        case .withheld:
            throw Problem.withheld(key)
        case .missing, nil: throw Problem.noRecord(key)
        }
    }

    /// Explains what a document gives: a source's own for a source, a record in SS 12000's form for a target. Records that
    /// it refers to are looked up in the Register; without one they count as missing.
    ///
    /// - Parameter direction: for a system that is both; `nil` = as a source where it is one of the entity.
    /// - Throws: ``Problem`` when the system has no mapping for the entity, or the document is no such record.
    public func explain(
        _ document: JSONValue, _ entity: Entity, for system: String, today: CalendarDate,
        direction: SystemDescription.Direction? = nil
    ) async throws -> Explanation {
        let name = try self.system(system).name
        if direction != .target, let mapping = self.set.inbound(system: name, entity: entity) {
            return mapping.explain(document, today: today)
        }
        guard direction != .source, let mapping = self.set.outbound(system: system, entity: entity) else {
            let entities =
                (direction == .target ? [] : self.set.inboundEntities(system: system))
                + (direction == .source ? [] : self.set.outboundEntities(system: system))
            throw Problem.noMapping(system, entity, known: Set(entities).sorted())
        }
        let record: JSONValue
        do throws(RecordError) {
            record = try SchoolRecord.validate(entity, document)
        } catch {
            throw Problem.noSuchRecord(entity, error)
        }
        var lookedUp: [RecordKey: LookedUp] = [:]
        while true {
            switch mapping.explain(record, today: today, lookedUp: lookedUp) {
            case .explanation(let explanation): return explanation
            case .needs(let keys):
                let open = keys.filter { lookedUp[$0] == nil }
                guard !open.isEmpty else { throw Problem.asksAgain(mapping.file) }
                let found =
                    if let store = self.store {
                        try await RegisterReader(store: store).lookUp(open)
                    } else { open.reduce(into: [RecordKey: LookedUp]()) { $0[$1] = .missing } }
                lookedUp.merge(found) { first, _ in first }
            }
        }
    }
}
