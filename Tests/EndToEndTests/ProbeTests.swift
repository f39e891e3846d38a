import Foundation
import Hub
import KnutpunktApp
import Provisioning
import Reconciliation
import SchoolRecords
import StandIns
import Testing

/// The probe through a hub in a process of its own, with systems and mappings that are broken on purpose.
@Suite("The probe", .serialized)
struct ProbeTests {
    /// A hub between stand-ins of Tempus and Vega.
    ///
    /// - Parameters:
    ///   - edits: text in a mapping file → what stands in its place.
    ///   - keepsPlacements: whether they keep placements for good, as their files have it.
    private static func with(
        _ edits: [(file: String, text: String, instead: String)] = [], keepsPlacements: Bool = false,
        _ body: @Sendable (Rehearsal) async throws -> Void
    ) async throws {
        try await TemporaryDirectory.with { directory in
            let mappings = directory + "/edited"
            try FileManager.default.copyItem(atPath: Program.mappings, toPath: mappings)
            let kept = keepsPlacements ? [] : ["tempus", "vega"].map { ("\($0)/system.yaml", "      delete: false\n", "") }
            for (file, text, instead) in edits + kept {
                try Self.edit("\(mappings)/\(file)", text, instead)
            }
            var options = Rehearsal.Options(
                scale: .custom(children: 20), seed: 8, directory: directory, mappings: mappings, executable: Program.path)
            options.others = [.tempus, .vega]
            try await Rehearsal.with(options) { rehearsal in
                try rehearsal.startHub()
                try await rehearsal.waitUntilRunning()
                try await rehearsal.settle()
                try await body(rehearsal)
            }
        }
    }

    private static func edit(_ path: String, _ text: String, _ instead: String) throws {
        let whole = try String(contentsOfFile: path, encoding: .utf8)
        try #require(whole.contains(text), "\(path) has no \(text)")
        try Data(whole.replacing(text, with: instead).utf8).write(to: URL(fileURLWithPath: path))
    }

    private static func interop(
        _ arguments: [String], _ rehearsal: Rehearsal, as person: String = "anna"
    ) async throws -> Program.Outcome {
        try await Program.run(
            ["interop"] + arguments + ["--config", rehearsal.options.directory + "/knutpunkt.yaml", "--lang", "en"],
            environment: ["SUDO_USER": person])
    }

    private struct Report: Decodable {
        let findings: [ProbeFinding]
        let probe: ProbeReport?

        /// `system kind.field flaw hop`
        var told: Set<String> {
            Set(
                self.findings.map { finding in
                    let field = finding.field.map { ".\($0)" } ?? ""
                    return "\(finding.system) \(finding.kind)\(field) \(finding.flaw.rawValue) \(finding.hop.rawValue)"
                })
        }
    }

