import SchoolRecords

extension MunicipalityBuilder {
    /// What a person's document says beyond who they are.
    private struct Particulars {
        var login: String?
        var schoolMail: String?
        var privateMail: String?
        var isStaff = false
        var enrolments: [Enrolment] = []
        var responsibles: [(id: String, relation: String)] = []
    }

    private struct Enrolment {
        let unit: String
        let year: Int
        let schoolType: String
        let start: CalendarDay
        let end: CalendarDay?
        let educationCode: String?
    }

    mutating func writePersons() throws(StandInError) -> [SyntheticRecord] {
        var writer = DocumentWriter()
        var records: [SyntheticRecord] = []
        records.reserveCapacity(self.children.count + self.staff.count + self.guardians.count)
        for index in self.children.indices {
            let child = self.children[index]
            records.append(try self.person(records.count, child.identity, self.particulars(of: child, index), &writer))
        }
        for index in self.staff.indices {
            let login = "p\(String(46_656 + index, radix: 36))"
            let particulars = Particulars(
                login: login, schoolMail: "\(login)@skola.\(Self.domain)",
                privateMail: self.staff[index].isGuardian ? "\(login)@post.example" : nil, isStaff: true)
            records.append(try self.person(records.count, self.staff[index].identity, particulars, &writer))
        }
        for index in self.guardians.indices {
            let particulars = Particulars(
                privateMail: index % 12 == 0 ? nil : "v\(String(index, radix: 36))@post.example")
            records.append(try self.person(records.count, self.guardians[index], particulars, &writer))
        }
        return records
    }

    private func particulars(of child: Child, _ index: Int) -> Particulars {
        var particulars = Particulars()
        if self.schools[child.school].kind != .preschool {
            let login = "e\(String(46_656 + index, radix: 36))"
            particulars.login = login
            particulars.schoolMail = "\(login)@elev.\(Self.domain)"
            particulars.enrolments = self.enrolments(of: child)
        }
        particulars.responsibles = child.guardians.map { (self.identity($0).id, "Vårdnadshavare") }
        if let other = child.otherResponsible {
            particulars.responsibles.append((self.identity(other).id, "Annan ansvarig"))
        }
        return particulars
    }

    private func enrolments(of child: Child) -> [Enrolment] {
        let school = self.schools[child.school]
        func at(_ school: School, _ start: CalendarDay, _ end: CalendarDay?) -> Enrolment {
            let schoolType = school.kind == .upperSecondary ? "GY" : (child.year == 0 ? "FKLASS" : "GR")
            return Enrolment(
                unit: school.teachingUnit(year: child.year).id, year: child.year, schoolType: schoolType, start: start,
                end: end, educationCode: child.educationCode)
        }
        let yearsHere = child.year - school.years.lowerBound
        let begun = CalendarDay(self.schoolYear - yearsHere, 7, 1)
        let other =
            self.schools.first {
                $0.kind == school.kind && $0.id != school.id && $0.years.contains(child.year)
            } ?? school
        switch child.identity.oddity {
        case .endedEnrolment:
            return [at(other, begun - 365, self.yearStart - 1), at(school, self.yearStart, nil)]
        case .futureEnrolment:
            return [at(school, begun, self.today + 30), at(other, self.today + 31, nil)]
        default:
            return [at(school, begun, yearsHere % 3 == 2 ? self.yearEnd : nil)]
        }
    }

