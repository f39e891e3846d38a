import ConnectorKit
import SchoolRecords
import Synchronization

/// One call, and what its answer means for the row.
extension RESTTargetConnector {
    /// So often a call is made when its reply breaks off.
    private static let mostBrokenReplies = 3

    /// - Throws: ``ConnectorFailure`` when the answer is about the system as a whole; `CancellationError`.
    func send(_ call: RESTBatch.Call) async throws -> RowAnswer {
        let path = "\(call.resource.path)/\(Percent.encode(call.key))"
        let name = "\(call.resource.path)/{\(call.resource.keyMember)}"
        var broken = 0
        while true {
            do {
                let reply =
                    if let body = call.body {
                        switch call.resource.write {
                        case .put: try await self.client.send(.put, path, body: Array(body.canonicalData), name: name)
                        case .post: try await self.posted(body, call, path, name)
                        }
                    } else {
                        try await self.client.send(.delete, path, name: name)
                    }
                return try await self.meaning(of: reply, call, name)
            } catch is CutShort {
                // It was probably written; made again the call changes nothing.
                broken += 1
                guard broken < Self.mostBrokenReplies else {
                    let target = CallTarget(
                        name: name, setting: "connection.base_url", url: self.settings.server.baseURL)
                    throw TransportError.cutShort.failure(of: target)
                }
            } catch let failure as ConnectorFailure where failure.kind == .rejected {
                return .refused(failure)
            } catch let failure as ConnectorFailure where Self.mayBeTheRow.contains(failure.word) {
                return .outage(failure)
            }
        }
    }

    /// Failures of a call that a single row can be the reason of.
    private static let mayBeTheRow: Set<ConnectorFailure.Code> = [.serverError, .timedOut, .accessDenied]

    private func meaning(of reply: HTTPReply, _ call: RESTBatch.Call, _ name: String) async throws -> RowAnswer {
        let code = ServerErrorCode(reply.body).map { " \($0.text)" } ?? ""
        func failure(_ word: ConnectorFailure.Code, _ text: String) -> ConnectorFailure {
            ConnectorFailure(.rejected, code: word, message: "\(name) was refused (\(reply.status)\(code)): \(text)")
        }
        switch reply.status {
        case 200...299: return .done
        case 404 where call.body == nil, 410 where call.body == nil:
            // A wrong path answers 404 too, and must not look as if everything were gone.
            if reply.status == 404 { try await self.probe(call.resource) }
            return .done
        case 404:
            try await self.probe(call.resource)
            return .refused(failure(.notFound, "the system lacks something that the \(call.resource.kind) refers to"))
        case 409:
            return .conflict(
                failure(.conflict, "the system holds something that the \(call.resource.kind) can't be beside"))
        case 412:
            return .refused(
                failure(.preconditionFailed, "the \(call.resource.kind) has been changed in the system since; look there"))
        case 405, 501:
            throw ConnectorFailure(
                .misconfigured, code: .writeNotOffered,
                message: "\(name) takes no \(call.body == nil ? "DELETE" : "PUT") (\(reply.status)): check the path of "
                    + "\(call.resource.kind) in resources"
                    + (call.body == nil ? ", or set its delete to false" : ", and that the client may write"))
        case 415:
            throw ConnectorFailure(
                .misconfigured, code: .jsonNotTaken,
                message: "\(name) takes no JSON (415): check connection.api_path and the path of \(call.resource.kind)")
        default:
            return .refused(
                failure(
                    .rowRefused,
                    "the system does not take the \(call.resource.kind) as it is; compare the resource's "
                        + "body with what its vendor documents, and correct the mapping or the source"))
        }
    }

    /// - Throws: ``ConnectorFailure`` when the resource's list isn't there.
    private func probe(_ resource: RESTResource) async throws {
        guard !self.answered.withLock({ $0.contains(resource.path) }) else { return }
        _ = try await self.list(resource, limit: 1).firstPage()
        self.answered.withLock { _ = $0.insert(resource.path) }
    }
}