    private static func probe(
        _ rehearsal: Rehearsal, patience: Int = 1, more: [String] = []
    ) async throws -> (status: Int32, report: Report) {
        let outcome = try await Self.interop(
            ["--probe", "--lasting", "--patience", "\(patience)", "--json"] + more, rehearsal)
        try #require(outcome.status == 0 || outcome.status == 2, "\(outcome)")
        return (outcome.status, try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8)))
    }

    /// Ids of the probe's records, or of records with its mark, in a stand-in.
    private static func left(in standIn: SS12000StandIn) async throws -> [String] {
        var left: [String] = []
        for entity in standIn.entities {
            for record in await standIn.records(of: entity) {
                let text = String(decoding: record.data, as: UTF8.self)
                if text.contains(ProbeRecords.marker) || ProbeRecords.ids.contains(where: text.contains) {
                    left.append("\(entity.rawValue)/\(record.key.id)")
                }
            }
        }
        return left
    }

    private static func expectNothingLeft(_ rehearsal: Rehearsal) async throws {
        for standIn in rehearsal.others.values { #expect(try await Self.left(in: standIn) == []) }
        // Roles that were read from a system go with its next reading.
        try await rehearsal.until { _ in try await Self.leftInRegister(rehearsal).isEmpty }
        #expect(try await rehearsal.context.store.list(FailureFilter()).isEmpty)
        #expect(try await rehearsal.context.store.heldChanges(HeldFilter()).isEmpty)
    }

    /// Live records of a probe, and those that mention one.
    private static func leftInRegister(_ rehearsal: Rehearsal) async throws -> [RecordKey] {
        var left: [RecordKey] = []
        for entity in Entity.allCases {
            var last: String?
            while true {
                let page = try await rehearsal.context.store.liveRecords(of: entity, after: last, limit: 500)
                guard let end = page.last else { break }
                last = end.key.id
                left += page.filter { record in
                    let body = String(decoding: record.body, as: UTF8.self)
                    return record.source == ProbeRecords.source || ProbeRecords.ids.contains(where: body.contains)
                }.map(\.key)
            }
        }
        return left
    }

    /// What Tempus and Vega do wrong, and how it has to be told.
    private static let tempus: [(fault: KeepingFault, told: String)] = [
        (.drops(.placement, "maxWeeklyScheduleHours"), "tempus placement.hours field-missing system"),
        (.cuts(.person, "familyName", to: 30), "tempus child.familyName shortened system"),
        (.garbles(.person, "givenName"), "tempus child.givenName characters system"),
        (.dayBefore(.group, "startDate"), "tempus department.startDate date-shifted system"),
        (.hides(.roleGrant), "tempus role row-missing system"),
        (.ignoresUpdates(.group, "displayName"), "tempus department.name not-updated system"),
    ]
    private static let vega: [(fault: KeepingFault, told: String)] = [
        (.capitals(.person, "familyName"), "vega pupil.familyName letter-case system"),
        (.losesZeros(.person, "addresses.postalCode"), "vega pupil.postalCode leading-zeros system"),
        (.otherCode(.person, "enrolments.schoolType", "GRS"), "vega pupil.schoolType other-value system"),
        (.duplicatesUpdates(.person), "vega pupil duplicated system"),
        (.ignoresDeletions(.placement), "vega placement not-deleted system"),
    ]

    @Test(.timeLimit(.minutes(8)))
    func `systems that keep everything are told to, each fault of others is found at its field, and nothing is left`()
        async throws
    {
        try await Self.with { rehearsal in
            let dry = try await Self.interop(["--probe", "--lasting", "--dry-run"], rehearsal)
            #expect(dry.status == 0 && dry.output.contains("tempus placement (child, placement): written"), "\(dry)")
            #expect(dry.output.contains("unikum group") && dry.output.contains("can't be read back"), "\(dry)")
            try await Self.expectNothingLeft(rehearsal)
            for name in ProbeRecords.Name.allCases { #expect(try await rehearsal.context.store.records([name.key]).isEmpty) }

            let sound = try await Self.probe(rehearsal)
            #expect(sound.status == 0 && sound.report.findings == [], "\(sound.report.told)")
            #expect(sound.report.probe?.isClean == true)
            let parts = Set(
                sound.report.probe?.parts.filter { $0.reach == .system }.map { "\($0.system) \($0.entity.rawValue)" } ?? [])
            #expect(
                parts == [
                    "tempus group", "tempus placement", "tempus rolegrant", "vega person", "vega placement", "vega rolegrant",
                ])
            try await rehearsal.settle()
            try await Self.expectNothingLeft(rehearsal)
            // What can't be read back got nothing of it.
            let files = try FileManager.default.contentsOfDirectory(atPath: rehearsal.options.directory + "/unikum-archive")
            #expect(!files.isEmpty)
            for file in files {
                let text = FileManager.default.contents(atPath: rehearsal.options.directory + "/unikum-archive/" + file) ?? Data()
                #expect(!String(decoding: text, as: UTF8.self).contains(ProbeRecords.marker), "\(file)")
            }

            try await rehearsal.others[.tempus]?.setFaults(EdlevoFaults { $0.keeping = Set(Self.tempus.map(\.fault)) })
            try await rehearsal.others[.vega]?.setFaults(EdlevoFaults { $0.keeping = Set(Self.vega.map(\.fault)) })
            let broken = try await Self.probe(rehearsal)
            #expect(broken.status == 2 && broken.report.probe?.isClean == false)
            #expect(broken.report.told == Set((Self.tempus + Self.vega).map(\.told)))

            // What they left goes with the next probe, but for the doubles, which nobody knows of.
            for standIn in rehearsal.others.values { try await standIn.setFaults(.none) }
            for id in try await Self.left(in: #require(rehearsal.others[.vega])) where id.hasPrefix("person/") {
                await rehearsal.others[.vega]?.delete(RecordKey(.person, String(id.dropFirst("person/".count))))
            }
            let mended = try await Self.probe(rehearsal)
            #expect(mended.status == 0 && mended.report.findings == [], "\(mended.report.told)")
            try await rehearsal.settle()
            try await Self.expectNothingLeft(rehearsal)
            let audit = try await rehearsal.context.store.auditEntries(AuditFilter()).filter { $0.action == "probe" }
            #expect(audit.map(\.person) == ["anna", "anna", "anna"])

            // What comparing finds stands in the matrix, and counts.
            let compared = try await Program.run(
                [
                    "reconcile", "--system", "vega", "--config", rehearsal.options.directory + "/knutpunkt.yaml", "--lang", "en",
                ])
            #expect(compared.status < 3, "\(compared)")
            let cells = try await rehearsal.context.interopMatrix(agreement: rehearsal.context.agreement()).cells
            let pupils = cells.first { $0.system == "vega" && $0.entity == .person && $0.direction == .target }
            #expect(pupils?.agreement?.percent == 100 && pupils?.state == .agreeing, "\(String(describing: pupils))")
            #expect(cells.filter { $0.system == "tempus" }.allSatisfy { $0.agreement == nil })

            let page = rehearsal.options.directory + "/interop.html"
            let shown = try await Self.interop(["--fields", "--html", page], rehearsal)
            #expect(shown.status == 0 && shown.output.contains("vega") && shown.output.contains("Nothing differs."), "\(shown)")
            let html = try String(contentsOfFile: page, encoding: .utf8)
            #expect(html.contains("<td class=\"good\">exact ✓</td>") && html.contains("never exercised"))
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `what a system keeps for good is written only when it is asked for, and is ended then`() async throws {
        try await Self.with(keepsPlacements: true) { rehearsal in
            let place = ProbeRecords.Name.placement.key
            let careful = try await Self.interop(["--probe", "--patience", "1", "--json"], rehearsal)
            #expect(careful.status == 0, "\(careful)")
            for standIn in rehearsal.others.values { #expect(await standIn.writes[place] == nil) }
            #expect(await rehearsal.others[.vega]?.writes[ProbeRecords.Name.pupil.key] == 2)
            try await rehearsal.settle()
            try await Self.expectNothingLeft(rehearsal)

            let whole = try await Self.probe(rehearsal)
            #expect(whole.status == 0 && whole.report.findings == [], "\(whole.report.told)")
            #expect(whole.report.probe?.lasting == ["tempus/placement", "vega/placement"])
            let yesterday = CalendarDate(daysSinceEpoch: HubClock.system.calendarDate.daysSinceEpoch - 1).description
            for standIn in rehearsal.others.values {
                #expect(try await Self.left(in: standIn) == ["placement/\(place.id)"])
                #expect(await standIn.document(place)?["endDate"]?.stringValue == yesterday)
            }

            // A system that is away is told before anything is written.
            try await rehearsal.others[.vega]?.setFaults(EdlevoFaults { $0.outage = .refusing })
            let refused = try await Self.interop(["--probe", "--patience", "0"], rehearsal)
            #expect(refused.status == 69 && refused.errors.contains("vega doesn't answer"), "\(refused)")
            let other = try await Self.interop(["--probe", "--system", "tempus", "--patience", "1"], rehearsal)
            #expect(other.status == 0, "\(other)")
        }
    }

    /// Edits of the mappings, and how each has to be told.
    private static let edits: [(file: String, text: String, instead: String, told: String)] = [
        (
            "tempus/out/placement.yaml", "      hours: {from: maxWeeklyScheduleHours, reversible: true}\n", "",
            "tempus placement.hours field-missing mapping"
        ),
        (
            "vega/person.yaml", "familyName: {from: familyName, required: true, reversible: true}",
            "familyName: {from: familyName, transform: {limit: 30}, required: true}",
            "vega pupil.familyName shortened mapping"
        ),
        (
            "tempus/group.yaml", "startDate: {from: startDate, required: true, reversible: true}",
            "startDate: {from: startDate, transform: {add_days: -1}, required: true}",
            "tempus department.startDate date-shifted mapping"
        ),
        (
            "vega/person.yaml", "street: \"addresses[type = Folkbokföring].streetAddress\"",
            "street: {from: \"addresses[type = Folkbokföring].streetAddress\", transform: ascii}",
            "vega pupil.street characters mapping"
        ),
        (
            "tempus/out/placement.yaml", "givenName: {from: child->givenName, required: row}",
            "givenName: {from: child->givenName, transform: upper, required: row}", "tempus child.givenName letter-case mapping"
        ),
        (
            "vega/placement.yaml", "endDate: {from: endDate, reversible: true}", "endDate: startDate",
            "vega placement.endDate other-rule mapping"
        ),
        (
            "unikum/person.yaml", "transform: single_line, when: \"enrolments[current] exists\"}", "transform: single_line}",
            "unikum person.adress not-agreed mapping"
        ),
        (
            "codes/school_type.csv", "GR,grundskola,se.grundskoleutbildning.grundskola",
            "GR,grundskola,se.gymnasieutbildning.gymnasieskola", "unikum class.skolform wrong-code mapping"
        ),
        (
            "unikum/group.yaml", "    each: {member: \"groupMemberships[current]\"}\n",
            "    each: {member: \"groupMemberships[current]\"}\n    when: groupType = Undervisning\n",
            "unikum student_in_class row-missing mapping"
        ),
        ("edlevo/person.yaml", "      locality: home.locality\n", "", "edlevo person.addresses.locality field-missing reading"),
    ]

    @Test(.timeLimit(.minutes(8)))
    func `each edit of a mapping that loses or turns a value is found at its field and its mapping`() async throws {
        try await Self.with(Self.edits.map { ($0.file, $0.text, $0.instead) }) { rehearsal in
            // Without a word to any system.
            let files = try await Self.interop(["--json"], rehearsal)
            #expect(files.status == 2, "\(files)")
            let report = try JSONDecoder().decode(Report.self, from: Data(files.output.utf8))
            #expect(report.told.isSuperset(of: Self.edits.map(\.told)), "\(report.told)")
            let probed = try await Self.probe(rehearsal)
            #expect(probed.status == 2 && probed.report.told.isSuperset(of: Self.edits.map(\.told)), "\(probed.report.told)")
            // Nothing else is wrong but what follows from the address that was never read, and from the code wherever it is used.
            let others = probed.report.told.subtracting(Self.edits.map(\.told))
            #expect(others.subtracting(["unikum school.skolform wrong-code mapping"]) == [], "\(others)")
            try await rehearsal.settle()
            try await Self.expectNothingLeft(rehearsal)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `what a probe leaves that was killed is taken away by the hub's next start, or by hand`() async throws {
        try await Self.with { rehearsal in
            for byHand in [false, true] {
                let process = Process()
                process.executableURL = URL(fileURLWithPath: Program.path)
                process.arguments = [
                    "interop", "--probe", "--lasting", "--config", rehearsal.options.directory + "/knutpunkt.yaml",
                ]
                process.standardOutput = FileHandle.nullDevice
                process.standardError = FileHandle.nullDevice
                try process.run()
                // In the middle: the systems have its records.
                let tempus = try #require(rehearsal.others[.tempus])
                try await rehearsal.until { _ in try await !Self.left(in: tempus).isEmpty }
                kill(process.processIdentifier, SIGKILL)
                try await rehearsal.until { _ in !process.isRunning }
                // No role plan is made for what it has left.
                #expect(try await rehearsal.context.status().records["duty"] ?? 0 > 0)
                let population = try await rehearsal.context.roleReading().population
                #expect(Set(population.persons.map(\.id) + population.duties.map(\.id)).isDisjoint(with: ProbeRecords.ids))
                if byHand {
                    let cleaned = try await Self.interop(["--clean-up"], rehearsal)
                    #expect(cleaned.status == 0, "\(cleaned)")
                } else {
                    await rehearsal.killHub()
                    try rehearsal.startHub()
                    try await rehearsal.waitUntilRunning()
                }
                try await rehearsal.until { _ in
                    for standIn in rehearsal.others.values where try await !Self.left(in: standIn).isEmpty { return false }
                    return true
                }
                try await rehearsal.settle()
                try await Self.expectNothingLeft(rehearsal)
                let told = try await Self.interop([], rehearsal)
                #expect(told.status == 0 && told.output.contains("was cut off"), "\(told)")
            }
        }
    }
}
