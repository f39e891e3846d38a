import ConnectorKit
import Foundation
import SchoolRecords
import Synchronization

/// Bulk calls, and the jobs that they begin.
extension DNPConnector {
    /// So often a group with unknown members is sent again by itself.
    private static let mostResends = 3
    private static let firstWait = Duration.milliseconds(250)
    private static let longestWait = Duration.seconds(5)

    /// A call that Skolverket took.
    private struct Submitted {
        let job: String
        let part: DNPCalls.Part
    }

    // MARK: Both ways

    func delete(_ type: DNPType, _ work: inout DNPWork) async throws {
        let ids = work.deletions(type)
        guard !ids.isEmpty else { return }
        let parts = DNPCalls.parts(ids.map { ($0, .string($0)) }, mostBytes: self.settings.callBytes)
        for (id, outcome) in try await self.perform(parts, type, "bulk/delete", &work) {
            switch outcome {
            case .success, .warning: work.isDone()
            case .error(let entries) where entries.contains(where: \.isNotFound): work.isDone()
            case .error(let entries): work.fail(type, id, DNPLogEntry.failure(entries, of: type))
            case .temporaryError: work.fail(type, id, Self.temporary(type))
            }
        }
    }

    func send(_ documents: [DNPDocument], _ type: DNPType, _ work: inout DNPWork) async throws {
        let byID = Dictionary(documents.map { ($0.id, $0) }, uniquingKeysWith: { _, last in last })
        var open = documents.map { ($0.id, $0.json) }
        var warned: [DNPDocument] = []
        for isLast in [false, true] where !open.isEmpty {
            let parts = DNPCalls.parts(open, mostBytes: self.settings.callBytes)
            open = []
            for (id, outcome) in try await self.perform(parts, type, "bulk?updateIfExists=true", &work) {
                switch outcome {
                case .success: work.isDone()
                case .warning(let entries):
                    work.isDone()
                    work.isWarned(entries)
                    if let document = byID[id] { warned.append(document) }
                case .error(let entries):
                    // What it conflicts with may have changed with the others of the batch.
                    if !isLast, entries.contains(where: { $0.statusCode == 409 }), let document = byID[id] {
                        open.append((id, document.json))
                    } else {
                        work.fail(type, id, DNPLogEntry.failure(entries, of: type))
                    }
                case .temporaryError: work.fail(type, id, Self.temporary(type))
                }
            }
        }
        if type == .group { try await self.lookAfter(documents, warned, &work) }
    }

    private static func temporary(_ type: DNPType) -> ConnectorFailure {
        ConnectorFailure(
            .transient, code: .rowServerError, message: "Skolverket broke the \(type.rawValue) off by a temporary error",
            retryAfter: 60)
    }

    /// A group with members that Skolverket doesn't know is taken without them, with a warning: it is sent again.
    private func lookAfter(_ sent: [DNPDocument], _ warned: [DNPDocument], _ work: inout DNPWork) async throws {
        let members = Set(warned.flatMap { $0.elements(.member).compactMap { $0["person"] } })
        let there = members.isEmpty ? [:] : try await self.client.lookUp(.person, members.sorted())
        let lacking = warned.filter { $0.elements(.member).contains { there[$0["person"] ?? ""] == nil } }
        let again = Set(lacking.map(\.id))
        self.incomplete.withLock { counts in
            for group in sent where !again.contains(group.id) { counts[group.id] = nil }
        }
        for group in lacking {
            let times = self.incomplete.withLock { counts in
                counts[group.id, default: 0] += 1
                return counts[group.id] ?? 0
            }
            let count = group.elements(.member).count { there[$0["person"] ?? ""] == nil }
            let isOver = times > Self.mostResends
            work.leaveOpen(
                .group, group.id,
                ConnectorFailure(
                    isOver ? .rejected : .transient, code: .relationEndMissing,
                    message:
                        "\(count) of the group's members aren't at Skolverket, so that it has the group without them; send these "
                        + "persons again with knutpunkt resend \(self.system), then replay", retryAfter: isOver ? nil : 60))
            if isOver { self.incomplete.withLock { $0[group.id] = nil } }
        }
    }

    // MARK: Jobs

    /// Makes calls, waits for the end of their jobs, and tells how each object fared.
    private func perform(
        _ parts: [DNPCalls.Part], _ type: DNPType, _ operation: String, _ work: inout DNPWork
    ) async throws -> [(id: String, DNPJob.Outcome)] {
        var waiting = parts
        var submitted: [Submitted] = []
        var outcomes: [(id: String, DNPJob.Outcome)] = []
        while !waiting.isEmpty {
            let part = waiting.removeFirst()
            let name = "\(type.path)/\(operation.prefix { $0 != "?" })"
            let reply = try await self.client.send(.post, "\(type.path)/\(operation)", body: part.body, name: name)
            switch reply.status {
            case 200...299:
                guard let job = Self.job(reply) else { throw DNPClient.wrongShape(name) }
                submitted.append(Submitted(job: job, part: part))
            case 400, 413:
                // What is wrong with one object must not keep the others out.
                let entries = DNPLogEntry.list(reply.body)
                if let halves = part.halves {
                    waiting = halves + waiting
                } else {
                    outcomes += part.ids.map { ($0, .error(entries)) }
                }
            case 404, 405:
                throw ConnectorFailure(
                    .misconfigured, code: .endpointNotFound,
                    message: "\(name) is not there (\(reply.status)): check connection.base_url")
            default: throw DNPClient.unexpected(reply, name)
            }
        }
        for call in submitted { outcomes += try await self.outcomes(of: call, type) }
        return outcomes
    }

    /// The job's id: of the body, or the end of the address where it is told of.
    private static func job(_ reply: HTTPReply) -> String? {
        let id =
            (try? JSONValue(parsing: reply.body))?["jobId"]?.stringValue
            ?? reply.location?.split(separator: "/").last.map(String.init)
        return id.flatMap { DNPRules.isUUID($0.lowercased()) ? $0 : nil }
    }

    private func outcomes(of call: Submitted, _ type: DNPType) async throws -> [(id: String, DNPJob.Outcome)] {
        let name = "\(type.path)/bulk/jobs/{id}"
        let began = self.clock.uptime()
        var wait = Self.firstWait
        var unreadable = 0
        while true {
            let reply = try await self.client.send(.get, "\(type.path)/bulk/jobs/\(call.job)", name: name)
            guard reply.status == 200 else {
                guard reply.status == 404 else { throw DNPClient.unexpected(reply, name) }
                throw Self.unfinished("Skolverket knows nothing of a job that it took")
            }
            if let job = (try? JSONValue(parsing: reply.body)).flatMap({ DNPJob($0, expected: call.part.ids) }) {
                if job.isDone { return call.part.ids.compactMap { id in job.outcomes[id].map { (id, $0) } } }
            } else {
                unreadable += 1
                guard unreadable < 3 else { throw DNPClient.wrongShape(name) }
            }
            guard self.clock.uptime() - began < self.settings.jobTimeout else {
                throw Self.unfinished("a job isn't done after \(Int(self.settings.jobTimeout.seconds)) s (job_timeout_seconds)")
            }
            try await self.clock.sleep(wait)
            wait = min(wait * 2, Self.longestWait)
        }
    }

    private static func unfinished(_ what: String) -> ConnectorFailure {
        ConnectorFailure(.systemUnavailable, code: .jobUnfinished, message: "\(what); the batch is sent again later")
    }
}
