import Foundation
import Hub
import SchoolRecords

/// Requests that name themselves (`Idempotency-Key`): sent again, they do nothing and are answered as the first time.
struct RepeatableCalls: Sendable {
    /// Seconds that an answer is kept.
    static let kept = 24.0 * 3600

    let store: any HubStore
    let clock: HubClock
    /// Names this process alone: what another one left open will never be answered.
    let process: String

    /// - Parameters:
    ///   - key: what the caller calls the request.
    ///   - asked: everything that makes it this request.
    /// - Throws: ``APIProblem``, and what `act` throws: then nothing is kept, and it may be sent again.
    func once(
        _ key: String, of person: String, asked: Data, _ act: @escaping @Sendable () async throws -> KeptAnswer
    ) async throws -> KeptAnswer {
        let name = Self.digest(Data("\(person)|\(key)".utf8))
        let now = self.clock.now()
        let claim = try await self.store.claim(
            name, request: Self.digest(asked), process: self.process, time: RFC3339.text(now),
            forgetting: RFC3339.text(now.addingTimeInterval(-Self.kept)))
        switch claim {
        case .answered(let answer): return answer
        case .otherRequest: throw APIProblem.keyOfOther
        case .underWay: throw APIProblem.underWay
        case .unknown: throw APIProblem.outcomeUnknown
        case .new: break
        }
        // Whoever asked may be gone before it is done: it is done all the same, and its answer kept.
        return try await Task { try await self.settle(name, act) }.value
    }

    private func settle(_ name: String, _ act: @Sendable () async throws -> KeptAnswer) async throws -> KeptAnswer {
        let answer: KeptAnswer
        do {
            answer = try await act()
        } catch let error where error is APIProblem || error is ConsoleRefusal || error is UploadRefusal {
            try await self.store.release(name)
            throw error
        } catch {
            // It may have been done in part: nobody does it again by the same key.
            let unknown = APIProblem.outcomeUnknown
            try await self.store.settle(
                name,
                KeptAnswer(
                    status: unknown.status, contentType: APIDoor.problemType, location: nil,
                    body: unknown.json(.en).canonicalData))
            throw error
        }
        try await self.store.settle(name, answer)
        return answer
    }

    private static func digest(_ data: Data) -> String { Secrets.digest(String(decoding: data, as: UTF8.self)) }
}
