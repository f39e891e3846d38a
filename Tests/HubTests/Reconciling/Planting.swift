import ConnectorKit
import Foundation
import Hub
import Mapping
import Reconciliation
import SchoolRecords
import Synchronization
import TestChance

/// What a run has to say of a row that somebody has put wrong.
struct Planted: Hashable, CustomStringConvertible {
    let system: String
    let kind: String
    let key: String
    let situation: Situation
    let cause: Cause
    let remedy: Remedy
    let fields: [String]
    let authority: String?
    /// The name of the disagreement.
    let name: String

    var description: String {
        "\(self.name): \(self.system) \(self.kind) \(self.situation) \(self.cause) \(self.remedy) \(self.fields) \(self.authority ?? "-")"
    }

    static func == (left: Planted, right: Planted) -> Bool {
        (left.system, left.kind, left.key) == (right.system, right.kind, right.key) && left.situation == right.situation
            && left.cause == right.cause && left.remedy == right.remedy && left.fields == right.fields
            && left.authority == right.authority
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(self.system)
        hasher.combine(self.kind)
        hasher.combine(self.key)
        hasher.combine(self.situation)
    }
}

/// Puts rows of systems wrong, each in a way that has a name, and remembers what has to be found.
struct Planting {
    let world: ReconcileWorld
    /// Of each disagreement so many.
    let amount: Int
    /// Records that were kept back from Vega on the way, by what became of them.
    let keptBack: [String: [RecordKey]]
    var random: SeededRandom
    private(set) var planted: [Planted] = []
    private(set) var names: [String] = []
    private var used: [String: Set<RowIdentity>] = [:]
    private var pools: [String: [RowIdentity]] = [:]
    /// Records that give a planted row, and those of them that something stands in the way of: everything that they give is theirs.
    private var givingPlanted: Set<RecordKey> = []
    private var hindered: Set<RecordKey> = []
    /// Persons whose row in Unikum is away: nothing else is planted on what names them.
    private var away: Set<String> = []

    init(_ world: ReconcileWorld, amount: Int, keptBack: [String: [RecordKey]], seed: UInt64) {
        self.world = world
        self.amount = amount
        self.keptBack = keptBack
        self.random = SeededRandom(seed: seed)
    }

    // MARK: Choosing

    /// Rows that the system holds as it should, and that nothing is planted on yet.
    ///
    /// - Parameter hinders: whether something will stand in the way of the records that give them.
    mutating func rows(
        _ system: String, _ kind: String, _ count: Int? = nil, hinders: Bool = false,
        where isWanted: (RowIdentity, [String: String]) -> Bool = { _, _ in true }
    ) throws -> [RowIdentity] {
        let name = "\(system) \(kind)"
        if self.pools[name] == nil {
            let all = (self.world.expected[system] ?? [:]).keys.filter { $0.kind == kind }.sorted { $0.key < $1.key }
            self.pools[name] = all.shuffled(using: &self.random)
        }
        var found: [RowIdentity] = []
        var rest: [RowIdentity] = []
        let held = self.world.systems[system]?.state.withLock { $0.rows } ?? [:]
        for row in self.pools[name] ?? [] {
            let givers = self.givers(system, row)
            let isFree =
                self.used[system]?.contains(row) != true && self.hindered.isDisjoint(with: givers)
                && (!hinders || self.givingPlanted.isDisjoint(with: givers))
            if found.count < count ?? self.amount, isFree, let fields = held[row], !self.namesAway(system, row),
                isWanted(row, fields)
            {
                found.append(row)
                self.givingPlanted.formUnion(givers)
                if hinders { self.hindered.formUnion(givers) }
            } else {
                rest.append(row)
            }
        }
        self.pools[name] = rest
        self.used[system, default: []].formUnion(found)
        guard found.count == count ?? self.amount else {
            throw TestProblem("only \(found.count) rows of \(name) are left for \(self.names.last ?? "-")")
        }
        return found
    }

    private func namesAway(_ system: String, _ row: RowIdentity) -> Bool {
        system == "unikum" && row.key.split(separator: "|").contains { self.away.contains(String($0)) }
    }

    func givers(_ system: String, _ row: RowIdentity) -> [RecordKey] { self.world.givers[system]?[row] ?? [] }
    func fields(_ system: String, _ row: RowIdentity) -> [String: String] { self.world.expected[system]?[row] ?? [:] }

    func hold(_ system: String, _ row: RowIdentity, _ fields: [String: String]?) {
        self.world.systems[system]?.state.withLock { $0.rows[row] = fields?.filter { !$0.value.isEmpty } }
    }

    // MARK: Remembering

    mutating func begin(_ name: String) { self.names.append(name) }

    mutating func expect(
        _ system: String, _ row: RowIdentity, _ situation: Situation, _ cause: Cause, _ remedy: Remedy, _ fields: [String] = [],
        authority: String? = "edlevo"
    ) {
        self.planted.append(
            Planted(
                system: system, kind: row.kind, key: row.key, situation: situation, cause: cause, remedy: remedy, fields: fields,
                authority: authority, name: self.names.last ?? ""))
    }

    // MARK: Ways to put things wrong

    /// The system has lost rows.
    mutating func lose(_ system: String, _ kind: String, as situation: Situation = .missing, authority: String = "edlevo") throws
    {
        for row in try self.rows(system, kind) {
            self.hold(system, row, nil)
            self.expect(system, row, situation, .lost, .sendAgain, authority: authority)
        }
    }

