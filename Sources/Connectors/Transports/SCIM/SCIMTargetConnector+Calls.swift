import ConnectorKit
import SchoolRecords
import Synchronization

/// One object, and what the system's answers mean for it.
extension SCIMTargetConnector {
    /// So often a call is made when its reply breaks off, and an object read anew when it changes meanwhile.
    private static let mostTries = 5

    /// Failures of a call that a single object can be the reason of.
    private static let mayBeTheRow: Set<ConnectorFailure.Code> = [.serverError, .timedOut, .accessDenied]

    /// Failures after which an object may have been created.
    private static let mayHaveBeenDone: Set<ConnectorFailure.Code> = [.connectionLost, .timedOut, .serverError, .notHTTP]

    /// - Throws: ``ConnectorFailure`` when the answer is about the system as a whole; `CancellationError`.
    func send(_ call: SCIMBatch.Call) async throws -> RowAnswer {
        var broken = 0
        while true {
            do {
                guard let object = call.object else { return try await self.delete(call) }
                return self.settings.readsFirst
                    ? try await self.bring(call, object.filled, object.plain) : try await self.replace(call, object.filled)
            } catch is CutShort {
                // It was probably done; made again the call changes nothing.
                broken += 1
                guard broken < Self.mostTries else {
                    let target = CallTarget(
                        name: Self.name(call), setting: "connection.base_url", url: self.settings.baseURL)
                    throw TransportError.cutShort.failure(of: target)
                }
            } catch let failure as ConnectorFailure where failure.kind == .rejected {
                return .refused(failure)
            } catch let failure as ConnectorFailure where Self.mayBeTheRow.contains(failure.word) {
                return .outage(failure)
            }
        }
    }

    private static func name(_ call: SCIMBatch.Call) -> String { "\(call.resource.path)/{id}" }

    private static func path(_ call: SCIMBatch.Call, _ id: String) -> String { "\(call.resource.path)/\(Percent.encode(id))" }

    // MARK: Without reading

    /// Puts an object at its address, or creates it: which of them first, what the last object of the type was tells. On 404 and 409 the
    /// other follows. An object that can't be created because it exists and can't be changed because it doesn't has something else in its
    /// way.
    private func replace(_ call: SCIMBatch.Call, _ body: JSONValue) async throws -> RowAnswer {
        let path = call.resource.path
        var creates = self.growing.withLock { $0.contains(path) }
        var inItsWay: HTTPReply?
        while true {
            let reply = try await creates ? self.create(call, body) : self.put(call, body, id: call.key)
            switch (creates, reply.status) {
            case (true, 409) where inItsWay == nil:
                inItsWay = reply
                self.growing.withLock { _ = $0.remove(path) }
            case (false, 404):
                if let inItsWay { return try await self.meaning(of: inItsWay, call, .post) }
                self.growing.withLock { _ = $0.insert(path) }
            default: return try await self.meaning(of: reply, call, creates ? .post : .put)
            }
            creates.toggle()
        }
    }

    private func put(
        _ call: SCIMBatch.Call, _ body: JSONValue, id: String, version: String? = nil
    ) async throws -> HTTPReply {
        try await self.client.send(
            .put, Self.path(call, id), body: Array(body.canonicalData), version: version, name: Self.name(call))
    }

    private func create(_ call: SCIMBatch.Call, _ body: JSONValue) async throws -> HTTPReply {
        let reply = try await self.client.send(
            .post, call.resource.path, body: Array(body.canonicalData), name: call.resource.path,
            isRepeatable: self.settings.ids == .external)
        if (200...299).contains(reply.status), self.settings.ids == .external { try await self.checkID(of: reply, call) }
        return reply
    }

    /// An object under another id than it was given couldn't be found again.
    private func checkID(of reply: HTTPReply, _ call: SCIMBatch.Call) async throws {
        guard let id = (try? JSONValue(parsing: reply.body))?["id"].flatMap(ElementReading.usable),
            id != RecordKey.normalID(call.key)
        else { return }
        _ = try? await self.client.send(.delete, Self.path(call, id), name: Self.name(call))
        throw ConnectorFailure(
            .misconfigured, code: .idNotKept,
            message: "\(call.resource.path): the system gave a new \(call.resource.kind) an id of its own: set ids to server")
    }

    // MARK: With reading

    /// Reads the object and makes it what it shall be, or creates it. What is there as it should isn't written; what changes between the
    /// reading and the writing (412), appears (409) or goes (404) is read anew.
    private func bring(_ call: SCIMBatch.Call, _ filled: JSONValue, _ plain: JSONValue) async throws -> RowAnswer {
        var refusal: RowAnswer?
        var lost: ConnectorFailure?
        for _ in 1...Self.mostTries {
            guard let (id, object) = try await self.find(call) else {
                do {
                    let reply = try await self.create(call, filled)
                    guard reply.status == 409 else { return try await self.meaning(of: reply, call, .post) }
                    refusal = try await self.meaning(of: reply, call, .post)
                    // It exists, or something else is in its way.
                    guard try await self.find(call) != nil else { return refusal ?? .done }
                } catch let failure as ConnectorFailure where Self.mayHaveBeenDone.contains(failure.word) {
                    lost = failure
                }
                continue
            }
            // A creation whose answer was lost was done.
            lost = nil
            let current = call.resource.rows(of: object).flatMap { try? call.resource.plain($0.row, $0.elements) }
            if current == plain { return .done }
            let version = self.settings.checksVersions ? object["meta"]?["version"]?.stringValue : nil
            let reply: HTTPReply
            let method: HTTPCall.Method
            if self.settings.update == .patch, let current,
                let patch = SCIMPatch.body(from: current, to: plain, filled: filled)
            {
                method = .patch
                reply = try await self.client.send(
                    .patch, Self.path(call, id), body: Array(patch.canonicalData), version: version, name: Self.name(call))
            } else {
                method = .put
                var body = filled
                body["id"] = .string(id)
                reply = try await self.put(call, body, id: id, version: version)
            }
            let answer = try await self.meaning(of: reply, call, method)
            guard reply.status == 412 || reply.status == 404 else { return answer }
            refusal = answer
        }
        if let lost { throw lost }
        return refusal ?? .done
    }

