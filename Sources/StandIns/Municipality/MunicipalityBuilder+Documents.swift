import SchoolRecords

/// Writes what was built as SS 12000:2020 documents, within the limits that Edlevo states for its interface.
extension MunicipalityBuilder {
    /// A municipality that doesn't exist, in a county that does (Norrbotten has number 25).
    static let municipalityCode = 2599
    static let domain = "norrvik.example"

    mutating func writeDocuments() throws(StandInError) -> [Entity: [SyntheticRecord]] {
        let organisations = self.writeOrganisations()
        let persons = try self.writePersons()
        let groups = self.writeGroups()
        let duties = self.writeDuties()
        let placements = self.writePlacements()
        self.census.groups = groups.count
        self.census.duties = duties.count
        self.census.listedNumbers = self.numbers.listedCount
        self.census.temporaryNumbers = self.numbers.temporaryCount
        return [
            .organisation: organisations, .person: persons, .group: groups, .duty: duties, .placement: placements,
        ]
    }

    private func record(
        _ entity: Entity, _ index: Int, _ id: String, _ writer: inout DocumentWriter,
        _ members: (inout DocumentWriter) -> Void
    ) -> SyntheticRecord {
        let stamps = self.stamps(entity, index)
        writer.object {
            $0.string("id", id)
            $0.meta(stamps)
            members(&$0)
        }
        return SyntheticRecord(key: RecordKey(entity, id), stamps: stamps, bytes: writer.finish())
    }

    private func writeOrganisations() -> [SyntheticRecord] {
        var writer = DocumentWriter()
        var records: [SyntheticRecord] = []
        for (number, school) in self.schools.enumerated() {
            var random = self.generator(.address, 900_000_000 + number)
            let types = school.units.flatMap(\.schoolTypes)
            records.append(
                self.record(.organisation, records.count, school.id, &writer) {
                    $0.string("displayName", school.name)
                    $0.string("organisationCode", ifAny: school.organisationCode)
                    $0.string("organisationType", "Skola")
                    $0.array("schoolTypes", types) { $0.string(nil, $1) }
                    $0.string("municipalityCode", String(Self.municipalityCode))
                    $0.string("url", "https://skola\(number + 1).\(Self.domain)")
                    $0.string("email", "skola\(number + 1)@\(Self.domain)")
                    // Numbers set aside for fiction by the Swedish Post and Telecom Authority.
                    $0.string("phoneNumber", "0980319\(200 + number % 100)")
                    let (postalCode, town) = random.pick(NameLists.towns)
                    let street = "\(random.pick(NameLists.streets)) \(1 + random.below(90))"
                    $0.object("address") {
                        $0.string("type", "Besöksadress")
                        $0.string("streetAddress", street)
                        $0.string("postalCode", postalCode)
                        $0.string("locality", town)
                        $0.integer("municipalityCode", Self.municipalityCode)
                        $0.string("country", "Sverige")
                    }
                    $0.string("startDate", "1998-07-01")
                })
            for unit in school.units {
                records.append(
                    self.record(.organisation, records.count, unit.id, &writer) {
                        $0.string("displayName", unit.name)
                        $0.string("organisationCode", ifAny: unit.organisationCode)
                        $0.string("organisationType", "Skolenhet")
                        $0.reference("parentOrganisation", school.id)
                        $0.string("schoolUnitCode", ifAny: unit.schoolUnitCode)
                        $0.array("schoolTypes", unit.schoolTypes) { $0.string(nil, $1) }
                        $0.string("startDate", "1998-07-01")
                    })
            }
        }
        return records
    }

    private func writeGroups() -> [SyntheticRecord] {
        var writer = DocumentWriter()
        return self.groups.enumerated().map { index, group in
            self.record(.group, index, group.id, &writer) {
                $0.string("displayName", group.name)
                $0.string("startDate", group.start.text)
                $0.string("endDate", ifAny: group.end?.text)
                $0.string("groupType", group.type)
                $0.string("schoolType", group.schoolType)
                $0.reference("organisation", self.schools[group.school].id)
                $0.array("groupMemberships", group.members) { writer, member in
                    writer.object {
                        $0.reference("person", self.children[member.child].identity.id)
                        $0.string("startDate", ifAny: member.start?.text)
                        $0.string("endDate", ifAny: member.end?.text)
                    }
                }
            }
        }
    }

    private func writeDuties() -> [SyntheticRecord] {
        var writer = DocumentWriter()
        return self.duties.enumerated().map { index, duty in
            self.record(.duty, index, self.identifier(.dutyID, index), &writer) {
                let holder = self.staff[duty.staff].identity
                $0.reference("person", holder.id)
                $0.array("assignmentRole", duty.assignments) { writer, assignment in
                    writer.object {
                        $0.reference("group", self.groups[assignment.group].id)
                        $0.string("assignmentRoleType", assignment.role)
                        $0.string("startDate", self.yearStart.text)
                        if self.groups[assignment.group].end != nil { $0.string("endDate", self.yearEnd.text) }
                    }
                }
                $0.reference("dutyAt", self.schools[duty.school].id)
                $0.string("dutyRole", duty.title.dutyRole)
                $0.string("description", duty.title.description)
                $0.string("signature", "S\(String(duty.staff, radix: 36, uppercase: true))")
                $0.integer("dutyPercent", duty.percent)
                if index % 9 != 0 { $0.integer("hoursPerYear", 1767 * duty.percent / 100) }
                $0.string("startDate", duty.start.text)
                $0.string("endDate", ifAny: duty.end?.text)
            }
        }
    }

    private func writePlacements() -> [SyntheticRecord] {
        var writer = DocumentWriter()
        return self.placements.enumerated().map { index, placement in
            self.record(.placement, index, self.identifier(.placementID, index), &writer) {
                let school = self.schools[placement.school]
                // Always a Skolenhet, as for enrolments: the preschool's unit, or the school's after-school care.
                $0.reference("placedAt", (school.placementUnit ?? school.units[0]).id)
                $0.reference("group", self.groups[placement.group].id)
                $0.reference("child", self.children[placement.child].identity.id)
                $0.string("schoolType", placement.schoolType)
                $0.string("startDate", placement.start.text)
                $0.string("endDate", ifAny: placement.end?.text)
                if index % 50 != 0 { $0.string("reason", placement.hours == 15 ? "Erbjuden tid" : "Omsorgsbehov") }
                if let hours = placement.hours { $0.integer("maxWeeklyScheduleHours", hours) }
            }
        }
    }
}
