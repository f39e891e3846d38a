import ConnectorKit
import Foundation
import Mapping
import Messaging
import SchoolRecords

/// The outbound mapping of many records at once, with the records that they refer to.
///
/// A referred record is there for a system when its present state has been given to it, or is given in the same go;
/// a record that refers to one that isn't there waits for it, with everything else of it written.
struct Projections {
    enum Outcome {
        case projected(rows: [TargetRow], references: Set<RecordKey>, missing: Set<RecordKey>)
        case failed(NewFailure)
    }

    private let planner: DeliveryPlanner
    private let candidates: [RecordKey: RecordChange]
    private var documents: [RecordKey: JSONDocument] = [:]
    private var lookedUp: [RecordKey: LookedUp] = [:]
    /// Looked-up records that are there only because this plan gives them.
    private var dependsOnPlan: Set<RecordKey> = []
    /// Looked-up records that the system has in an older state; their newer one is on its way to it.
    private(set) var behind: Set<RecordKey> = []
    private var outcomes: [RecordKey: Outcome] = [:]
    /// The rows of roles that are revoked, by what the grants say: also those that the hub never gave.
    private(set) var revoked: [RecordKey: [TargetRow]] = [:]
    /// Records that the system has been given before.
    private let given: Set<RecordKey>

    /// Records that the system isn't given, whatever its mapping says.
    private let unwanted: Set<RecordKey>

    /// What is sent as it was, for the states that are candidates.
    private let forms: [RecordKey: DeliveredForm]

    /// What the system is given of protected persons.
    private let protected: SystemForms

    init(
        planner: DeliveryPlanner, candidates: [RecordKey: RecordChange], given: Set<RecordKey> = [],
        forms: [RecordKey: KeptForm] = [:], protected: SystemForms = SystemForms(), unwanted: Set<RecordKey> = []
    ) {
        self.protected = protected
        self.planner = planner
        self.unwanted = unwanted
        self.given = given
        self.candidates = candidates
        self.forms = forms.filter { key, kept in
            candidates[key].map { $0.sequence == kept.sequence && $0.operation == .upserted } ?? false
        }.mapValues(\.form)
    }

    /// What is sent as it was isn't mapped. But the mappings of today still say what a system may be given: a field that they don't
    /// name, or a person who is protected now, goes to nobody.
    private mutating func takeForms() async throws {
        for (key, form) in self.forms {
            guard let change = self.candidates[key] else { continue }
            let mapping = self.planner.mappings.outbound(system: self.planner.system, entity: key.entity)
            let isAllowed = form.rows.allSatisfy { row in
                row.fields.keys.allSatisfy { mapping?.sets($0, of: row.kind) ?? false }
            }
            let isProtected = try await !self.planner.store.holds(form.references).isEmpty
            guard let mapping, mapping.takes(from: change.source), isAllowed, !isProtected else {
                self.outcomes[key] = .failed(
                    NewFailure(
                        stage: .delivery, system: self.planner.system, key: key, sequence: change.sequence, kind: "mapping",
                        code: NewFailure.Code.formWithdrawn.rawValue, field: nil, place: mapping?.file,
                        message:
                            "What was refused of the \(key.entity.rawValue) holds what \(self.planner.system) isn't given any "
                            + "more. Send it by today's mapping, without --as-was.", body: change.body))
                continue
            }
            let given = try await self.planner.store.sequences(of: form.missing, in: self.planner.system)
            self.outcomes[key] = .projected(
                rows: form.rows, references: form.references, missing: form.missing.filter { given[$0] == nil })
        }
    }

    func outcome(of key: RecordKey) -> Outcome {
        self.outcomes[key] ?? .projected(rows: [], references: [], missing: [])
    }

    /// Maps every candidate; afterwards each has an outcome.
    mutating func settle() async throws {
        try await self.takeForms()
        var open = self.candidates.keys.filter { self.outcomes[$0] == nil }.sorted()
        while !open.isEmpty {
            var needed: Set<RecordKey> = []
            var again: [RecordKey] = []
            for key in open {
                guard let change = self.candidates[key] else { continue }
                switch self.project(change) {
                case .outcome(let outcome): self.outcomes[key] = outcome
                case .needs(let keys):
                    // A mapping that asks again for what it has been given would ask for ever.
                    let unknown = keys.filter { self.lookedUp[$0] == nil }
                    guard !unknown.isEmpty else {
                        self.outcomes[key] = .failed(self.failure(change, code: .unresolvableReference))
                        continue
                    }
                    needed.formUnion(unknown)
                    again.append(key)
                }
            }
            try await self.lookUp(needed)
            open = again
            if open.isEmpty { open = self.retract() }
        }
    }

    /// Records that failed aren't there for others after all: those are mapped again without them.
    private mutating func retract() -> [RecordKey] {
        let failed = self.dependsOnPlan.filter { key in
            if case .failed? = self.outcomes[key] { return true }
            return false
        }
        guard !failed.isEmpty else { return [] }
        self.dependsOnPlan.subtract(failed)
        for key in failed { self.lookedUp[key] = .missing }
        return self.outcomes.compactMap { key, outcome in
            guard case .projected(_, let references, _) = outcome, !references.isDisjoint(with: failed), self.forms[key] == nil
            else { return nil }
            return key
        }.sorted()
    }

    private enum Step {
        case outcome(Outcome)
        case needs(Set<RecordKey>)
    }

