import ConnectorKit
import SchoolRecords

/// A small school in rows of School Data Sync: two pupils or more, two teachers, a guardian, a class.
struct SDSSchool {
    private(set) var rows: [TargetRow] = []

    init(pupils: Int = 2) {
        self.add("org", ["sourcedId": "kommun", "name": "Exempelstad", "type": "municipality"])
        self.add(
            "org", ["sourcedId": "school-1", "name": "Södra skolan, \"Söder\"", "type": "school", "parentSourcedId": "kommun"])
        self.add("org", ["sourcedId": "unit-1", "name": "Södra 7-9", "type": "school", "parentSourcedId": "school-1"])
        self.add("class", ["sourcedId": "class-1", "orgSourcedId": "school-1", "title": "7A"])
        for number in 1...pupils {
            let id = "pupil-\(number)"
            self.user(id, "E\(number)@Elev.example")
            self.add(
                "role",
                ["userSourcedId": id, "orgSourcedId": "unit-1", "role": "student", "grade": "7", "roleStartDate": "2026-08-17"])
            self.add("enrollment", ["classSourcedId": "class-1", "userSourcedId": id, "role": "student"])
        }
        for number in 1...2 {
            self.user("teacher-\(number)", "l\(number)@skola.example")
            self.add(
                "role",
                [
                    "userSourcedId": "teacher-\(number)", "orgSourcedId": "school-1", "role": "teacher",
                    "roleStartDate": "2025-08-01",
                ])
        }
        self.add(
            "role", ["userSourcedId": "teacher-1", "orgSourcedId": "unit-1", "role": "principal", "roleStartDate": "2026-08-01"])
        self.add("enrollment", ["classSourcedId": "class-1", "userSourcedId": "teacher-1", "role": "teacher"])
        self.add("user", ["sourcedId": "guardian-1", "givenName": "Vuxen", "familyName": "Provsson", "email": "v1@post.example"])
        self.add(
            "relationship",
            ["userSourcedId": "pupil-1", "relationshipUserSourcedId": "guardian-1", "relationshipRole": "guardian"])
    }

    mutating func user(_ id: String, _ name: String) {
        self.add(
            "user", ["sourcedId": id, "username": name, "givenName": "Prov", "familyName": "Åberg", "email": name])
    }

    mutating func add(_ kind: String, _ fields: [String: String]) {
        self.rows.append(TargetRow(kind: kind, key: Self.key(kind, fields), fields: fields))
    }

    /// Changes, or with `nil` takes out, a value of a row.
    mutating func change(_ kind: String, _ key: String, _ column: String, to value: String?) {
        guard let place = self.rows.firstIndex(where: { $0.kind == kind && $0.key == key }) else { return }
        var fields = self.rows[place].fields
        fields[column] = value
        self.rows[place] = TargetRow(kind: kind, key: key, fields: fields)
    }

    mutating func remove(_ kind: String, _ key: String) { self.rows.removeAll { $0.kind == kind && $0.key == key } }

    private static func key(_ kind: String, _ fields: [String: String]) -> String {
        let columns =
            switch kind {
            case "role": ["userSourcedId", "orgSourcedId", "role"]
            case "enrollment": ["classSourcedId", "userSourcedId"]
            case "relationship": ["userSourcedId", "relationshipUserSourcedId"]
            default: ["sourcedId"]
            }
        return columns.map { fields[$0] ?? "" }.joined(separator: "|")
    }

    /// One record for each row.
    func batch(_ id: String) -> TargetBatch {
        TargetBatch(
            id: id,
            writes: self.rows.map {
                TargetWrite(record: RecordKey(.person, "\($0.kind)/\($0.key)"), sequence: 1, set: [$0], removed: [])
            })
    }
}
