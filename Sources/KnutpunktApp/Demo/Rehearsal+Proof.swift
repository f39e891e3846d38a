import ConnectorKit
import Connectors
import Foundation
import Hub
import Mapping
public import Reconciliation
import SchoolRecords
import StandIns

/// Whether all systems hold what they should, found out past everything that the hub keeps.
extension Rehearsal {
    /// Compares each system with what the sources say now: what is read from a system with what the register holds of it, and
    /// what is written to it with what its stand-in holds. What flows derive isn't compared here.
    ///
    /// - Returns: by the names of the systems.
    public func agreements() async throws -> [Agreement] {
        let truth = try await self.truth()
        var found: [Agreement] = []
        for source in self.context.mappings.set.sourceNames {
            found.append(
                try Self.agreement(source, truth.records(of: source), try await self.registered(from: source)))
        }
        let unikum = await self.unikum.rows().map(HeldRows.row)
        found.append(try Self.agreement("unikum", truth.rows(for: "unikum"), unikum))
        for (system, standIn) in self.others {
            let kinds = HeldRows.kinds(of: system)
            let held = try await HeldRows.rows(of: system, in: standIn).sorted(by: HeldRow.isBefore)
            found.append(
                try Self.agreement(
                    system.rawValue, truth.rows(for: system.rawValue).filter { kinds.contains($0.kind) }, held))
        }
        if let skola24Files {
            let held = await skola24Files.rows.map(HeldRows.row).sorted(by: HeldRow.isBefore)
            found.append(try Self.agreement("skola24", truth.rows(for: "skola24files"), held))
        }
        return Dictionary(grouping: found, by: \.system).sorted { $0.key < $1.key }.map { system, parts in
            Agreement(
                system: system, equal: parts.reduce(0) { $0 + $1.equal }, differences: parts.flatMap(\.differences))
        }
    }

    private static func agreement(_ system: String, _ expected: [HeldRow], _ held: [HeldRow]) throws -> Agreement {
        var differences: [Difference] = []
        let equal = Comparison.run(expected: expected, actual: held) { differences.append($0) }
        return Agreement(system: system, equal: equal, differences: differences)
    }

    /// Where a system doesn't hold what the sources say it should; see ``agreements()``.
    public func differences() async throws -> [Difference] { try await self.agreements().flatMap(\.differences) }

    /// How much each stand-in has been written: records put, posted and deleted, rows and files imported.
    public func writes() async -> [String: Int] {
        var writes = ["unikum": await self.unikum.statistics.rows, "edlevo": await self.edlevo.requests.writes]
        for (system, standIn) in self.others { writes[system.rawValue, default: 0] += await standIn.requests.writes }
        if let skola24Files { writes["skola24", default: 0] += await skola24Files.files }
        if let breakOffList { writes["kaa"] = await breakOffList.files }
        return writes
    }

    private func truth() async throws -> ExpectedRows {
        let connections = try self.context.connectors()
        var written: [String: Set<RecordKey>] = [:]
        for (system, standIn) in self.others { written[system.rawValue] = Set(await standIn.writes.keys) }
        let echoes = written
        // Edlevo first: it is the one that knows who is protected.
        let all = connections.sources.map(\.source)
        let sources = all.filter { $0.system == "edlevo" } + all.filter { $0.system != "edlevo" }
        do {
            let truth = try await ExpectedRows.read(
                sources, mappings: self.context.mappings, key: self.context.key, roles: try await self.decidedRoles(),
                // What a system says of its roles is its own word, whoever gave them.
                isEcho: { $0.entity != .roleGrant && echoes[$1]?.contains($0) ?? false })
            for source in sources { await source.shutdown() }
            return truth
        } catch {
            for source in sources { await source.shutdown() }
            throw error
        }
    }

    /// The roles that the hub has decided: no source has them.
    private func decidedRoles() async throws -> [RegisteredRecord] {
        var roles: [RegisteredRecord] = []
        for system in RolePublisher(store: self.context.store, mappings: self.context.mappings).systems.sorted() {
            roles += try await self.context.store.roles(in: system, side: .decided)
        }
        return roles
    }

    /// What the register holds of a source.
    private func registered(from source: String) async throws -> [HeldRow] {
        var rows: [HeldRow] = []
        for entity in self.context.mappings.set.inboundEntities(system: source) {
            var after: String?
            while true {
                let records = try await self.context.store.liveRecords(of: entity, after: after, limit: 1000)
                guard let last = records.last else { break }
                after = last.key.id
                for record in records where record.source == source {
                    rows.append(ExpectedRows.row(record.key, record.body))
                }
            }
        }
        return rows.sorted(by: HeldRow.isBefore)
    }
}
