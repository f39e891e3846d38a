import Foundation
public import Hub

extension SQLStore: KeptAnswers {
    private static func context(answer key: String) -> String { "kept_answer/\(key)" }

    public func claim(
        _ key: String, request: String, process: String, time: String, forgetting oldest: String
    ) async throws -> AnswerClaim {
        let row = try await self.database.write { connection -> SQLRow? in
            try connection.execute("DELETE FROM kept_answer WHERE time < ?", [.text(oldest)])
            if let row = try connection.first(
                "SELECT request, process, content FROM kept_answer WHERE name = ?", [.text(key)])
            {
                return row
            }
            try connection.execute(
                "INSERT INTO kept_answer (name, request, process, time) VALUES (?, ?, ?, ?)",
                [.text(key), .text(request), .text(process), .text(time)])
            return nil
        }
        guard let row else { return .new }
        guard row.text(0) == request else { return .otherRequest }
        guard let sealed = row.optionalBlob(2) else { return row.text(1) == process ? .underWay : .unknown }
        let content = try self.seals.open(sealed, context: Self.context(answer: key))
        return .answered(try JSONDecoder().decode(KeptAnswer.self, from: content))
    }

    public func settle(_ key: String, _ answer: KeptAnswer) async throws {
        let sealed = try self.seals.seal(try JSONEncoder().encode(answer), context: Self.context(answer: key))
        try await self.database.write { connection in
            try connection.execute("UPDATE kept_answer SET content = ? WHERE name = ?", [.blob(sealed), .text(key)])
        }
    }

    public func release(_ key: String) async throws {
        try await self.database.write { connection in
            try connection.execute("DELETE FROM kept_answer WHERE name = ? AND content IS NULL", [.text(key)])
        }
    }
}
