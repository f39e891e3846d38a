import ConnectorKit
import SchoolRecords

/// Rows for which it is looked at what is there before they are written, and after.
extension EdlevoClassicTarget {
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
    func writeBusCard(_ fields: [String: String]) async throws -> RowAnswer {
        func refusal(_ code: ConnectorFailure.Code, _ message: String) -> RowAnswer {
            .refused(ConnectorFailure(.rejected, code: code, message: message))
        }
        let service = ClassicService(.person, "UpdateBusCardInformation")
        let answer = try await self.once {
            let there = try await self.busCards(fields)
            if there.isThere { return .done }
            guard there.overlapping < 2 || fields["schooltype"] == "GY" else {
                return refusal(
                    .severalBusCards,
                    "the student has \(there.overlapping) bus cards in the period, so that Edlevo would change none: end or remove them "
                        + "there, then send it again")
            }
            return nil
        } write: {
            let reply = try await self.client.send(
                .post, service, [("SchoolType", fields["schooltype"] ?? "")], body: self.body.busCard(fields), isRepeatable: false
            )
            return try self.meaning(of: reply, service, .busCard)
        }
        guard case .done = answer, try await !self.busCards(fields).isThere else { return answer }
        return refusal(
            .busCardNotTaken,
            "Edlevo took the bus card without a word and doesn't have it: check that its type is an active code there, and that the "
                + "student has no other card in the period")
    }

    // MARK: Absence

    func writeAbsence(_ fields: [String: String]) async throws -> RowAnswer {
        let service = ClassicService(.absence, "ReportAbsence")
        if !self.settings.looksForAbsences {
            do {
                let reply = try await self.client.send(.post, service, body: self.body.absence(fields), isRepeatable: false)
                return try self.meaning(of: reply, service, .absence)
            } catch let error where error is CutShort || Self.isInDoubt(error) {
                return .refused(
                    ConnectorFailure(
                        .rejected, code: .replyLost,
                        message:
                            "the reply of \(service.words) was lost, so that nobody knows whether the absence is reported: look in "
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
        (error as? ConnectorFailure).map { Self.mayHaveBeenDone.contains($0.word) } ?? false
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

    func writeTotal(_ fields: [String: String]) async throws -> RowAnswer {
        guard let type = fields["schooltype"].flatMap(ClassicSchoolType.init(rawValue:)) else { return .done }
        let kind = fields["kind"] == "presence" ? "Presence" : "Absence"
        return try await self.post(
            ClassicService(.monitoring, "Update\(type.fragment)\(kind)Aggregation", type), self.body.total(fields), .absenceTotal)
    }
}
