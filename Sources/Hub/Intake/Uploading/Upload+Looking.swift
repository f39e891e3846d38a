import ConnectorKit
import Foundation
import Mapping
import Messaging
import SchoolRecords

/// What becomes of each row.
extension Upload {
    /// Rows that were looked at.
    struct Looked {
        var report: UploadReport
        /// What goes on into the register.
        var records: [SourceRecord] = []
        var deleted: [RecordKey] = []
        var failures: [NewFailure] = []
    }

    /// A record that can be taken, with its row.
    private struct Usable {
        let place: Int
        let record: SourceRecord
        /// Where it stands in the register, or among the withheld.
        let key: RecordKey
        /// As it would stand there.
        let state: RecordState?
        /// What would be withheld.
        let withheld: Data?
    }

    /// Goes through the rows as a reading does, and changes nothing.
    func look(at rows: [UploadedRow]) async throws -> Looked {
        let reader = RecordReader(
            source: self.system, mappings: self.mappings.set, today: self.clock.calendarDate, key: self.key)
        let protected = try await ProtectedPersons.read(
            self.store, key: self.key, family: self.mappings.set.privacy.family)
        let names = SystemNames(system: self.system)
        var looked = Looked(
            report: UploadReport(source: self.system, entity: self.entity.rawValue, isComplete: self.isComplete))
        var outcomes: [UploadReport.Row.Outcome] = Array(repeating: .unchanged, count: rows.count)
        var problems: [Int: UploadProblem] = [:]
        var usable: [Usable] = []
        var excluded: [(place: Int, record: SourceRecord, key: RecordKey)] = []
        var gone: [(place: Int, key: RecordKey)] = []
        var places: [RecordKey: Int] = [:]
        lazy var uses = self.mappings.set.fieldUses.filter {
            $0.system == self.system && $0.direction == "source" && $0.kind == self.entity.rawValue
        }
        for (place, row) in rows.enumerated() {
            switch row.content {
            case .unusable(let problem): problems[place] = problem
            case .deletion(let key):
                let key = names.registered(key)
                if let problem = Self.twice(key, row, &places) { problems[place] = problem } else { gone.append((place, key)) }
            case .record(let given):
                let record = SourceRecord(key: names.registered(given.key), document: given.document)
                switch reader.read(record) {
                case .failed(let failure):
                    problems[place] = Self.problem(failure, uses)
                    looked.failures.append(failure)
                case .excluded:
                    if let problem = Self.twice(record.key, row, &places) {
                        problems[place] = problem
                    } else {
                        excluded.append((place, given, record.key))
                    }
                case .record(let key, let body, let protection):
                    if let problem = self.foreign(key, body) ?? Self.twice(key, row, &places) {
                        problems[place] = problem
                        continue
                    }
                    let isWithheld =
                        protection == .protected
                        || (protection == .unsaid && protected.isAbout(self.entity, body))
                    usable.append(
                        Usable(
                            place: place, record: given, key: key,
                            state: isWithheld
                                ? nil
                                : RecordState(key: key, owner: nil, body: protected.masked(body, self.entity).canonicalData),
                            withheld: isWithheld ? body.canonicalData : nil))
                }
            }
        }
        try await self.refuseForeign(usable.map { ($0.place, $0.key) } + excluded.map { ($0.place, $0.key) } + gone, &problems)
        for (place, outcome) in try await self.outcomes(usable.filter { problems[$0.place] == nil }) { outcomes[place] = outcome }
        let own = try await self.store.liveIDs(of: self.entity, source: self.system)
        for (place, record, key) in excluded where problems[place] == nil {
            outcomes[place] = own.contains(key.id) ? .deleted : .excluded
            looked.records.append(record)
        }
        for (place, key) in gone where problems[place] == nil {
            outcomes[place] = own.contains(key.id) ? .deleted : .unchanged
            looked.deleted.append(names.own(key))
        }
        looked.records += usable.filter { problems[$0.place] == nil }.map(\.record)
        if self.isComplete {
            // What goes because its own row says so isn't missing.
            let named = Set(usable.map(\.key.id)).union(excluded.map(\.key.id)).union(gone.map(\.key.id))
            looked.report.missing = own.subtracting(named).count
        }
        looked.report.rows = rows.enumerated().map { place, row in
            UploadReport.Row(
                number: row.number, line: row.line, outcome: problems[place] == nil ? outcomes[place] : .failed,
                problem: problems[place])
        }
        return looked
    }

