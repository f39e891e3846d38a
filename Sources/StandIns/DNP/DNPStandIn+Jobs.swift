import Foundation
import SchoolRecords

/// Bulk calls and their jobs.
extension DNPStandIn {
    /// Takes a bulk call: what is wrong with each object is found out now, the deed is done when the job is due.
    func submit(_ kind: DNPKind, _ elements: [JSONValue], updates: Bool, isDeletion: Bool) -> Job {
        self.work(until: self.now())
        let checks = DNPChecks(held: self.held, units: self.units, tests: self.tests)
        var objects: [(id: String, object: JSONValue)] = []
        var responses: [JSONValue] = []
        var names: Set<JSONValue> = []
        for element in elements {
            let id = (isDeletion ? element.stringValue : element["id"]?.stringValue) ?? ""
            self.rowsServed += 1
            if let every = self.currentFaults.temporaryErrorEvery, self.rowsServed % every == 0 {
                responses.append(self.response(id, kind, "TemporaryError", 503, []))
                continue
            }
            var entries: [DNPEntry] = []
            let isThere = self.held[kind]?[id] != nil
            if isDeletion {
                if !isThere { entries = [.error("4001", "id", "Posten hittades inte.", status: 404)] }
            } else {
                entries = checks.entries(kind, element)
                if isThere, !updates { entries.append(.error(DNPEntry.conflict, "id", "Posten finns redan.", status: 409)) }
                // Two of one call with the same name.
                if kind == .person, let name = element["eduPersonPrincipalNames"]?.arrayValue?.first,
                    !names.insert(name).inserted
                {
                    entries.append(.error(DNPEntry.conflict, "eppn", "EPPN finns redan.", status: 409))
                }
            }
            let errors = entries.filter { !$0.isWarning }
            if errors.isEmpty { objects.append((id, element)) }
            for entry in errors.isEmpty ? entries : errors {
                if entry.isWarning {
                    self.seen.warnings[entry.code, default: 0] += 1
                } else {
                    self.seen.errors[entry.code, default: 0] += 1
                }
            }
            let status = errors.isEmpty ? (entries.isEmpty ? "Success" : "Warning") : "Error"
            let code = errors.first?.status ?? (isDeletion ? 204 : isThere ? 200 : 201)
            responses.append(self.response(id, kind, status, code, entries))
        }
        let job = Job(
            id: UUID().uuidString.lowercased(), kind: kind, isDeletion: isDeletion, objects: objects, responses: responses,
            due: self.now().addingTimeInterval(self.lag))
        self.jobPlaces[job.id] = self.jobs.count
        self.jobs.append(job)
        return job
    }

    private func response(_ id: String, _ kind: DNPKind, _ status: String, _ code: Int, _ entries: [DNPEntry]) -> JSONValue {
        let time = Self.stamp(self.now())
        func list(_ warnings: Bool) -> JSONValue {
            .array(entries.filter { $0.isWarning == warnings }.map { $0.json(kind, id, time) })
        }
        return [
            "id": .string(id),
            "response": [
                "status": .string(status), "statusCode": .integer(Int64(code)), "errors": list(false), "warnings": list(true),
            ],
            "meta": ["created": .string(time), "modified": .string(time)],
        ]
    }

    static func stamp(_ date: Date) -> String {
        Timestamp(microseconds: Int64(date.timeIntervalSince1970 * 1_000_000)).text
    }

    /// Does what is due.
    func work(until now: Date) {
        guard !self.currentFaults.isStuck else { return }
        while self.firstOpenJob < self.jobs.count, self.jobs[self.firstOpenJob].due <= now {
            let job = self.jobs[self.firstOpenJob]
            for (id, object) in job.objects {
                if job.isDeletion {
                    self.delete(job.kind, id)
                    self.seen.deleted += 1
                } else {
                    self.held[job.kind, default: [:]][id] = job.kind == .group ? self.knownMembers(of: object) : object
                    self.seen.written += 1
                }
            }
            self.jobs[self.firstOpenJob].isDone = true
            self.firstOpenJob += 1
        }
    }

    /// A group is taken without the members that aren't there.
    private func knownMembers(of group: JSONValue) -> JSONValue {
        var group = group
        let members = (group["groupMemberships"]?.arrayValue ?? []).filter {
            self.held[.person]?[$0["person"]?["id"]?.stringValue ?? ""] != nil
        }
        group["groupMemberships"] = .array(members)
        return group
    }

    func delete(_ kind: DNPKind, _ id: String) {
        self.held[kind]?[id] = nil
        switch kind {
        case .person:
            let reference: JSONValue = ["id": .string(id)]
            for (duty, object) in self.held[.duty] ?? [:] where object["person"] == reference { self.delete(.duty, duty) }
            self.filter(.group, "groupMemberships") { $0["person"] != reference }
        case .duty: self.filter(.activity, "teachers") { $0["duty"]?["id"] != .string(id) }
        case .group: self.filter(.activity, "groups") { $0["id"] != .string(id) }
        case .activity: break
        }
    }

    private func filter(_ kind: DNPKind, _ list: String, _ isKept: (JSONValue) -> Bool) {
        for (id, object) in self.held[kind] ?? [:] {
            let elements = object[list]?.arrayValue ?? []
            let kept = elements.filter(isKept)
            if kept.count < elements.count { self.held[kind]?[id]?[list] = .array(kept) }
        }
    }
}