    private mutating func project(_ change: RecordChange) -> Step {
        let nothing = Outcome.projected(rows: [], references: [], missing: [])
        guard change.concerns(self.planner.system), !self.unwanted.contains(change.key),
            let mapping = self.planner.mappings.outbound(system: self.planner.system, entity: change.key.entity),
            mapping.takes(from: change.source)
        else { return .outcome(nothing) }
        guard change.operation == .upserted else {
            return change.role == nil ? .outcome(nothing) : self.revoke(change, mapping)
        }
        do {
            let document: JSONDocument
            if let known = self.documents[change.key] {
                document = known
            } else {
                document = self.protected.trimmed(try JSONDocument(parsing: change.body), of: change.key.entity)
                self.documents[change.key] = document
            }
            switch try mapping.apply(document, today: self.planner.today, lookedUp: self.lookedUp) {
            case .needs(let keys): return .needs(keys)
            case .rows(let projection):
                return .outcome(
                    .projected(
                        rows: projection.rows.map { TargetRow(kind: $0.kind, key: $0.key, fields: $0.fields) },
                        references: projection.references, missing: projection.missing))
            }
        } catch let failure as MappingFailure {
            return .outcome(.failed(self.failure(change, failure)))
        } catch {
            return .outcome(.failed(self.failure(change, code: .unreadableBody)))
        }
    }

    /// What a role that is revoked gave, or would have given, while it held.
    private mutating func revoke(_ change: RecordChange, _ mapping: OutboundMapping) -> Step {
        let done = Step.outcome(.projected(rows: [], references: [], missing: []))
        // What is known to have been given is taken away in any case.
        let isGiven = self.given.contains(change.key)
        do {
            let document = try JSONDocument(parsing: change.body)
            let grant = document.value
            // Of somebody whose identity is protected by now only the system is told.
            guard grant["person"] != nil else { return done }
            var day = self.planner.today
            if let start = grant["startDate"]?.stringValue.flatMap({ CalendarDate($0) }) { day = max(day, start) }
            if let end = grant["endDate"]?.stringValue.flatMap({ CalendarDate($0) }) { day = min(day, end) }
            switch try mapping.apply(document, today: day, lookedUp: self.lookedUp) {
            case .needs(let keys): return .needs(keys)
            case .rows(let projection):
                guard projection.missing.isEmpty || isGiven else {
                    return .outcome(.failed(self.failure(change, code: .roleUnknown)))
                }
                self.revoked[change.key] = projection.rows.map { TargetRow(kind: $0.kind, key: $0.key, fields: $0.fields) }
                return done
            }
        } catch let failure as MappingFailure {
            return isGiven ? done : .outcome(.failed(self.failure(change, failure)))
        } catch {
            return isGiven ? done : .outcome(.failed(self.failure(change, code: .unreadableBody)))
        }
    }

    private func failure(_ change: RecordChange, _ failure: MappingFailure) -> NewFailure {
        NewFailure(
            stage: .delivery, system: self.planner.system, key: change.key, sequence: change.sequence, kind: "mapping",
            code: failure.code, field: failure.field, place: "\(failure.file):\(failure.line)", message: failure.message,
            body: change.body)
    }

    private func failure(_ change: RecordChange, code: NewFailure.Code) -> NewFailure {
        NewFailure(
            stage: .delivery, system: self.planner.system, key: change.key, sequence: change.sequence, kind: "mapping",
            code: code.rawValue, field: nil, place: nil,
            message: "The \(change.key.entity.rawValue) can't be mapped for \(self.planner.system): \(code.rawValue).",
            body: change.body)
    }

    /// Records that the vault holds, as far as the system is given something in their place.
    private mutating func lookUp(protected keys: Set<RecordKey>) async throws {
        let forms = keys.compactMap { self.protected.living[$0] }
        guard !forms.isEmpty else { return }
        let given = try await self.planner.store.sequences(of: Set(forms.map(\.key)), in: self.planner.system)
        for form in forms {
            let isGiven = (given[form.key] ?? 0) >= form.sequence
            let isPlanned = self.candidates[form.key]?.sequence == form.sequence
            guard isGiven || isPlanned, let document = self.protected.document(of: form.key) else {
                self.lookedUp[form.key] = .missing
                if given[form.key] != nil { self.behind.insert(form.key) }
                continue
            }
            self.lookedUp[form.key] = .found(document)
            if !isGiven {
                self.dependsOnPlan.insert(form.key)
                if case .failed? = self.outcomes[form.key] { self.lookedUp[form.key] = .missing }
            }
        }
    }

    private mutating func lookUp(_ keys: Set<RecordKey>) async throws {
        guard !keys.isEmpty else { return }
        let store = self.planner.store
        let withheld = try await store.holds(keys)
        let open = keys.subtracting(withheld)
        let records = try await store.records(Array(open))
        let given = try await store.sequences(of: open, in: self.planner.system)
        for key in withheld { self.lookedUp[key] = .withheld }
        try await self.lookUp(protected: withheld)
        for key in open {
            guard let record = records[key] else {
                self.lookedUp[key] = .missing
                continue
            }
            guard record.operation == .upserted else {
                // Gone for good: what refers to it has no row, and nothing to wait for.
                self.lookedUp[key] = .withheld
                continue
            }
            // Its own records a system has, though nobody gives them to it.
            let isGiven = record.source == self.planner.system || (given[key] ?? 0) >= record.sequence
            let isPlanned = self.candidates[key]?.sequence == record.sequence
            if !isGiven, !isPlanned {
                self.lookedUp[key] = .missing
                if given[key] != nil { self.behind.insert(key) }
            } else if let document = try? JSONDocument(parsing: record.body) {
                self.lookedUp[key] = .found(self.protected.trimmed(document, of: key.entity))
                if !isGiven {
                    self.dependsOnPlan.insert(key)
                    if case .failed? = self.outcomes[key] { self.lookedUp[key] = .missing }
                }
            } else {
                self.lookedUp[key] = .missing
            }
        }
    }
}