    private mutating func person(
        _ number: Int, _ identity: Identity, _ particulars: Particulars, _ writer: inout DocumentWriter
    ) throws(StandInError) -> SyntheticRecord {
        let civicNumber = try self.numbers.number(birth: identity.birth, isMan: identity.isMan)
        let stamps = self.stamps(.person, number)
        writer.object {
            $0.string("id", identity.id)
            $0.meta(stamps)
            $0.string("givenName", identity.given)
            $0.string("middleName", ifAny: identity.middle)
            $0.string("familyName", identity.family)
            if let login = particulars.login {
                $0.array("eduPersonPrincipalNames", ["\(login)@edu.\(Self.domain)"]) { $0.string(nil, $1) }
            }
            $0.object("civicNo") {
                $0.string("value", civicNumber)
                $0.string("nationality", identity.oddity == .foreignNumber ? "FI" : "SE")
            }
            if identity.oddity != .noBirthDate { $0.string("birthDate", identity.birth.text) }
            if identity.oddity != .noSexNoContact { $0.string("sex", identity.isMan ? "Man" : "Kvinna") }
            $0.string("securityMarking", identity.marking.json.stringValue ?? "")
            $0.string("personStatus", self.status(of: identity, particulars))
            self.contact(identity, particulars, number, &$0)
            if !particulars.enrolments.isEmpty { Self.write(particulars.enrolments, &$0) }
            if !particulars.responsibles.isEmpty {
                $0.array("responsibles", particulars.responsibles) { writer, responsible in
                    writer.object {
                        $0.reference("person", responsible.id)
                        $0.string("relationType", responsible.relation)
                    }
                }
            }
        }
        return SyntheticRecord(key: RecordKey(.person, identity.id), stamps: stamps, bytes: writer.finish())
    }

    private func status(of identity: Identity, _ particulars: Particulars) -> String {
        guard !particulars.isStaff, particulars.login == nil, particulars.responsibles.isEmpty else { return "Aktiv" }
        switch identity.oddity {
        case .endedEnrolment: return "Avliden"
        case .futureEnrolment: return "Utvandrad"
        default: return "Aktiv"
        }
    }

    /// A person with a protected registration has no address or telephone number in the register.
    private func contact(
        _ identity: Identity, _ particulars: Particulars, _ number: Int, _ writer: inout DocumentWriter
    ) {
        if identity.oddity == .noSexNoContact { return }
        var mails: [(value: String, type: String)] = []
        if let mail = particulars.schoolMail {
            mails.append((mail, particulars.isStaff ? "Skola personal" : "Skola elev"))
        }
        if let mail = particulars.privateMail { mails.append((mail, "Privat")) }
        if !mails.isEmpty {
            writer.array("emails", mails) { writer, mail in
                writer.object {
                    $0.string("value", mail.value)
                    $0.string("type", mail.type)
                }
            }
        }
        if identity.marking == .protectedRegistration { return }
        if particulars.isStaff || particulars.privateMail != nil {
            // 070-1740605 to 0699 are set aside for fiction by the Swedish Post and Telecom Authority.
            writer.array(
                "phoneNumbers", ["07017406\(["05", "17", "28", "39", "41", "56", "63", "74", "88", "99"][number % 10])"]
            ) {
                writer, value in
                writer.object {
                    $0.string("value", value)
                    $0.string("type", particulars.isStaff ? "Arbete" : "Hem")
                    $0.bool("mobile", true)
                }
            }
        }
        var random = self.generator(.address, identity.household)
        let (postalCode, town) = random.pick(NameLists.towns)
        let street = "\(random.pick(NameLists.streets)) \(1 + random.below(120))"
        writer.array("addresses", [street]) { writer, street in
            writer.object {
                $0.string("type", "Folkbokföring")
                $0.string("streetAddress", street)
                $0.string("postalCode", postalCode)
                $0.string("locality", town)
                $0.integer("municipalityCode", Self.municipalityCode)
                $0.string("country", "Sverige")
            }
        }
    }

    private static func write(_ enrolments: [Enrolment], _ writer: inout DocumentWriter) {
        writer.array("enrolments", enrolments) { writer, enrolment in
            writer.object {
                $0.reference("enroledAt", enrolment.unit)
                $0.integer("schoolYear", enrolment.year)
                $0.string("schoolType", enrolment.schoolType)
                $0.string("startDate", enrolment.start.text)
                $0.string("endDate", ifAny: enrolment.end?.text)
                $0.string("educationCode", ifAny: enrolment.educationCode)
            }
        }
    }
}
