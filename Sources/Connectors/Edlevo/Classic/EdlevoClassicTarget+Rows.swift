import ConnectorKit
import Foundation
import SchoolRecords

/// One row, and what Edlevo made of it.
extension EdlevoClassicTarget {
    /// So often something is looked for and written when replies are lost.
    private static let mostTries = 3

    /// Failures of a call that a single row can be the reason of.
    private static let mayBeTheRow: Set<ConnectorFailure.Code> = [.serverError, .timedOut]

    /// Failures after which a write may have been done.
    static let mayHaveBeenDone: Set<ConnectorFailure.Code> = [.connectionLost, .timedOut, .serverError, .notHTTP]

    var body: ClassicBody {
        ClassicBody(dataSource: self.settings.dataSource, made: WallClock(self.clock.now()))
    }

    /// - Throws: ``ConnectorFailure`` when the answer is about the system as a whole; `CancellationError`.
    func send(_ call: ClassicBatch.Call) async throws -> RowAnswer {
        do {
            switch call.kind {
            case .contact:
                return try await self.post(
                    ClassicService(.person, "UpdateContactInformation"), self.body.contact(call.fields), call.kind)
            case .employment:
                return try await self.post(
                    ClassicService(.personnel, "UpdateEmployments"), self.body.employments(call.rows), call.kind)
            case .absenceTotal: return try await self.writeTotal(call.fields)
            case .eppn: return try await call.isRemoval ? self.removeName(call.fields) : self.writeName(call.fields)
            case .busCard: return try await self.writeBusCard(call.fields)
            case .absence: return try await self.writeAbsence(call.fields)
            }
        } catch let failure as ConnectorFailure where failure.kind == .rejected {
            return .refused(failure)
        } catch let failure as ConnectorFailure where Self.mayBeTheRow.contains(failure.word) {
            return .outage(failure)
        }
    }

    // MARK: Calls

    /// Posts what can be posted again to the same effect.
    func post(
        _ service: ClassicService, _ body: [UInt8], _ kind: ClassicRowKind, _ parameters: ClassicClient.Parameters = []
    ) async throws -> RowAnswer {
        let reply = try await self.whole { try await self.client.send(.post, service, parameters, body: body) }
        return try self.meaning(of: reply, service, kind)
    }

    func meaning(of reply: HTTPReply, _ service: ClassicService, _ kind: ClassicRowKind) throws -> RowAnswer {
        switch reply.status {
        case 200...299: return .done
        case 404, 405: throw self.client.refusal(reply, service)
        default:
            return .refused(
                ConnectorFailure(
                    .rejected, code: .rowRefused,
                    message:
                        "\(service.words) was refused (\(reply.status)): Edlevo doesn't take the \(kind.rawValue) as it is; its "
                        + "own log says why. Correct the mapping or the source"))
        }
    }

    /// Makes a write that is done once: looks first whether it is done, and again after a lost reply before it writes again.
    ///
    /// - Parameters:
    ///   - look: an answer when nothing is left to do.
    ///   - write: one try.
    func once(
        _ look: () async throws -> RowAnswer?, write: () async throws -> RowAnswer
    ) async throws -> RowAnswer {
        var tries = 0
        while true {
            if let answer = try await look() { return answer }
            tries += 1
            do {
                return try await write()
            } catch is CutShort where tries < Self.mostTries {
            } catch is CutShort {
                throw TransportError.cutShort.failure(
                    of: CallTarget(name: self.system, setting: "connection.base_url", url: self.settings.server.baseURL))
            } catch let failure as ConnectorFailure where tries < Self.mostTries && Self.mayHaveBeenDone.contains(failure.word) {
            }
        }
    }

    func tree(_ service: ClassicService, _ parameters: ClassicClient.Parameters) async throws -> XMLTree {
        try await self.client.read(service, parameters) { data throws(XMLProblem) in
            try XMLDocument.tree(data, root: service.api.root, nameSpace: service.api.nameSpace)
        }
    }

    // MARK: Principal names

    private func attributes(of person: String) async throws -> (person: XMLTree?, attributes: XMLTree?) {
        let root = try await self.tree(
            ClassicService(.person, "GetPersonInfo"), [("PersonId", ClassicBody.id(person)), ("ExtraAttributes", "true")])
        let found = root["person"]
        return (found, found?.all("extraattribute").first { $0.value("service") == self.settings.service })
    }

    private func writeName(_ fields: [String: String]) async throws -> RowAnswer {
        let person = fields["person"] ?? ""
        let eppn = fields["eppn"] ?? ""
        var there: XMLTree?
        return try await self.once {
            let found = try await self.attributes(of: person)
            guard found.person != nil else {
                return .refused(
                    ConnectorFailure(.rejected, code: .personNotFound, message: "Edlevo has no person of the eppn's id"))
            }
            there = found.attributes
            return there?.value("eduPersonPrincipalName") == eppn ? .done : nil
        } write: {
            let service = ClassicService(.person, there == nil ? "CreateExtraAttributes" : "UpdateExtraAttributes")
            let body =
                there.map { self.body.attributes($0, eppn: eppn) }
                ?? self.body.newAttributes(fields, service: self.settings.service)
            let reply = try await self.client.send(.post, service, body: body, isRepeatable: false)
            return try self.meaning(of: reply, service, .eppn)
        }
    }

    private func removeName(_ fields: [String: String]) async throws -> RowAnswer {
        var id = ""
        return try await self.once {
            let found = try await self.attributes(of: fields["person"] ?? "")
            guard let own = found.attributes?.value("attributeid") else { return .done }
            id = own
            return nil
        } write: {
            let service = ClassicService(.person, "DeleteExtraAttributes")
            let reply = try await self.client.send(.delete, service, [("attributeId", id)], isRepeatable: false)
            return try self.meaning(of: reply, service, .eppn)
        }
    }
}
