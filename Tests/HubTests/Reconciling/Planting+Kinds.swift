import ConnectorKit
import Foundation
import Hub
import Mapping
import Messaging
import Reconciliation
import SchoolRecords
import Synchronization

extension Planting {
    /// What becomes of records that never reach Vega.
    static let fates = ["never given", "failed", "given up", "tried again", "held", "under way"]

    /// Plants everything.
    mutating func plantAll() async throws {
        try self.begin("unikum lost persons, memberships are left") { try $0.losePersons() }
        try self.begin("vega lost pupils") { try $0.lose("vega", "pupil") }
        try self.begin("tempus lost places") { try $0.lose("tempus", "placement") }
        try self.begin("unikum lost memberships") { try $0.lose("unikum", "student_in_class") }
        try self.begin("skola24 lost guardians") { try $0.lose("skola24files", "guardian") }
        try self.begin("skolon lost users") { try $0.lose("skolon", "user", as: .roleMissing, authority: "roles") }
        try self.begin("tempus lost roles") { try $0.lose("tempus", "role", as: .roleMissing, authority: "roles") }
        try await self.plantUndelivered()
        try await self.plantWaiting()
        try self.plantChanges()
        try await self.plantStale()
        try await self.plantUnexpected()
        try self.plantTwins()
        try self.plantBrokenEnds()
        try self.plantLeaks()
    }

    private mutating func begin(_ name: String, _ body: (inout Planting) throws -> Void) throws {
        self.begin(name)
        try body(&self)
    }

    // MARK: Never given

    private mutating func plantUndelivered() async throws {
        let store = self.world.hub.store
        for fate in Self.fates {
            self.begin("vega: \(fate)")
            let records = self.keptBack[fate] ?? []
            let verdict: (Cause, Remedy) =
                switch fate {
                case "never given": (.neverGiven, .sendAgain)
                case "failed": (.failed, .mendMessage)
                case "given up": (.discarded, .reconsider)
                case "tried again": (.retrying, .wait)
                case "held": (.held, .decideHeld)
                default: (.underWay, .wait)
                }
            switch fate {
            case "failed", "given up":
                for record in records { try await self.fail("vega", record, sequence: 1) }
                if fate == "given up" {
                    var filter = FailureFilter()
                    filter.system = "vega"
                    let wanted = Set(records)
                    let ids = try await store.list(filter).filter { $0.failure.key.map(wanted.contains) ?? false }.map(\.id)
                    _ = try await store.discard(ids, reason: "not needed", by: "tester", time: HubClock.system.timestamp)
                }
            case "tried again":
                try await store.settle(
                    records.map { Settlement(key: $0, sequence: 1, outcome: .retry(due: .max, reason: "row-timed-out")) },
                    in: "vega", time: HubClock.system.timestamp)
            case "held": try await self.hold(aside: records, in: "vega", id: "held-pupils")
            default: break
            }
            for record in records {
                self.expect("vega", RowIdentity(kind: "pupil", key: record.id), .missing, verdict.0, verdict.1)
            }
        }
    }

    private mutating func plantWaiting() async throws {
        self.begin("tempus: a place waits for its child")
        for row in try self.rows("tempus", "placement", hinders: true) {
            guard let record = self.givers("tempus", row).first else { continue }
            let state = try await self.world.hub.store.states(of: [record], in: "tempus")[record]
            let rest = (state?.rows ?? []).filter { $0.identity != row }
            try await self.world.hub.store.settle(
                [
                    Settlement(
                        key: record, sequence: state?.sequence ?? 1,
                        outcome: .applied(rows: rest, references: [], missing: [RecordKey(.person, "not-there-yet")]))
                ], in: "tempus", time: HubClock.system.timestamp)
            self.hold("tempus", row, nil)
            self.expect("tempus", row, .missing, .waiting, .mendAwaited)
        }
    }

    // MARK: Other fields

