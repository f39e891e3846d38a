public import Hub

extension SQLStore: SourceMarks {
    public func sourceMarks() async throws -> [SourceMark] {
        let rows = try await self.database.read {
            try $0.query("SELECT source, number, person, level, time FROM source_mark ORDER BY source, number", [])
        }
        return rows.map { row in
            SourceMark(
                source: row.text(0), number: row.text(1), person: row.optionalText(2),
                levelName: row.optionalText(3), time: row.text(4))
        }
    }

    public func mark(_ marks: [SourceMark]) async throws {
        guard !marks.isEmpty else { return }
        let key = self.key
        try await self.database.write { connection in
            for mark in marks {
                let isNew = try mark.person.map { try !Self.isMarked($0, by: mark.source, connection) } ?? false
                try connection.execute(
                    """
                    INSERT INTO source_mark (source, number, person, level, time) VALUES (?, ?, ?, ?, ?)
                    ON CONFLICT (source, number) DO UPDATE SET person = COALESCE(source_mark.person, excluded.person),
                        level = excluded.level
                    """,
                    [
                        .text(mark.source), .text(mark.number), .optional(mark.person), .optional(mark.levelName),
                        .text(mark.time),
                    ])
                guard isNew, let person = mark.person else { continue }
                try Self.audit(
                    [Deed(action: "protect", subject: "person/\(person)", operation: mark.levelName)], by: mark.source,
                    time: mark.time, key: key, connection)
            }
        }
    }

    public func tie(_ persons: [String: String], time: String) async throws {
        guard !persons.isEmpty else { return }
        let key = self.key
        try await self.database.write { connection in
            for (number, person) in persons.sorted(by: { $0.key < $1.key }) {
                let sources = try connection.query(
                    "SELECT source, level FROM source_mark WHERE number = ? AND person IS NULL", [.text(number)])
                for row in sources {
                    try connection.execute(
                        "UPDATE source_mark SET person = ? WHERE source = ? AND number = ?",
                        [.text(person), .text(row.text(0)), .text(number)])
                    try Self.audit(
                        [Deed(action: "protect", subject: "person/\(person)", operation: row.optionalText(1))], by: row.text(0),
                        time: time, key: key, connection)
                }
            }
        }
    }

    public func unmark(_ numbers: Set<String>, of person: String?, source: String, time: String) async throws -> Bool {
        let key = self.key
        return try await self.database.write { connection in
            var count = 0
            for number in numbers.sorted() {
                count += try connection.execute(
                    "DELETE FROM source_mark WHERE source = ? AND number = ?", [.text(source), .text(number)])
            }
            if let person {
                count += try connection.execute(
                    "DELETE FROM source_mark WHERE source = ? AND person = ?", [.text(source), .text(person)])
            }
            guard count > 0 else { return false }
            if let person {
                try Self.audit(
                    [Deed(action: "unprotect", subject: "person/\(person)")], by: source, time: time, key: key, connection)
            }
            return true
        }
    }

    private static func isMarked(_ person: String, by source: String, _ connection: any SQLConnection) throws -> Bool {
        try connection.first(
            "SELECT 1 FROM source_mark WHERE source = ? AND person = ?", [.text(source), .text(person)]) != nil
    }
}
