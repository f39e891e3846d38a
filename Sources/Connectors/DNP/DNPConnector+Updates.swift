import ConnectorKit
import SchoolRecords

/// What is set, put together into whole objects.
extension DNPConnector {
    /// Objects that are put together at a time.
    private static let slice = 500
    /// So many members say where a group is.
    private static let mostVoters = 20

    func update(_ type: DNPType, _ work: inout DNPWork, _ known: inout DNPKnown) async throws {
        let ids = work.updates(type)
        for start in stride(from: 0, to: ids.count, by: Self.slice) {
            let part = Array(ids[start..<min(start + Self.slice, ids.count)])
            // A duty has no lists: what Skolverket has of it doesn't matter.
            let held = type == .duty ? [:] : try await self.client.lookUp(type, part)
            var documents = part.compactMap { self.document(type, $0, held[$0], &work) }
            switch type {
            case .person: self.refuseSharedNames(&documents, &work)
            case .duty: try await self.checkHolders(&documents, &work, &known)
            case .group: try await self.placeGroups(&documents, held, &work, &known)
            case .activity: try await self.placeActivities(&documents, held, &work, &known)
            }
            try await self.send(documents.filter { $0 != held[$0.id] }, type, &work)
            known.take(documents.filter { !work.hasFailed(type, $0.id) })
        }
    }

    /// The object as it shall be; `nil` when it can't be sent.
    private func document(_ type: DNPType, _ id: String, _ held: DNPDocument?, _ work: inout DNPWork) -> DNPDocument? {
        var change = work.change(type, id)
        let count = change.set.count
        change.set.removeAll { Self.refersToFailed($0.kind, $0.fields, work) }
        if change.set.count < count { work.leaveOpen(type, id, Self.waiting(type)) }
        let document = change.applied(to: held, type, id)
        guard document.fields != nil else {
            work.fail(
                type, id,
                ConnectorFailure(
                    .rejected, code: .relationEndMissing,
                    message: "the \(type.rawValue) that a row belongs to isn't at Skolverket any more: send it again with "
                        + "knutpunkt resend \(self.system), then replay"))
            return nil
        }
        return document
    }

    private static func refersToFailed(_ kind: DNPRowKind, _ fields: [String: String], _ work: DNPWork) -> Bool {
        switch kind {
        case .member: work.hasFailed(.person, fields["person"] ?? "")
        case .teacher: work.hasFailed(.duty, fields["duty"] ?? "")
        case .person, .enrolment, .duty, .group, .activity: false
        }
    }

    /// It is planned anew then, without what isn't there.
    private static func waiting(_ type: DNPType) -> ConnectorFailure {
        ConnectorFailure(
            .transient, code: .relationEndMissing,
            message: "the \(type.rawValue) refers to something of the same batch that Skolverket didn't take")
    }

    /// One EPPN is one person's.
    private func refuseSharedNames(_ documents: inout [DNPDocument], _ work: inout DNPWork) {
        let names = Dictionary(grouping: documents) { $0.fields?["eppn"]?.lowercased() ?? "" }
        for same in names.values where same.count > 1 {
            for document in same {
                work.fail(
                    .person, document.id,
                    ConnectorFailure(
                        .rejected, code: .eppnUnusable,
                        message:
                            "\(same.count) persons have the same EPPN; Skolverket takes each for one alone. Give each their own"))
            }
        }
        documents.removeAll { work.hasFailed(.person, $0.id) }
    }

    /// Looks persons up that aren't known yet.
    private func learn(persons: some Sequence<String>, _ known: inout DNPKnown) async throws {
        let unknown = Set(persons).filter { known.persons[$0] == nil }.sorted()
        if !unknown.isEmpty { known.take(try await self.client.lookUp(.person, unknown).values) }
    }

    private func checkHolders(_ documents: inout [DNPDocument], _ work: inout DNPWork, _ known: inout DNPKnown) async throws {
        try await self.learn(persons: documents.compactMap { $0.fields?["person"] }, &known)
        for document in documents {
            let id = document.fields?["person"] ?? ""
            if work.hasFailed(.person, id) {
                work.fail(.duty, document.id, Self.waiting(.duty))
            } else if let person = known.persons[id] {
                do throws(ConnectorFailure) { try self.rules.checkStaff(person) } catch { work.fail(.duty, document.id, error) }
            } else {
                work.fail(
                    .duty, document.id,
                    ConnectorFailure(
                        .rejected, code: .relationEndMissing,
                        message: "the person of the duty isn't at Skolverket: send the person again with knutpunkt resend "
                            + "\(self.system), then replay"))
            }
        }
        documents.removeAll { work.hasFailed(.duty, $0.id) }
    }

    // MARK: Units

    private func placeGroups(
        _ documents: inout [DNPDocument], _ held: [String: DNPDocument], _ work: inout DNPWork, _ known: inout DNPKnown
    ) async throws {
        var open: [Int] = []
        for place in documents.indices {
            let change = work.change(.group, documents[place].id)
            if self.settings.groupUnits == .rows {
                if change.fields != nil { documents[place].unit = change.unit }
            } else if change.fields != nil || documents[place].unit == nil {
                open.append(place)
            }
        }
        let voters = open.flatMap { documents[$0].elements(.member).prefix(Self.mostVoters).compactMap { $0["person"] } }
        try await self.learn(persons: voters, &known)
        for place in open { documents[place].unit = known.unit(of: documents[place]) ?? documents[place].unit }
        self.refuseWithoutUnit(&documents, .group, &work)
    }

    private func placeActivities(
        _ documents: inout [DNPDocument], _ held: [String: DNPDocument], _ work: inout DNPWork, _ known: inout DNPKnown
    ) async throws {
        for document in documents where work.hasFailed(.group, document.fields?["group"] ?? "") {
            work.fail(.activity, document.id, Self.waiting(.activity))
        }
        documents.removeAll { work.hasFailed(.activity, $0.id) }
        let groups = documents.compactMap { $0.fields?["group"] }
        let unknown = Set(groups).filter { known.groups[$0] == nil }.sorted()
        if self.settings.groupUnits == .members, !unknown.isEmpty {
            known.take(try await self.client.lookUp(.group, unknown).values)
        }
        for place in documents.indices {
            let change = work.change(.activity, documents[place].id)
            if self.settings.groupUnits == .rows {
                if change.fields != nil { documents[place].unit = change.unit }
            } else {
                let group = documents[place].fields?["group"].flatMap { known.groups[$0] }
                documents[place].unit = group?.unit ?? documents[place].unit
            }
        }
        self.refuseWithoutUnit(&documents, .activity, &work)
    }

    private func refuseWithoutUnit(_ documents: inout [DNPDocument], _ type: DNPType, _ work: inout DNPWork) {
        for document in documents where document.unit == nil {
            work.fail(
                type, document.id,
                ConnectorFailure(
                    .rejected, code: .requiredFieldMissing,
                    message: "the \(type.rawValue) has no school unit: "
                        + (self.settings.groupUnits == .rows
                            ? "the mapping must give the field unit" : "none of its members is enrolled at Skolverket")))
        }
        documents.removeAll { work.hasFailed(type, $0.id) }
    }
}