    private mutating func plantChanges() throws {
        try self.begin("tempus: another name") {
            try $0.change("tempus", "child", ["givenName": .other]) { $0["givenName"] = "Någon Annan" }
        }
        try self.begin("vega: letters broken") {
            try $0.change(
                "vega", "pupil", ["familyName": .garbled], where: { $1["familyName"]?.utf8.contains { $0 > 127 } == true }
            ) {
                $0["familyName"] = String(
                    String.UnicodeScalarView(($0["familyName"] ?? "").utf8.map { Unicode.Scalar($0) }))
            }
        }
        try self.begin("unikum: cut short") {
            try $0.change("unikum", "person", ["epost": .shortened]) { $0["epost"] = $0["epost"].map { String($0.dropLast(4)) } }
        }
        try self.begin("tempus: a day early") {
            try $0.change("tempus", "placement", ["startDate": .shiftedDay]) { fields in
                guard let date = fields["startDate"].flatMap({ CalendarDate($0) }) else { return }
                fields["startDate"] = "\(CalendarDate(daysSinceEpoch: date.daysSinceEpoch - 1))"
            }
        }
        try self.begin("unikum: capitals") {
            try $0.change("unikum", "person", ["fornamn": .letterCase]) { $0["fornamn"] = $0["fornamn"]?.uppercased() }
        }
        try self.begin("skola24: spaces in a number") {
            try $0.change("skola24files", "guardian", ["mobil": .spacing], where: { $1["mobil"] != nil }) {
                $0["mobil"] = $0["mobil"].map { $0.prefix(3) + "-" + $0.dropFirst(3) }
            }
        }
        try self.begin("vega: no street") {
            try $0.change("vega", "pupil", ["street": .empty], where: { $1["street"] != nil }) { $0["street"] = nil }
        }
        try self.begin("unikum: a description that nobody gave") {
            try $0.change("unikum", "person", ["beskrivning": .filled]) { $0["beskrivning"] = "hej" }
        }
        try self.begin("tempus: another school type") {
            try $0.change("tempus", "placement", ["schoolType": .other]) { $0["schoolType"] = "XX" }
        }
        try self.begin("vega: zeros before the postal code") {
            try $0.change("vega", "pupil", ["postalCode": .leadingZeros], where: { $1["postalCode"] != nil }) {
                $0["postalCode"] = $0["postalCode"].map { "00" + $0 }
            }
        }
        try self.begin("unikum: two fields at once") {
            try $0.change(
                "unikum", "person", ["fornamn": .other, "efternamn": .shortened], where: { ($1["efternamn"] ?? "").count > 3 }
            ) {
                $0["fornamn"] = "Xyz"
                $0["efternamn"] = $0["efternamn"].map { String($0.dropLast()) }
            }
        }
        try self.begin("tempus: a role until another day") {
            try $0.change("tempus", "role", ["to": .filled], as: .roleDifferent, authority: "roles") { $0["to"] = "2030-01-01" }
        }
    }

    /// Places whose hours have changed in the register, and haven't in Tempus.
    private mutating func plantStale() async throws {
        let store = self.world.hub.store
        for (fate, cause, remedy) in [
            ("failed", Cause.failed, Remedy.mendMessage), ("held", .held, .decideHeld), ("under way", .underWay, .wait),
            ("never given", .neverGiven, .sendAgain),
        ] {
            self.begin("tempus is behind: \(fate)")
            let rows = try self.rows("tempus", "placement", hinders: true)
            let keys = rows.compactMap { self.givers("tempus", $0).first }
            let records = try await store.records(keys)
            var states: [RecordState] = []
            for key in keys {
                guard let record = records[key] else { continue }
                var body = try JSONValue(parsing: record.body)
                body["maxWeeklyScheduleHours"] = .integer((body["maxWeeklyScheduleHours"]?.integerValue ?? 0) + 1)
                states.append(
                    RecordState(
                        key: key, owner: body["child"]?["id"]?.stringValue, body: body.canonicalData,
                        unit: body["placedAt"]?["id"]?.stringValue))
            }
            _ = try await store.take(states, withheld: [], failures: [], source: "edlevo", time: HubClock.system.timestamp)
            try await ReconcileWorld.drain(self.world.hub, late: fate == "under way" ? [] : nil)
            if fate == "failed" { for key in keys { try await self.fail("tempus", key, sequence: 2) } }
            if fate == "held" { try await self.hold(aside: keys, in: "tempus", id: "held-places") }
            for row in rows {
                let nature = self.fields("tempus", row)["hours"] == nil ? "hours empty" : "hours other"
                self.expect("tempus", row, .stale, cause, remedy, [nature])
            }
        }
    }

    // MARK: Too much

