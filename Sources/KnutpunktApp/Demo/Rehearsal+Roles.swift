import Hub
import SchoolRecords
public import StandIns

/// What the stand-ins hold of roles, and how the hub is told.
extension Rehearsal {
    /// Whose number is whose, as the municipality knows it now.
    public func persons() async throws -> PersonDirectory { PersonDirectory(try await self.edlevo.truth(.person).values) }

    /// The roles that a system's stand-in holds.
    ///
    /// - Throws: ``AppError`` when there is no stand-in of the system.
    public func heldRoles(in system: String) async throws -> [HeldRole] {
        if system == "unikum" { return await self.unikum.roles(persons: try await self.persons()) }
        if system == "skolon", let skolon { return await skolon.roles }
        if let standIn = TwoWaySystem(rawValue: system).flatMap({ self.others[$0] }) { return await standIn.roles }
        throw AppError(.notFound, "\(system): there is no stand-in of it that takes roles.")
    }

    /// Has a system say now which roles it holds: one that leaves files leaves them first.
    ///
    /// - Parameter fault: how its file goes wrong; of no meaning for one that is asked.
    /// - Throws: ``AppError``, `StandInError`.
    @discardableResult
    public func snapshotRoles(of system: String, fault: ExportFault? = nil) async throws -> RoleSnapshot {
        switch system {
        case "unikum":
            let folder = self.options.directory + "/unikum-in"
            let persons = try await self.persons()
            try await self.unikum.exportRoles(to: folder, persons: persons, fault: fault)
            try await self.unikum.exportAccounts(to: folder, persons: persons)
        case "skolon":
            let folder = self.options.directory + "/skolon-in"
            try await self.skolon?.exportRoles(to: folder, fault: fault)
            try await self.skolon?.exportAccounts(to: folder)
        default: break
        }
        return try await self.context.snapshotRoles(of: system)
    }
}
