import Foundation
public import Hub
public import Mapping
import Logging

/// The register of processing in the mapping files, held against the accepted one.
public struct ProcessingState: Sendable, Encodable {
    /// Who accepted what systems are given, and when.
    public struct Acceptance: Sendable, Encodable {
        public let person: String
        public let reason: String
        /// RFC 3339 in UTC.
        public let time: String
        /// The mappings that a running hub may go by.
        public let version: String
    }

    /// `nil` when nobody has yet.
    public let accepted: Acceptance?
    /// The version of the mapping files.
    public let version: String
    /// What the files give that isn't accepted.
    public let widening: [Widening]
    /// What is accepted and that the files don't give any more.
    public let narrowing: [Widening]
}

extension HubContext {
    /// How the mapping files stand to what has been accepted.
    ///
    /// - Throws: ``AppError`` when the accepted register can't be read.
    public func processing() throws -> ProcessingState {
        let set = self.mappings.set
        let register = ProcessingRegister(set)
        let accepted = try ProcessingDesk(self.configuration).accepted()
        return ProcessingState(
            accepted: accepted.map {
                ProcessingState.Acceptance(person: $0.person, reason: $0.reason, time: $0.time, version: $0.version)
            },
            version: set.version, widening: accepted?.register.widening(to: register) ?? [],
            narrowing: accepted.map { register.widening(to: $0.register) } ?? [])
    }

    /// Accepts what the mapping files give: a running hub goes by them from now on, and by none that give more.
    ///
    /// - Throws: ``AppError`` when the person may not, or the acceptance can't be kept.
    public func acceptProcessing(by person: String, reason: String, clock: HubClock = .system) async throws {
        try await self.require(.protect, on: [], by: person)
        let set = self.mappings.set
        let files = MappingSet.files(directory: self.configuration.mappingsDirectory)
        try await self.store.note(
            "processing.accept", of: "mappings/\(set.version)", reason: reason, by: person, time: clock.timestamp)
        try ProcessingDesk(self.configuration).keep(
            ProcessingDesk.Accepted(
                version: set.version, person: person, reason: reason, time: clock.timestamp, register: ProcessingRegister(set),
                files: Dictionary(files.map { ($0.path, $0.text) }) { first, _ in first }))
    }

    /// The mappings that a running hub goes by: those in the folder, unless they give more than somebody has accepted.
    ///
    /// - Throws: ``AppError`` when the accepted ones can't be used by this version of the program.
    static func inForce(_ set: MappingSet, _ configuration: HubConfiguration, logger: Logger) throws -> MappingSet {
        let desk = ProcessingDesk(configuration)
        guard let accepted = try desk.accepted() else { return set }
        let widening = accepted.register.widening(to: ProcessingRegister(set))
        guard !widening.isEmpty else {
            try desk.follow(set, from: configuration.mappingsDirectory)
            return set
        }
        Self.tellWaiting(widening, logger)
        let load = Self.load(configuration, files: accepted.mappingFiles)
        guard let earlier = load.set else {
            throw AppError(
                .mappings,
                (["The mapping files give systems more than is accepted, and the accepted ones don't check in this version:"]
                    + load.diagnostics.filter { $0.severity == .error }.map(\.description)
                    + ["Look, then accept the files: knutpunkt privacy register diff, knutpunkt privacy register accept"])
                    .joined(separator: "\n"))
        }
        return earlier
    }

    static func tellWaiting(_ widening: [Widening], _ logger: Logger) {
        let systems = Set(widening.map(\.system)).filter { !$0.isEmpty }.sorted().joined(separator: ", ")
        logger.error(
            "The mapping files give systems more personal data than somebody has accepted; the accepted ones stay in force",
            metadata: [
                "systems": "\(systems)", "count": "\(widening.count)", "look": "knutpunkt privacy register diff",
                "then": "knutpunkt privacy register accept",
            ])
    }
}
