import SchoolRecords

/// An example in a mapping file: what goes in, and what shall come out.
struct Example: Sendable {
    enum Expectation: Sendable {
        case record(JSONValue)
        /// Nothing comes out: the file's `when` leaves it out.
        case nothing
        case rows([ExpectedRow])
        case failure(String)
    }

    struct ExpectedRow: Sendable, Hashable {
        let kind: String
        let fields: [String: String]
    }

    let system: String
    let direction: SystemDescription.Direction
    let entity: Entity
    let name: String?
    let position: Position
    let today: CalendarDate
    let input: JSONValue
    let lookedUp: [RecordKey: LookedUp]
    let expectation: Expectation
    /// What the rows shall wait for; not compared when `nil`.
    let waitsFor: Set<RecordKey>?
    /// What shall have been left out for good; not compared when `nil`.
    let withheld: Set<RecordKey>?

    func run(in set: MappingSet) -> ExampleResult {
        let difference: String?
        do throws(MappingFailure) {
            if self.direction == .source, let mapping = set.inbound(system: self.system, entity: self.entity) {
                difference = self.compare(record: try mapping.apply(self.input, today: self.today))
            } else if self.direction == .target, let mapping = set.outbound(system: self.system, entity: self.entity) {
                difference = try self.runOutbound(mapping)
            } else {
                difference = "there is no mapping"
            }
        } catch {
            if case .failure(let code) = self.expectation {
                difference = code == error.code ? nil : "failed with \(error.code), not \(code): \(error.message)"
            } else {
                difference = "failed with \(error.code): \(error.message)"
            }
        }
        return ExampleResult(
            file: self.position.file, line: self.position.line, name: self.name, passed: difference == nil,
            difference: difference)
    }

    // MARK: Inbound

    private func compare(record: JSONValue?) -> String? {
        switch (self.expectation, record) {
        case (.nothing, nil): return nil
        case (.nothing, _): return "gave a record, and nothing was expected"
        case (.failure(let code), _): return "gave a result, and the failure \(code) was expected"
        case (.rows, _): return "an example of records from a source has `output: {…}`, not rows"
        case (.record, nil): return "gave nothing: the file's `when` doesn't hold"
        case (.record(let expected), let record?):
            if let difference = Self.difference(expected, record, at: "") { return difference }
            do throws(RecordError) {
                let normal = try SchoolRecord.validate(self.entity, record)
                return normal == record
                    ? nil : Self.difference(record, normal, at: "").map { "the record isn't in normal form: \($0)" }
            } catch {
                return "the result is no valid record: \(error)"
            }
        }
    }

    static func difference(_ expected: JSONValue, _ found: JSONValue, at path: String) -> String? {
        switch (expected, found) {
        case (.object(let left), .object(let right)):
            for name in Set(left.keys).union(right.keys).sorted() {
                let inner = path.isEmpty ? name : "\(path).\(name)"
                switch (left[name], right[name]) {
                case (let left?, let right?):
                    if let difference = Self.difference(left, right, at: inner) { return difference }
                case (let left?, nil): return "\(inner): expected \(Self.text(left)), found nothing"
                case (nil, let right?): return "\(inner): expected nothing, found \(Self.text(right))"
                case (nil, nil): break
                }
            }
            return nil
        case (.array(let left), .array(let right)):
            guard left.count == right.count else { return "\(path): expected \(left.count) elements, found \(right.count)" }
            for (index, pair) in zip(left, right).enumerated() {
                if let difference = Self.difference(pair.0, pair.1, at: "\(path)[\(index)]") { return difference }
            }
            return nil
        default:
            return expected == found ? nil : "\(path): expected \(Self.text(expected)), found \(Self.text(found))"
        }
    }

    private static func text(_ value: JSONValue) -> String { String(decoding: value.canonicalData, as: UTF8.self) }

    // MARK: Outbound

    private func runOutbound(_ mapping: OutboundMapping) throws(MappingFailure) -> String? {
        let input: JSONValue
        do throws(RecordError) {
            input = try SchoolRecord.validate(self.entity, self.input)
        } catch {
            return "the example's input is no valid record: \(error)"
        }
        switch try mapping.apply(input, today: self.today, lookedUp: self.lookedUp) {
        case .needs(let keys):
            return "needs \(Self.list(keys)); give them under looked_up, or say missing or withheld there"
        case .rows(let projection): return self.compare(projection)
        }
    }

    private func compare(_ projection: Projection) -> String? {
        let expected: [ExpectedRow]
        switch self.expectation {
        case .nothing: expected = []
        case .rows(let rows): expected = rows
        case .record: return "an example of rows has `output: [ … ]`, not a record"
        case .failure(let code): return "gave rows, and the failure \(code) was expected"
        }
        for (index, pair) in zip(expected, projection.rows).enumerated() {
            let (wanted, row) = pair
            guard wanted.kind == row.kind else { return "row \(index + 1): expected \(wanted.kind), found \(row.kind)" }
            let left = JSONValue.object(wanted.fields.mapValues(JSONValue.string))
            let right = JSONValue.object(row.fields.mapValues(JSONValue.string))
            if let difference = Self.difference(left, right, at: "") { return "row \(index + 1) (\(row.kind)): \(difference)" }
        }
        guard expected.count == projection.rows.count else {
            return
                "expected \(expected.count) rows, found \(projection.rows.count): \(projection.rows.map(\.kind).joined(separator: ", "))"
        }
        if let waitsFor, waitsFor != projection.missing {
            return "expected to wait for \(Self.list(waitsFor)), waits for \(Self.list(projection.missing))"
        }
        if let withheld, withheld != projection.withheld {
            return "expected \(Self.list(withheld)) as withheld, found \(Self.list(projection.withheld))"
        }
        return nil
    }

    private static func list(_ keys: Set<RecordKey>) -> String {
        keys.isEmpty ? "nothing" : keys.sorted().map(\.description).joined(separator: ", ")
    }
}