    private mutating func plantUnexpected() async throws {
        self.begin("unikum keeps memberships that were taken away")
        for (record, row) in try self.ghosts("unikum", like: "student_in_class", "to", self.otherClass) {
            try await self.give("unikum", record, adding: [row])
            try await self.take("unikum", record, row)
            self.hold("unikum", row.identity, row.fields)
            self.expect("unikum", row.identity, .unexpected, .keptThere, .takeAway)
        }
        self.begin("tempus keeps places that it doesn't let go")
        for row in try self.rows("tempus", "placement") {
            guard let record = self.givers("tempus", row).first else { continue }
            var fields = self.fields("tempus", row)
            fields["id"] = self.uuid()
            let ghost = TargetRow(kind: "placement", key: fields["id"] ?? "", fields: fields)
            try await self.give("tempus", record, adding: [ghost])
            try await self.take("tempus", record, ghost)
            self.hold("tempus", ghost.identity, fields)
            self.expect("tempus", ghost.identity, .unexpected, .keptThere, .removeThere)
        }
        for (name, cause, remedy) in [
            ("failed", Cause.failed, Remedy.mendMessage), ("tried again", .retrying, .wait),
            ("mapping moved", .mappingMoved, .sendAgain),
        ] {
            self.begin("unikum has guardians whose removal is: \(name)")
            for row in try self.rows("unikum", "guardian_for", hinders: true) {
                guard let record = self.givers("unikum", row).first else { continue }
                var fields = self.fields("unikum", row)
                (fields["from"], fields["to"]) = (fields["to"], fields["from"])
                let ghost = TargetRow(kind: row.kind, key: "\(fields["from"] ?? "")|\(fields["to"] ?? "")", fields: fields)
                try await self.give("unikum", record, adding: [ghost])
                self.hold("unikum", ghost.identity, fields)
                let sequence = try await self.world.hub.store.records([record])[record]?.sequence ?? 1
                if cause == .failed { try await self.fail("unikum", record, sequence: sequence) }
                if cause == .retrying {
                    try await self.world.hub.store.settle(
                        [Settlement(key: record, sequence: sequence, outcome: .retry(due: .max, reason: "row-timed-out"))],
                        in: "unikum", time: HubClock.system.timestamp)
                }
                self.expect("unikum", ghost.identity, .unexpected, cause, remedy)
            }
        }
        self.begin("vega has places that nobody gave, of children whom the hub knows")
        for row in try self.rows("vega", "placement") {
            var fields = self.fields("vega", row)
            fields["id"] = self.uuid()
            let ghost = RowIdentity(kind: row.kind, key: fields["id"] ?? "")
            self.hold("vega", ghost, fields)
            self.expect("vega", ghost, .unexpected, .neverManaged, .removeThere)
        }
        self.begin("unikum has persons whom nobody knows")
        for number in 0..<self.amount {
            let key = "unknown-\(number)"
            let row = RowIdentity(kind: "person", key: key)
            self.hold("unikum", row, ["personnummer": key, "fornamn": "Okänd", "efternamn": "Nr \(number)"])
            self.expect("unikum", row, .unexpected, .nobody, .removeThere, authority: nil)
        }
        self.begin("vega has roles that somebody gave there")
        for row in try self.rows("vega", "role") {
            var fields = self.fields("vega", row)
            fields["role"] = "administrator"
            let ghost = RowIdentity(kind: "role", key: row.key.replacing("|handlaggare|", with: "|administrator|"))
            self.hold("vega", ghost, fields)
            self.expect("vega", ghost, .roleExcess, .neverManaged, .planRoles, authority: "roles")
        }
        self.begin("unikum was given what the mapping made then")
        for row in try self.rows("unikum", "person", where: { $1["arskurs"] != nil }) {
            guard let record = self.givers("unikum", row).first else { continue }
            var fields = self.fields("unikum", row)
            fields["arskurs"] = "99"
            try await self.give("unikum", record, instead: [row: fields])
            self.hold("unikum", row, fields)
            self.expect("unikum", row, .different, .mappingMoved, .sendAgain, ["arskurs other"])
        }
    }

    /// The record gives the row no more.
    private func take(_ system: String, _ record: RecordKey, _ row: TargetRow) async throws {
        let state = try await self.world.hub.store.states(of: [record], in: system)[record]
        let rest = (state?.rows ?? []).filter { $0.identity != row.identity }
        try await self.world.hub.store.settle(
            [
                Settlement(
                    key: record, sequence: state?.sequence ?? 1, outcome: .applied(rows: rest, references: [], missing: []))
            ], in: system, time: HubClock.system.timestamp)
    }

    // MARK: Two of one

