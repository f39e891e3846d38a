import ConnectorKit
import Foundation
import SchoolRecords

/// Asks the services of the Organization and Personnel interfaces. Holds nothing.
struct ClassicReader: Sendable {
    let system: String
    let settings: ClassicSourceSettings
    let client: ClassicClient
    let clock: ConnectorClock

    // MARK: Everything

    /// Reads everything there is.
    func everything() async throws -> ClassicLoad {
        var made: [(made: WallClock, skew: Int)] = []
        var organizations: [ClassicSchoolType: IMSOrganization] = [:]
        for type in self.settings.schoolTypes {
            let read = try await self.organization(type)
            organizations[type] = read.organization
            made += read.made
        }
        let employments = self.settings.duties == .personnel ? try await self.employments() : nil
        let broken = organizations.sorted { $0.key < $1.key }.flatMap(\.value.broken) + (employments?.broken ?? [])
        let completeUntil = made.map(\.made).min() ?? WallClock(self.clock.now())
        return ClassicLoad(
            records: self.records(organizations, employments, made: completeUntil), completeUntil: completeUntil,
            skew: made.map(\.skew).min() ?? 0, broken: broken)
    }

    func records(
        _ organizations: [ClassicSchoolType: IMSOrganization], _ employments: ClassicEmployments?, made: WallClock
    ) -> ClassicRecords {
        ClassicRecords(
            system: self.system, organizations, employments: employments, duties: self.settings.duties, made: made)
    }

    /// The organisation of a school type, on each day that is asked about; today's counts where they differ.
    func organization(
        _ type: ClassicSchoolType
    ) async throws -> (organization: IMSOrganization, made: [(made: WallClock, skew: Int)]) {
        let service = ClassicService(.organization, "Get\(type.fragment)Organization", type)
        var made: [(made: WallClock, skew: Int)] = []
        var organization = IMSOrganization()
        for parameters in self.parameters() {
            let before = organization
            let asked = WallClock(self.clock.now())
            let (read, properties) = try await self.client.read(service, parameters) { data throws(XMLProblem) in
                var read = before
                let properties = try read.takeComplete(data, schoolType: type.rawValue)
                return (read, properties)
            }
            organization = read
            let time = properties.made ?? asked
            made.append((time, time.seconds - WallClock(self.clock.now()).seconds))
        }
        return (organization, made)
    }

    private func parameters() -> [ClassicClient.Parameters] {
        let today = self.clock.now()
        return (self.settings.daysAhead.sorted(by: >) + [0]).flatMap { days -> [ClassicClient.Parameters] in
            var shared: ClassicClient.Parameters = []
            if days > 0 { shared.append(("SearchDate", String(WallClock(today + Double(days) * 86_400).text.prefix(10)))) }
            guard self.settings.unitIDs.isEmpty else { return self.settings.unitIDs.map { [("UnitId", $0)] + shared } }
            if let code = self.settings.municipalityCode { shared.append(("MunicipalityCode", code)) }
            if let governedBy = self.settings.governedBy { shared.append(("GovernedBy", governedBy)) }
            return [shared]
        }
    }

    func employments() async throws -> ClassicEmployments {
        var employments = ClassicEmployments()
        for type in self.settings.schoolTypes {
            let service = ClassicService(.personnel, "Get\(type.fragment)Personnel", type)
            var parameters: ClassicClient.Parameters = []
            if let code = self.settings.municipalityCode { parameters.append(("MunicipalityCode", code)) }
            if let governedBy = self.settings.governedBy { parameters.append(("GovernedBy", governedBy)) }
            for unit in self.settings.unitIDs.isEmpty ? [nil] : self.settings.unitIDs.map(Optional.some) {
                let before = employments
                employments = try await self.client.read(
                    service, parameters + (unit.map { [("UnitId", $0)] } ?? [])
                ) { data throws(XMLProblem) in
                    var read = before
                    _ = try read.take(data, system: self.system)
                    return read
                }
            }
        }
        return employments
    }

    // MARK: Changes

    struct Changes: Sendable {
        var organization: IMSOrganization
        var ids: Set<String> = []
        var takesAway = false
        var broken: [IMSOrganization.Broken] = []
    }

    /// Reads the changes of a school type in windows and takes them into an organisation.
    func changes(
        _ type: ClassicSchoolType, in windows: ClassicWindows, to organization: IMSOrganization
    ) async throws -> Changes {
        let service = ClassicService(.organization, "Get\(type.fragment)OrganizationDelta", type)
        var changes = Changes(organization: organization)
        for window in windows.windows {
            var parameters = window.parameters
            if let code = self.settings.municipalityCode { parameters.append(("MunicipalityCode", code)) }
            if let governedBy = self.settings.governedBy { parameters.append(("GovernedBy", governedBy)) }
            let before = changes.organization
            let (read, taken) = try await self.client.read(service, parameters) { data throws(XMLProblem) in
                var read = before
                let taken = try read.takeChanges(data, schoolType: type.rawValue)
                return (read, taken)
            }
            changes.organization = read
            changes.ids.formUnion(taken.ids)
            changes.takesAway = changes.takesAway || taken.takesAway
        }
        changes.broken = Array(changes.organization.broken.dropFirst(organization.broken.count))
        return changes
    }
}
