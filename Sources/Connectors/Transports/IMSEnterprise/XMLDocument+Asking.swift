import ConnectorKit
import Foundation

extension XMLDocument {
    /// So often a document is asked for when it comes broken.
    private static let mostTries = 2

    /// Asks for a document, once more when it comes broken.
    ///
    /// - Parameters:
    ///   - words: what is asked for, for messages.
    ///   - call: makes the call; called anew for each try.
    ///   - refused: what a reply of another status than 2xx means; with `nil` it is taken without a document.
    ///   - take: makes something of the bytes.
    /// - Throws: ``ConnectorFailure``; what `call` throws, but ``CutShort``.
    static func asked<Value>(
        _ words: String, _ call: () async throws -> HTTPReply, refused: (HTTPReply) -> ConnectorFailure?,
        take: (Data?) throws(XMLProblem) -> Value
    ) async throws -> Value {
        var tries = 0
        while true {
            tries += 1
            var problem = XMLProblem.notWhole
            do {
                let reply = try await call()
                let isAnswered = (200...299).contains(reply.status)
                if !isAnswered, let refusal = refused(reply) { throw refusal }
                do throws(XMLProblem) {
                    if isAnswered, reply.contentType == "text/html" { throw .anotherDocument }
                    return try take(isAnswered ? reply.body : nil)
                } catch {
                    problem = error
                }
            } catch is CutShort {}
            guard tries < Self.mostTries else {
                throw ConnectorFailure(
                    .malformedReply, code: .documentUnreadable, message: "the reply of \(words) \(problem.words)",
                    cause: problem)
            }
        }
    }
}
