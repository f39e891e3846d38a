public import Hub
public import SchoolRecords

extension HubContext {
    /// Counts reported lessons and stays of a period.
    ///
    /// - Parameters:
    ///   - schools: school unit codes, other codes, names or ids; empty = all. A school brings its units.
    ///   - now: what ends later isn't counted yet.
    /// - Throws: ``AppError`` when one of `schools` is nowhere, or means several.
    public func lessonReport(
        _ period: ReportPeriod, schools: [String] = [], clock: HubClock = .system,
        progress: @escaping @Sendable (Entity) -> Void = { _ in }
    ) async throws -> ReportingTable {
        let chosen = schools.isEmpty ? nil : try await self.organisations(named: schools)
        guard let now = Moment(clock.timestamp) else {
            throw AppError(.configuration, "The machine's clock shows a time outside of the calendar. Set it.")
        }
        return try await LessonReporting(register: self.store).table(period, now: now, schools: chosen, progress: progress)
    }

    func organisations(named names: [String]) async throws -> Set<String> {
        let all = try await self.allOrganisations()
        var chosen: Set<String> = []
        for name in names {
            let id = try Self.organisation(named: name, among: all)
            chosen.insert(id)
            chosen.formUnion(all.filter { $0.parentOrganisation?.id == id }.map(\.id))
        }
        return chosen
    }

    /// One school or unit by code, name or id.
    ///
    /// - Throws: ``AppError`` when it is nowhere, or the name means several.
    func organisation(named name: String) async throws -> String {
        try Self.organisation(named: name, among: try await self.allOrganisations())
    }

    private func allOrganisations() async throws -> [Organisation] {
        var all: [Organisation] = []
        try await RegisterReader(store: self.store).pages(of: .organisation) { page in
            all += page.compactMap { try? Organisation(json: $0.document.value) }
        }
        return all
    }

    private static func organisation(named name: String, among all: [Organisation]) throws -> String {
        let exact = all.filter { $0.id == name.lowercased() || $0.schoolUnitCode == name || $0.organisationCode == name }
        let found = exact.isEmpty ? all.filter { $0.displayName.lowercased() == name.lowercased() } : exact
        guard let first = found.first else {
            throw AppError(.notFound, "There is no school \"\(name)\". Give its school unit code, its whole name or its id.")
        }
        // A school and its unit may have the same name: the school brings the unit.
        let top = found.first { school in found.allSatisfy { $0.id == school.id || $0.parentOrganisation?.id == school.id } }
        guard let school = found.count == 1 ? first : top else {
            let codes = found.map { $0.schoolUnitCode ?? $0.id }.joined(separator: ", ")
            throw AppError(.notFound, "Several schools are called \"\(name)\". Say which: \(codes).")
        }
        return school.id
    }
}