    /// Persons that Unikum has lost, with everything that names them left.
    mutating func losePersons() throws {
        // One of each kind of row that names persons, and then whoever comes.
        let kinds = Dictionary(grouping: (self.world.expected["unikum"] ?? [:]).keys.filter { $0.key.contains("|") }, by: \.kind)
        var rows: [RowIdentity] = []
        for kind in kinds.keys.sorted() where rows.count < self.amount {
            let named = Set((kinds[kind] ?? []).flatMap { $0.key.split(separator: "|").map(String.init) })
            guard self.world.expected["unikum"]?.keys.contains(where: { $0.kind == "person" && named.contains($0.key) }) == true
            else { continue }
            rows += try self.rows("unikum", "person", 1) { row, _ in named.contains(row.key) }
        }
        rows += try self.rows("unikum", "person", self.amount - rows.count)
        self.away = Set(rows.map(\.key))
        for row in rows {
            self.hold("unikum", row, nil)
            self.expect("unikum", row, .missing, .lost, .sendAgain)
        }
        let held = self.world.systems["unikum"]?.state.withLock { $0.rows } ?? [:]
        for row in held.keys where row.kind != "person" && self.namesAway("unikum", row) {
            self.used["unikum", default: []].insert(row)
            self.expect("unikum", row, .dependencyBroken, .endMissing, .mendAwaited)
        }
    }

    /// The system shows something else in fields of rows.
    mutating func change(
        _ system: String, _ kind: String, _ natures: [String: FieldNature], as situation: Situation = .different,
        authority: String = "edlevo", where isWanted: (RowIdentity, [String: String]) -> Bool = { _, _ in true },
        _ change: (inout [String: String]) -> Void
    ) throws {
        let rows = try self.rows(system, kind) { row, fields in
            var other = fields
            change(&other)
            return other.filter { !$0.value.isEmpty } != fields && isWanted(row, fields)
        }
        for row in rows {
            var fields = self.fields(system, row)
            change(&fields)
            self.hold(system, row, fields)
            self.expect(
                system, row, situation, .changedThere, .sendAgain,
                natures.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" },
                authority: authority)
        }
    }

    /// The same rows of a record are given to the system once more, with others beside.
    func give(
        _ system: String, _ record: RecordKey, adding ghosts: [TargetRow] = [], instead: [RowIdentity: [String: String]] = [:]
    )
        async throws
    {
        guard let state = try await self.world.hub.store.states(of: [record], in: system)[record] else {
            throw TestProblem("\(system) hasn't been given the \(record.entity)")
        }
        let rows = state.rows.map { TargetRow(kind: $0.kind, key: $0.key, fields: instead[$0.identity] ?? $0.fields) } + ghosts
        try await self.world.hub.store.settle(
            [Settlement(key: record, sequence: state.sequence, outcome: .applied(rows: rows, references: [], missing: []))],
            in: system, time: HubClock.system.timestamp)
    }

    /// Rows that a record of the kind might have given: of the same fields but one.
    mutating func ghosts(_ system: String, like kind: String, _ field: String, _ value: (Int) -> String) throws -> [(
        record: RecordKey, row: TargetRow
    )] {
        let expected = self.world.expected[system] ?? [:]
        let keyFields = system == "unikum" ? ["from", "to"] : ["skola", "personnummer"]
        func ghost(_ number: Int, _ row: RowIdentity, _ fields: [String: String]) -> TargetRow {
            var fields = fields
            fields[field] = value(number)
            let key = row.key.contains("|") ? keyFields.map { fields[$0] ?? "" }.joined(separator: "|") : fields[field] ?? ""
            return TargetRow(kind: kind, key: key, fields: fields)
        }
        var number = 0
        var seen: Set<RowIdentity> = []
        var made: [(record: RecordKey, row: TargetRow)] = []
        let givers = self.world.givers[system] ?? [:]
        _ = try self.rows(system, kind) { row, fields in
            let row = ghost(number, row, fields)
            guard expected[row.identity] == nil,
                let record = givers[RowIdentity(kind: kind, key: Self.key(of: fields, keyFields, row))]?.first
                    ?? nil, seen.insert(row.identity).inserted
            else { return false }
            made.append((record, row))
            number += 1
            return true
        }
        return made
    }

    private static func key(of fields: [String: String], _ keyFields: [String], _ row: TargetRow) -> String {
        row.key.contains("|") ? keyFields.map { fields[$0] ?? "" }.joined(separator: "|") : fields["id"] ?? ""
    }

    func fail(_ system: String, _ record: RecordKey, sequence: Int64) async throws {
        try await self.world.hub.store.record(
            [
                NewFailure(
                    stage: .delivery, system: system, key: record, sequence: sequence, kind: "rejected", code: "row-refused",
                    field: nil, place: nil, message: "the system refused it", body: nil)
            ], time: HubClock.system.timestamp)
    }

    /// Sets records aside with a mass change.
    func hold(aside records: [RecordKey], in system: String, id: String) async throws {
        let change = HeldChange(
            id: id, direction: .target, system: system, entity: "rows", mode: "changes", living: 1000,
            counts: ChangeCounts(updates: records.count), excess: [], time: HubClock.system.timestamp)
        _ = try await self.world.hub.store.hold(change, marks: [], samples: [], aside: Set(records), replacing: nil)
    }
}