    private mutating func plantTwins() throws {
        try self.begin("skola24 tells staff twice") { planting in
            for row in try planting.rows("skola24files", "child") {
                let fields = planting.fields("skola24files", row)
                planting.world.systems["skola24files"]?.state.withLock {
                    $0.doubles.append(TargetRow(kind: row.kind, key: row.key, fields: fields))
                }
                planting.expect("skola24files", row, .duplicate, .twice, .merge)
            }
        }
        try self.begin("tempus has children twice, under two keys") { planting in
            for row in try planting.rows("tempus", "child", where: { $1["number"] != nil }) {
                var fields = planting.fields("tempus", row)
                fields["id"] = planting.uuid()
                let twin = RowIdentity(kind: row.kind, key: fields["id"] ?? "")
                planting.hold("tempus", twin, fields)
                planting.expect("tempus", twin, .duplicate, .samePerson, .merge)
            }
        }
        try self.begin("vega has pupils under another key") { planting in
            for row in try planting.rows("vega", "pupil", where: { $1["number"] != nil }) {
                var fields = planting.fields("vega", row)
                fields["id"] = planting.uuid()
                planting.hold("vega", row, nil)
                let other = RowIdentity(kind: row.kind, key: fields["id"] ?? "")
                planting.hold("vega", other, fields)
                planting.expect("vega", other, .otherKey, .samePerson, .merge)
            }
        }
        try self.begin("vega has pupils who may be others") { planting in
            let all = planting.world.expected["vega"] ?? [:]
            var namesakes: [String: Int] = [:]
            func name(_ fields: [String: String]) -> String {
                ["givenName", "familyName", "street"].map { fields[$0] ?? "" }.joined(separator: "|")
            }
            for (row, fields) in all where row.kind == "pupil" { namesakes[name(fields), default: 0] += 1 }
            for row in try planting.rows("vega", "pupil", where: { $1["street"] != nil && namesakes[name($1)] == 1 }) {
                var fields = planting.fields("vega", row)
                fields["id"] = planting.uuid()
                fields["number"] = nil
                planting.hold("vega", row, nil)
                let other = RowIdentity(kind: row.kind, key: fields["id"] ?? "")
                planting.hold("vega", other, fields)
                planting.expect("vega", other, .otherKey, .perhapsSamePerson, .decideMatch)
            }
        }
    }

    private mutating func plantBrokenEnds() throws {
        try self.begin("tempus has places at units that aren't there") {
            for row in try $0.rows("tempus", "placement") {
                var fields = $0.fields("tempus", row)
                fields["unit"] = "no-such-unit"
                $0.hold("tempus", row, fields)
                $0.expect("tempus", row, .dependencyBroken, .endMissing, .sendAgain, ["unit other"])
            }
        }
        try self.begin("unikum has members of classes that aren't there") { planting in
            var members: Set<String> = []
            for row in try planting.rows("unikum", "student_in_class", where: { members.insert($1["from"] ?? "").inserted }) {
                var fields = planting.fields("unikum", row)
                fields["to"] = "no-such-class"
                let ghost = RowIdentity(kind: row.kind, key: "\(fields["from"] ?? "")|no-such-class")
                planting.hold("unikum", ghost, fields)
                planting.expect("unikum", ghost, .dependencyBroken, .endMissing, .removeThere)
            }
        }
    }

    private mutating func plantLeaks() throws {
        let protected = self.world.protectedPersons
        guard !protected.isEmpty else { throw TestProblem("nobody is protected") }
        try self.begin("vega has places of protected children") { planting in
            for (number, row) in try planting.rows("vega", "placement").enumerated() {
                var fields = planting.fields("vega", row)
                (fields["id"], fields["child"]) = (planting.uuid(), protected[number % protected.count].id)
                let leak = RowIdentity(kind: row.kind, key: fields["id"] ?? "")
                planting.hold("vega", leak, fields)
                planting.expect("vega", leak, .leaked, .protected, .recall, authority: nil)
            }
        }
        try self.begin("unikum shows a protected person's school address") { planting in
            for (number, row) in try planting.rows("unikum", "guardian_for").enumerated() {
                var fields = planting.fields("unikum", row)
                fields["to"] = planting.world.protectedNumbers[number % planting.world.protectedNumbers.count]
                let leak = RowIdentity(kind: row.kind, key: "\(fields["from"] ?? "")|\(fields["to"] ?? "")")
                planting.hold("unikum", leak, fields)
                planting.expect("unikum", leak, .leaked, .protected, .recall)
            }
        }
    }

    // MARK: Values

    private func otherClass(_ number: Int) -> String {
        let classes = self.classes
        return classes[number % classes.count]
    }

    private var classes: [String] {
        (self.world.expected["unikum"] ?? [:]).keys.filter { $0.kind == "class" }.map(\.key).sorted()
    }

    mutating func uuid() -> String {
        var digits = ""
        while digits.count < 32 { digits.append(Self.digits[Int.random(in: 0..<16, using: &self.random)]) }
        for place in [20, 16, 12, 8] { digits.insert("-", at: digits.index(digits.startIndex, offsetBy: place)) }
        return digits
    }

    private static let digits = Array("0123456789abcdef")
}