    /// The object as it is there, and its id; `nil` when it isn't.
    private func find(_ call: SCIMBatch.Call) async throws -> (id: String, object: JSONValue)? {
        guard self.settings.ids == .server else {
            let reply = try await self.client.send(.get, Self.path(call, call.key), name: Self.name(call))
            if reply.status == 404 {
                try await self.probe(call.resource)
                return nil
            }
            guard reply.status == 200, let object = try? JSONValue(parsing: reply.body),
                SCIMResource.key(of: object) == RecordKey.normalID(call.key)
            else { throw self.unreadable(call, reply) }
            return (call.key, object)
        }
        let page = try await self.list(call.resource).find(SCIMFilter.equals("externalId", call.key))
        let fitting = page.objects.filter { SCIMResource.key(of: $0) == RecordKey.normalID(call.key) }
        guard fitting.count == page.objects.count else {
            throw ConnectorFailure(
                .misconfigured, code: .wrongShape,
                message:
                    "\(call.resource.path): a filter by externalId finds other objects too: the server heeds no filters. Set ids to "
                    + "external if it keeps the ids it is given")
        }
        guard fitting.count < 2 else {
            throw ConnectorFailure(
                .rejected, code: .conflict,
                message:
                    "\(call.resource.path) has several objects with the externalId of the \(call.resource.kind): delete all but one there"
            )
        }
        guard let object = fitting.first else { return nil }
        guard let id = object["id"]?.stringValue, !id.isEmpty else {
            throw ConnectorFailure(
                .malformedReply, code: .recordWithoutID, message: "\(call.resource.path): an object that was found has no id")
        }
        return (id, object)
    }

    private func unreadable(_ call: SCIMBatch.Call, _ reply: HTTPReply) -> ConnectorFailure {
        ConnectorFailure(
            .malformedReply, code: reply.status == 200 ? .wrongShape : .unexpectedStatus,
            message:
                "\(Self.name(call)) does not answer with the object (\(reply.status)): if the server can't be asked for one, set update to "
                + "put, ids to external and check_versions to false")
    }

    private func delete(_ call: SCIMBatch.Call) async throws -> RowAnswer {
        var id = call.key
        if self.settings.ids == .server {
            guard let found = try await self.find(call) else { return .done }
            id = found.id
        }
        let reply = try await self.client.send(.delete, Self.path(call, id), name: Self.name(call))
        return try await self.meaning(of: reply, call, .delete)
    }

    // MARK: Answers

    private func meaning(of reply: HTTPReply, _ call: SCIMBatch.Call, _ method: HTTPCall.Method) async throws -> RowAnswer {
        let type = SCIMErrorType(reply.body)
        let said = "\(reply.status)\(type.map { " \($0.rawValue)" } ?? "")"
        let kind = call.resource.kind
        func failure(_ word: ConnectorFailure.Code, _ text: String) -> ConnectorFailure {
            ConnectorFailure(
                .rejected, code: word, message: "\(Self.name(call)) was refused (\(said)): \(type?.remedy ?? text)")
        }
        switch reply.status {
        case 200...299: return .done
        case 404 where method == .delete, 410 where method == .delete:
            // A wrong path answers 404 too, and must not look as if everything were gone.
            if reply.status == 404 { try await self.probe(call.resource) }
            return .done
        case 404:
            try await self.probe(call.resource)
            return .refused(failure(.notFound, "the system lacks something that the \(kind) refers to"))
        case 409: return .conflict(failure(.conflict, "the system holds something that the \(kind) can't be beside"))
        case 412:
            return .refused(
                failure(.preconditionFailed, "the \(kind) is changed there again and again while it is written; look there"))
        case 405, 501:
            throw ConnectorFailure(
                .misconfigured, code: .writeNotOffered,
                message:
                    "\(call.resource.path) takes no \(method.rawValue) (\(said)): check connection.base_url and the path of \(kind)"
                    + (method == .patch ? ", or set update to put" : method == .delete ? ", or set its delete to false" : ""))
        case 428:
            throw ConnectorFailure(
                .misconfigured, code: .requestRefused,
                message: "\(call.resource.path) wants to be told which version is changed (428): set check_versions to true")
        case 415:
            throw ConnectorFailure(
                .misconfigured, code: .jsonNotTaken,
                message:
                    "\(call.resource.path) does not take \(self.settings.mediaType) (415): set connection.media_type to what it takes"
            )
        default:
            return .refused(
                failure(
                    .rowRefused,
                    "the system does not take the \(kind) as it is; compare the resource's body and schemas with what its vendor "
                        + "documents, and correct the mapping or the source"))
        }
    }

    /// - Throws: ``ConnectorFailure`` when the resource's list isn't there.
    private func probe(_ resource: SCIMResource) async throws {
        guard !self.answered.withLock({ $0.contains(resource.path) }) else { return }
        _ = try await self.list(resource).page(start: 1, count: 1, number: 1)
        self.answered.withLock { _ = $0.insert(resource.path) }
    }
}
