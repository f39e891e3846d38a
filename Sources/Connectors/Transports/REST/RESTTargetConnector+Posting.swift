import ConnectorKit
import SchoolRecords
import Synchronization

/// Rows that are posted to a list, since the system has no other way.
extension RESTTargetConnector {
    /// So often a row is looked for and posted when replies are lost.
    private static let mostPosts = 3

    /// Looks whether the row is there, and posts it when it isn't. After a reply that was lost it looks again before it posts
    /// again, so that nothing is there twice.
    ///
    /// - Returns: a reply for ``meaning(of:_:_:)``; 200 when the row is there as it should be.
    /// - Throws: ``ConnectorFailure``; `id-not-kept` when the system gives keys of its own.
    func posted(_ body: JSONValue, _ call: RESTBatch.Call, _ path: String, _ name: String) async throws -> HTTPReply {
        var tries = 0
        guard !self.renaming.withLock({ $0.contains(call.resource.path) }) else { throw self.renamed(call) }
        while true {
            let found = try await self.client.send(.get, path, name: name)
            switch found.status {
            case 200:
                let there = (try? JSONValue(parsing: found.body)).flatMap { call.resource.body.fields(of: $0) }
                if there != nil, there == call.resource.body.fields(of: body) { return found }
                guard call.resource.isDeletable else { throw self.unchangeable(call, name) }
                let gone = try await self.client.send(.delete, path, name: name)
                guard (200...299).contains(gone.status) || gone.status == 404 || gone.status == 410 else { return gone }
            case 404, 410: break
            default: return found
            }
            tries += 1
            do {
                let reply = try await self.client.send(
                    .post, call.resource.path, body: Array(body.canonicalData), name: call.resource.path, isRepeatable: false)
                if (200...299).contains(reply.status) { try await self.checkKey(of: reply, call) }
                return reply
            } catch is CutShort where tries < Self.mostPosts {
            } catch let failure as ConnectorFailure where tries < Self.mostPosts && Self.mayHaveBeenDone.contains(failure.word) {
            }
        }
    }

    /// Failures after which the row may be there.
    private static let mayHaveBeenDone: Set<ConnectorFailure.Code> = [.connectionLost, .timedOut, .serverError, .notHTTP]

    /// A row under another key than it was given would be there twice after a repeated call: it is taken away again, and
    /// nothing more is posted.
    private func checkKey(of reply: HTTPReply, _ call: RESTBatch.Call) async throws {
        let path = call.resource.path
        guard let document = try? JSONValue(parsing: reply.body),
            let key = document[call.resource.keyMember].flatMap(ElementReading.usable), key != RecordKey.normalID(call.key)
        else { return }
        self.renaming.withLock { _ = $0.insert(path) }
        _ = try? await self.client.send(.delete, "\(path)/\(Percent.encode(key))", name: path)
        throw self.renamed(call)
    }

    private func renamed(_ call: RESTBatch.Call) -> ConnectorFailure {
        ConnectorFailure(
            .misconfigured, code: .idNotKept,
            message:
                "\(call.resource.path): the system gave a new \(call.resource.kind) a \(call.resource.keyMember) of its own, so "
                + "that a repeated call would double it; nothing more is posted there. Ask the vendor to keep the one that is "
                + "given, or for PUT, then start the hub again")
    }

    private func unchangeable(_ call: RESTBatch.Call, _ name: String) -> ConnectorFailure {
        ConnectorFailure(
            .rejected, code: .rowUnchangeable,
            message:
                "\(name) is there otherwise, and \(call.resource.kind) rows can be neither changed nor deleted: correct it there, "
                + "or set delete to true if the system has it")
    }
}
