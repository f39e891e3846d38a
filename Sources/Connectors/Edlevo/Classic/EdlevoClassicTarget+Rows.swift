import ConnectorKit
import Foundation
import SchoolRecords

/// One row, and what Edlevo made of it.
extension EdlevoClassicTarget {
    /// So often something is looked for and written when replies are lost.
    private static let mostTries = 3

    /// Failures of a call that a single row can be the reason of.
    private static let mayBeTheRow: Set<String> = ["server-error", "timed-out"]

    /// Failures after which a write may have been done.
    private static let mayHaveBeenDone: Set<String> = ["connection-lost", "timed-out", "server-error", "not-http"]

    private var body: ClassicBody {
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
                    ClassicService(.personnel, "UpdateEmployments"), self.body.employment(call.fields), call.kind)
            case .absenceTotal: return try await self.writeTotal(call.fields)
            case .eppn: return try await call.isRemoval ? self.removeName(call.fields) : self.writeName(call.fields)
            case .busCard: return try await self.writeBusCard(call.fields)
            case .absence: return try await self.writeAbsence(call.fields)
            }
        } catch let failure as ConnectorFailure where failure.kind == .rejected {
            return .refused(failure)
        } catch let failure as ConnectorFailure where Self.mayBeTheRow.contains(failure.code) {
            return .outage(failure)
        }
    }

    // MARK: Calls

    /// Posts what can be posted again to the same effect.
    private func post(
        _ service: ClassicService, _ body: [UInt8], _ kind: ClassicRowKind, _ parameters: ClassicClient.Parameters = []
    ) async throws -> RowAnswer {
        let reply = try await self.whole { try await self.client.send(.post, service, parameters, body: body) }
        return try self.meaning(of: reply, service, kind)
    }

    private func meaning(of reply: HTTPReply, _ service: ClassicService, _ kind: ClassicRowKind) throws -> RowAnswer {
        switch reply.status {
        case 200...299: return .done
        case 404, 405: throw self.client.refusal(reply, service)
        default:
            return .refused(
                ConnectorFailure(
                    .rejected, code: "row-refused",
                    message: "\(service.words) was refused (\(reply.status)): Edlevo doesn't take the \(kind.rawValue) as it is; its "
                        + "own log says why. Correct the mapping or the source"))
        }
    }

    /// Makes a write that is done once: looks first whether it is done, and again after a lost reply before it writes again.
    ///
    /// - Parameters:
    ///   - look: an answer when nothing is left to do.
    ///   - write: one try.
    private func once(
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
            } catch let failure as ConnectorFailure where tries < Self.mostTries && Self.mayHaveBeenDone.contains(failure.code) {
            }
        }
    }

    private func tree(_ service: ClassicService, _ parameters: ClassicClient.Parameters) async throws -> XMLTree {
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
                    ConnectorFailure(.rejected, code: "person-not-found", message: "Edlevo has no person of the eppn's id"))
            }
            there = found.attributes
            return there?.value("eduPersonPrincipalName") == eppn ? .done : nil
        } write: {
            let service = ClassicService(.person, there == nil ? "CreateExtraAttributes" : "UpdateExtraAttributes")
            let body = there.map { self.body.attributes($0, eppn: eppn) }
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

    // MARK: Bus cards

    /// The cards of a student that overlap with one, and whether one of them is as it should be.
    private func busCards(_ fields: [String: String]) async throws -> (overlapping: Int, isThere: Bool) {
        let root = try await self.tree(
            ClassicService(.person, "GetBusCardInformation"),
            [("PersonId", ClassicBody.id(fields["student"] ?? "")), ("SchoolType", fields["schooltype"] ?? "")])
        let start = fields["start"] ?? ""
        let end = fields["end"] ?? "9999-12-31"
        let cards = root.all("buscardinfo").filter {
            ($0.value("dateframe", "start") ?? "") <= end && start <= ($0.value("dateframe", "end") ?? "9999-12-31")
        }
        let isThere = cards.contains { card in
            card.value("dateframe", "start") == start && (card.value("dateframe", "end") ?? "9999-12-31") == end
                && card.value("buscardtype") == fields["type"] && card.value("buscardnumber") == fields["number"]
                && card.value("distance").flatMap(Double.init) == fields["distance"].flatMap(Double.init)
        }
        return (cards.count, isThere)
    }

    /// With several cards in the period Edlevo changes nothing and doesn't say so (Person API v6, 4.11); only in upper-secondary school
    /// it may overwrite the one at the student's school. So it is looked at before and after.
    private func writeBusCard(_ fields: [String: String]) async throws -> RowAnswer {
        func refusal(_ code: String, _ message: String) -> RowAnswer {
            .refused(ConnectorFailure(.rejected, code: code, message: message))
        }
        let service = ClassicService(.person, "UpdateBusCardInformation")
        let answer = try await self.once {
            let there = try await self.busCards(fields)
            if there.isThere { return .done }
            guard there.overlapping < 2 || fields["schooltype"] == "GY" else {
                return refusal(
                    "several-bus-cards",
                    "the student has \(there.overlapping) bus cards in the period, so that Edlevo would change none: end or remove them "
                        + "there, then send it again")
            }
            return nil
        } write: {
            let reply = try await self.client.send(
                .post, service, [("SchoolType", fields["schooltype"] ?? "")], body: self.body.busCard(fields), isRepeatable: false)
            return try self.meaning(of: reply, service, .busCard)
        }
        guard case .done = answer, try await !self.busCards(fields).isThere else { return answer }
        return refusal(
            "bus-card-not-taken",
            "Edlevo took the bus card without a word and doesn't have it: check that its type is an active code there, and that the "
                + "student has no other card in the period")
    }

    // MARK: Absence

    private func writeAbsence(_ fields: [String: String]) async throws -> RowAnswer {
        let service = ClassicService(.absence, "ReportAbsence")
        if !self.settings.looksForAbsences {
            do {
                let reply = try await self.client.send(.post, service, body: self.body.absence(fields), isRepeatable: false)
                return try self.meaning(of: reply, service, .absence)
            } catch let error where error is CutShort || Self.isInDoubt(error) {
                return .refused(
                    ConnectorFailure(
                        .rejected, code: "reply-lost",
                        message: "the reply of \(service.words) was lost, so that nobody knows whether the absence is reported: look in "
                            + "Edlevo, and send it again if it isn't there. With look_for_absences the hub looks itself"))
            }
        }
        return try await self.once {
            try await self.hasAbsence(fields) ? .done : nil
        } write: {
            let reply = try await self.client.send(.post, service, body: self.body.absence(fields), isRepeatable: false)
            return try self.meaning(of: reply, service, .absence)
        }
    }

    private static func isInDoubt(_ error: any Error) -> Bool {
        (error as? ConnectorFailure).map { Self.mayHaveBeenDone.contains($0.code) } ?? false
    }

    private func hasAbsence(_ fields: [String: String]) async throws -> Bool {
        guard let type = fields["schooltype"].flatMap(ClassicSchoolType.init(rawValue:)),
            let start = fields["start"].flatMap({ WallClock($0) }), let stop = fields["stop"].flatMap({ WallClock($0) })
        else { return false }
        let root = try await self.tree(
            ClassicService(.absence, "Get\(type.fragment)Absence", type),
            [
                ("Id", ClassicBody.id(fields["student"] ?? "")), ("StartDate", String(start.text.prefix(10))),
                ("EndDate", String((stop + 86_400).text.prefix(10))),
            ])
        return root.all("person").flatMap { $0.all("event") }.contains {
            $0.value("start").flatMap { WallClock($0) } == start && $0.value("stop").flatMap { WallClock($0) } == stop
        }
    }

    private func writeTotal(_ fields: [String: String]) async throws -> RowAnswer {
        guard let type = fields["schooltype"].flatMap(ClassicSchoolType.init(rawValue:)) else { return .done }
        let kind = fields["kind"] == "presence" ? "Presence" : "Absence"
        return try await self.post(
            ClassicService(.monitoring, "Update\(type.fragment)\(kind)Aggregation", type), self.body.total(fields), .absenceTotal)
    }
}