    private static func twice(_ key: RecordKey, _ row: UploadedRow, _ places: inout [RecordKey: Int]) -> UploadProblem? {
        guard let earlier = places.updateValue(row.number, forKey: key) else { return nil }
        places[key] = earlier
        return UploadProblem(
            "row-twice", sv: "Rad \(earlier) är om samma post. Ta bort en av dem.",
            en: "Row \(earlier) is about the same record. Take one of them away.")
    }

    /// A unit that who hands it in has nothing to do with.
    private func foreign(_ key: RecordKey, _ body: JSONValue) -> UploadProblem? {
        guard case .units(let own) = self.units, !UploadUnits.of(self.entity, body, id: key.id).isSubset(of: own) else {
            return nil
        }
        return UploadProblem(
            "foreign-unit", sv: "Raden hör till en skolenhet som du inte får lämna uppgifter för.",
            en: "The row belongs to a school unit for which you may not hand in anything.")
    }

    /// What another source has given is that source's: nobody takes it over by handing in a row of the same id.
    private func refuseForeign(_ keys: [(place: Int, key: RecordKey)], _ problems: inout [Int: UploadProblem]) async throws {
        var rest = keys[...]
        while !rest.isEmpty {
            let chunk = rest.prefix(500)
            rest = rest.dropFirst(500)
            let known = try await self.store.records(chunk.map(\.key))
            for (place, key) in chunk {
                guard let record = known[key], record.operation == .upserted else { continue }
                if record.source != self.system {
                    problems[place] = UploadProblem(
                        "foreign-record", sv: "En annan källa har en post med detta id. Den ändras bara där.",
                        en: "Another source has a record of this id. It is changed there alone.")
                } else if problems[place] == nil, case .units(let own) = self.units {
                    // Not only what the record is to be: also what it has been.
                    let units = UploadUnits.of(self.entity, try JSONValue(parsing: record.body), id: key.id)
                    if !units.isSubset(of: own) {
                        problems[place] = UploadProblem(
                            "foreign-unit", sv: "Raden hör till en skolenhet som du inte får lämna uppgifter för.",
                            en: "The row belongs to a school unit for which you may not hand in anything.")
                    }
                }
            }
        }
    }

    /// Who is protected is told like everybody else: by whether what is kept is what came.
    private func outcomes(_ usable: [Usable]) async throws -> [(Int, UploadReport.Row.Outcome)] {
        var outcomes: [(Int, UploadReport.Row.Outcome)] = []
        var rest = usable.filter { $0.state != nil }[...]
        while !rest.isEmpty {
            let chunk = Array(rest.prefix(500))
            rest = rest.dropFirst(500)
            let comparisons = try await self.store.compare(chunk.compactMap(\.state), source: self.system)
            for (record, comparison) in zip(chunk, comparisons) {
                outcomes.append((record.place, Self.outcome(comparison.difference)))
            }
        }
        let withheld = usable.filter { $0.withheld != nil }
        guard !withheld.isEmpty else { return outcomes }
        var kept: [RecordKey: Data] = [:]
        for content in try await self.store.withheldContents(of: self.entity) { kept[content.key] = content.body }
        for record in withheld {
            let before = kept[record.key]
            outcomes.append((record.place, before == nil ? .created : before == record.withheld ? .unchanged : .updated))
        }
        return outcomes
    }

    private static func outcome(_ difference: RecordDifference) -> UploadReport.Row.Outcome {
        switch difference {
        case .created: .created
        case .updated: .updated
        case .deleted: .deleted
        case .unchanged: .unchanged
        }
    }

    /// A failure with the column that its rule reads, where one rule reads one.
    private static func problem(_ failure: NewFailure, _ uses: [FieldUse]) -> UploadProblem {
        let origins = uses.filter { $0.field == failure.field }.flatMap(\.origins).map(\.path)
        let column = origins.count == 1 ? origins.first : failure.field
        let place = failure.place.map { " (\($0))" } ?? ""
        return UploadProblem(
            failure.code, column: column,
            sv: "\(column ?? "Raden") kan inte användas\(place): \(Self.swedish(failure.code))",
            en: (column == failure.field ? "" : column.map { "\($0): " } ?? "") + failure.message)
    }

    private static func swedish(_ code: String) -> String {
        switch code {
        case MappingFailure.Code.valueWithoutCode.rawValue: "värdet finns inte i kodtabellen."
        case MappingFailure.Code.mandatoryMissing.rawValue: "värdet saknas."
        case MappingFailure.Code.badValue.rawValue: "det är inget värde av rätt sort."
        case MappingFailure.Code.transformFailed.rawValue: "värdet har fel form."
        case NewFailure.Code.invalidField.rawValue: "fältet har inte den form som SS 12000 kräver."
        default: "den går inte att läsa som en post (\(code))."
        }
    }
}
