import Mapping
import Foundation
import Hub
import Reconciliation
import SchoolRecords
import StandIns

/// The chapters.
struct DemoStory: Sendable {
    let rehearsal: Rehearsal
    let narrator: Narrator

    func play(since started: Date) async throws -> DemoReport {
        var chapters: [String: Double] = [:]
        func chapter(_ name: String, _ body: () async throws -> Void) async throws {
            let began = Date()
            try await body()
            chapters[name] = (Date().timeIntervalSince(began) * 10).rounded() / 10
        }
        self.introduce()
        try await chapter("start") { try await self.start() }
        try await chapter("full_load") { try await self.fullLoad() }
        if self.rehearsal.options.hasRoles {
            var roles = RoleTermStart.Outcome()
            try await chapter("roles") { roles = try await self.firstRoles() }
            try await chapter("roles_at_term_start") { try await self.rolesAtTermStart(&roles) }
            var agreements: [Agreement] = []
            try await chapter("comparison") { agreements = try await self.compare() }
            await self.rehearsal.stopHub()
            var report = try await self.report(
                agreements, needless: [:], flows: (.init(), .init(), .init()), masses: (.init(), .init()), chapters: chapters,
                since: started)
            report.roles = roles
            return report
        }
        var absences = DemoReport.AbsenceOutcome()
        var transport = DemoReport.TransportOutcome()
        var breakOffs = DemoReport.BreakOffOutcome()
        if !self.rehearsal.others.isEmpty {
            try await chapter("absence") { absences = try await self.absenceOnce() }
            try await chapter("transport") { transport = try await self.transport() }
            try await chapter("break_off") { breakOffs = try await self.breakOffs() }
        }
        try await chapter("day_of_changes") { try await self.dayOfChanges() }
        try await chapter("outage") { try await self.outage() }
        try await chapter("failure_and_replay") { try await self.failureAndReplay() }
        try await chapter("kill") { try await self.kill() }
        var massChange = DemoReport.MassChangeOutcome()
        try await chapter("mass_change") { massChange = try await self.massChange() }
        var termStart = DemoReport.TermStartOutcome()
        if !self.rehearsal.others.isEmpty { try await chapter("term_start") { termStart = try await self.termStart() } }
        var needless: [String: Int] = [:]
        try await chapter("nothing_new") { needless = try await self.nothingNew() }
        var agreements: [Agreement] = []
        try await chapter("comparison") { agreements = try await self.compare() }
        await self.rehearsal.stopHub()
        return try await self.report(
            agreements, needless: needless, flows: (absences, transport, breakOffs), masses: (massChange, termStart),
            chapters: chapters,
            since: started)
    }

    private func introduce() {
        let census = self.rehearsal.municipality.census
        self.narrator.say(
            sv:
                "En påhittad kommun: \(census.children) barn och elever, \(census.staff) anställda, \(census.guardians) vårdnadshavare, \(census.groups) grupper, \(census.protectedPersons) med skyddade uppgifter.",
            en:
                "A made-up municipality: \(census.children) children and pupils, \(census.staff) staff, \(census.guardians) guardians, \(census.groups) groups, \(census.protectedPersons) protected persons."
        )
    }

    // MARK: Chapters

    private func start() async throws {
        self.narrator.chapter(sv: "Hubben startar", en: "The hub starts")
        try self.rehearsal.startHub()
        try await self.rehearsal.waitUntilRunning { seconds, _ in
            self.narrator.waiting(
                seconds: seconds, sv: "hubbens egen RabbitMQ-nod startar, det tar runt 15 s",
                en: "the hub's own RabbitMQ node starts, which takes about 15 s")
        }
        self.narrator.success(
            sv: "Hubben är igång med en egen RabbitMQ-nod.", en: "The hub runs, with a RabbitMQ node of its own.")
    }

    private func fullLoad() async throws {
        if self.rehearsal.others.isEmpty {
            self.narrator.chapter(
                sv: "Allt läses in: Edlevo → AMQP → översättning → Unikum",
                en: "Full load: Edlevo → AMQP → mapping → Unikum")
        } else {
            self.narrator.chapter(
                sv: "Allt läses in: alla system → AMQP → översättning → alla system",
                en: "Full load: all systems → AMQP → mapping → all systems")
        }
        let total = self.deliveries
        try await self.rehearsal.settle { status in
            self.narrator.progress(
                min(total, status.counts.delivered), of: total, sv: "poster till mottagarna", en: "records to the receivers")
        }
        let status = try await self.rehearsal.context.status()
        self.narrator.success(
            sv:
                "\(status.counts.published) meddelanden publicerade, \(status.counts.delivered) poster levererade. \(status.withheld.values.reduce(0, +)) skyddade poster stannade i valvet.",
            en:
                "\(status.counts.published) messages published, \(status.counts.delivered) records delivered. \(status.withheld.values.reduce(0, +)) protected records stayed in the vault."
        )
        for (system, count) in try await self.holdings() {
            self.narrator.say(sv: "\(system): \(count.sv)", en: "\(system): \(count.en)")
        }
    }

    /// How many records the receiving systems are to be given in all.
    private var deliveries: Int {
        let set = self.rehearsal.context.mappings.set
        var total = 0
        for system in set.systems.keys {
            for entity in set.deliveredEntities(system: system) {
                total += self.rehearsal.municipality.records(of: entity).count
            }
        }
        return total
    }

    /// What the systems hold, counted in the systems themselves.
    private func holdings() async throws -> [(system: String, count: (sv: String, en: String))] {
        var holdings: [(system: String, count: (sv: String, en: String))] = []
        if let files = self.rehearsal.skola24Files {
            let rows = Dictionary(grouping: await files.rows, by: \.file).mapValues(\.count)
            let (children, guardians, staff) = (rows[.child] ?? 0, rows[.guardian] ?? 0, rows[.staff] ?? 0)
            holdings.append(
                (
                    "Skola24",
                    (
                        "\(children) barn, \(guardians) vårdnadshavare till barn, \(staff) i personalen",
                        "\(children) children, \(guardians) guardians of children, \(staff) staff"
                    )
                ))
        }
        if let tempus = self.rehearsal.others[.tempus] {
            let (children, places) = (await tempus.count(of: .person), await tempus.count(of: .placement))
            holdings.append(
                ("Tempus", ("\(children) barn med \(places) placeringar", "\(children) children with \(places) placements")))
        }
        let unikum = await self.rehearsal.unikum.statistics.heldRows
        holdings.append(("Unikum", ("\(unikum) rader", "\(unikum) rows")))
        if let vega = self.rehearsal.others[.vega] {
            let (pupils, schools) = (await vega.count(of: .person), await vega.count(of: .organisation))
            holdings.append(("Vega", ("\(pupils) elever och \(schools) skolor", "\(pupils) pupils and \(schools) schools")))
        }
        return holdings
    }

    private func dayOfChanges() async throws {
        self.narrator.chapter(sv: "En dag med ändringar", en: "A day of changes")
        try await self.rehearsal.settle()
        let before = try await self.rehearsal.context.status().counts
        let edlevo = self.rehearsal.edlevo
        _ = try await edlevo.enrolNewPupil()
        self.narrator.say(sv: "En ny elev med vårdnadshavare skrivs in.", en: "A new pupil is enrolled, with a guardian.")
        _ = try await edlevo.changeClass()
        self.narrator.say(sv: "En elev byter klass.", en: "A pupil changes class.")
        _ = try await edlevo.renamePerson()
        self.narrator.say(sv: "En person byter namn.", en: "A person changes name.")
        _ = try await edlevo.addSecondDuty(titleCode: "2752")
        self.narrator.say(
            sv: "En lärare får en andra tjänst på en annan skola.", en: "A teacher gets a second duty at another school.")
        _ = try await edlevo.pupilLeaves()
        self.narrator.say(sv: "En elev slutar.", en: "A pupil leaves.")
        try await self.rehearsal.settle()
        let after = try await self.rehearsal.context.status().counts
        self.narrator.success(
            sv: "\(after.published - before.published) meddelanden: det som ändrats och det som hänvisar till det.",
            en: "\(after.published - before.published) messages: what changed, and what refers to it.")
    }

    private func outage() async throws {
        self.narrator.chapter(sv: "Unikum ligger nere en stund", en: "Unikum is down for a while")
        try await self.rehearsal.unikum.goDown()
        for _ in 0..<self.changes(of: 20) { _ = try await self.rehearsal.edlevo.renamePerson() }
        let waiting = try await self.rehearsal.until { status in
            try await self.rehearsal.hasReadAll() && status.outbox == 0 && (status.lag["unikum"] ?? 0) > 0
        }
        self.narrator.say(
            sv:
                "\(waiting.lag["unikum"] ?? 0) poster väntar i kön. Misslyckade: \(waiting.failed["failed"] ?? 0). Ett avbrott är inget fel.",
            en:
                "\(waiting.lag["unikum"] ?? 0) records wait in the queue. Failed: \(waiting.failed["failed"] ?? 0). An outage is not a failure."
        )
        try await self.rehearsal.unikum.comeBack()
        try await self.rehearsal.settle()
        self.narrator.success(sv: "Unikum är uppe och har fått allt.", en: "Unikum is back and has got everything.")
    }

    private func failureAndReplay() async throws {
        self.narrator.chapter(sv: "En befattningskod utan översättning", en: "A title code without a mapping")
        let code = "X901"
        for _ in 0..<3 { _ = try await self.rehearsal.edlevo.addStaff(titleCode: code) }
        let context = self.rehearsal.context
        _ = try await self.rehearsal.until { _ in try await context.store.groups(FailureFilter()).contains { $0.count >= 3 } }
        guard let group = try await context.store.groups(FailureFilter()).first(where: { $0.count >= 3 }) else {
            throw AppError(.demo, "No failure of the three new duties was found.")
        }
        self.narrator.say(
            sv: "\(group.count) misslyckade, en orsak: \(group.message)", en: "\(group.count) failed, one cause: \(group.message)"
        )
        self.narrator.say(
            sv: "Kodtabellen får en rad: \(code) (Mappings/codes/title_code.csv).",
            en: "The code table gets a row: \(code) (Mappings/codes/title_code.csv).")
        try self.addTitleCode(code)
        try self.rehearsal.reloadMappings()
        let version = context.mappings.set.version
        _ = try await self.rehearsal.until { status in status.running?.mappings == version }
        var filter = FailureFilter()
        filter.fingerprint = group.fingerprint
        let sent = try await context.store.replay(try await context.store.list(filter).map(\.id))
        try await self.rehearsal.settle()
        let open = try await context.store.list(filter).count
        guard open == 0 else { throw AppError(.demo, "\(open) of \(sent) replayed messages failed again.") }
        if sent < group.count {
            self.narrator.say(
                sv: "\(group.count - sent) hade redan gått fram: raden ändrade också posten, och det nya läget var snabbare.",
                en:
                    "\(group.count - sent) had gone through already: the row changed the record too, and its new state was quicker."
            )
        }
        self.narrator.success(sv: "\(sent) sändes igen och gick fram.", en: "\(sent) were sent again and went through.")
    }

    /// Adds a row to the table as an administrator would, after its header's pattern.
    private func addTitleCode(_ code: String) throws {
        let path = self.rehearsal.mappingsDirectory + "/codes/title_code.csv"
        var text = try String(contentsOfFile: path, encoding: .utf8)
        if !text.hasSuffix("\n") { text += "\n" }
        guard let pattern = text.split(separator: "\n").last(where: { $0.contains("Lärare") || $0.contains("pedagog") }) else {
            throw AppError(.demo, "\(path): has no row to follow.")
        }
        var cells = pattern.split(separator: pattern.contains(";") ? ";" : ",", omittingEmptySubsequences: false).map(String.init)
        cells[0] = code
        text += cells.joined(separator: pattern.contains(";") ? ";" : ",") + "\n"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    }

    private func kill() async throws {
        self.narrator.chapter(sv: "Hubben dödas mitt i arbetet", en: "The hub is killed in the middle of its work")
        for _ in 0..<self.changes(of: 300) { _ = try await self.rehearsal.edlevo.renamePerson() }
        let killed = try await self.rehearsal.until { status in
            if (status.lag["unikum"] ?? 0) > 0 { return true }
            return try await self.rehearsal.hasReadAll()
        }
        await self.rehearsal.killHub()
        self.narrator.say(
            sv: "kill -9 medan \(killed.lag["unikum"] ?? 0) poster var på väg. Den startas igen.",
            en: "kill -9 with \(killed.lag["unikum"] ?? 0) records under way. It is started again.")
        try self.rehearsal.startHub()
        try await self.rehearsal.waitUntilRunning { seconds, _ in
            self.narrator.waiting(seconds: seconds, sv: "hubben tar vid där den var", en: "the hub takes up where it was")
        }
        try await self.rehearsal.settle()
        let conflicts = await self.rehearsal.unikum.conflictingRepeats.count
        guard conflicts == 0 else { throw AppError(.demo, "\(conflicts) batches came twice with other content.") }
        self.narrator.success(
            sv: "Allt fram. Samma sats kom högst en gång till, med samma nummer.",
            en: "Everything arrived. At most one batch came once more, under the same number.")
    }

    /// - Returns: what was written to each system, which is nothing.
    private func nothingNew() async throws -> [String: Int] {
        self.narrator.chapter(
            sv: "Alla system läses om i sin helhet, inget är nytt", en: "All systems are read again in full, nothing is new"
        )
        let before = try await self.rehearsal.context.status().counts.published
        let writesBefore = await self.rehearsal.writes()
        var (read, changed) = (0, 0)
        for source in self.rehearsal.context.mappings.set.sourceNames {
            let report = try await self.rehearsal.context.sync(source, mode: .full)
            read += report.parts.values.reduce(0) { $0 + $1.read }
            changed += report.changed
        }
        try await self.rehearsal.settle()
        let published = try await self.rehearsal.context.status().counts.published - before
        let writes = await self.rehearsal.writes().map { ($0, $1 - (writesBefore[$0] ?? 0)) }
        let written = writes.reduce(0) { $0 + $1.1 }
        guard published == 0, written == 0, changed == 0 else {
            throw AppError(
                .demo, "\(changed) changes, \(published) messages and \(written) writes, though nothing had changed.")
        }
        self.narrator.success(
            sv: "\(read) poster lästa, 0 meddelanden, 0 skrivningar i något system.",
            en: "\(read) records read, 0 messages, 0 writes in any system.")
        return Dictionary(uniqueKeysWithValues: writes)
    }

    private func compare() async throws -> [Agreement] {
        self.narrator.chapter(
            sv: "Stämmer det? Alla system jämförs med källorna",
            en: "Do they agree? All systems are compared with the sources")
        var agreements = try await self.rehearsal.agreements()
        // What is merely under way is no difference: looked at once more when all is still.
        if agreements.contains(where: { !$0.differences.isEmpty }) {
            try await self.rehearsal.settle()
            agreements = try await self.rehearsal.agreements()
        }
        for agreement in agreements {
            let (name, count) = (agreement.system, agreement.differences.count)
            if count == 0 {
                self.narrator.success(
                    sv: "\(name): 0 skillnader i \(agreement.equal) poster och rader.",
                    en: "\(name): 0 differences in \(agreement.equal) records and rows.")
                continue
            }
            self.narrator.problem(sv: "\(name): \(count) skillnader:", en: "\(name): \(count) differences:")
            let kinds = Dictionary(grouping: agreement.differences) {
                "\($0.kind.rawValue) \($0.row) \($0.fields.joined(separator: ","))"
            }
            for (kind, those) in kinds.sorted(by: { $0.key < $1.key }).prefix(20) {
                self.narrator.say(sv: "\(those.count) × \(kind)", en: "\(those.count) × \(kind)")
            }
        }
        if !self.rehearsal.others.isEmpty, !self.rehearsal.options.hasRoles { try await self.flowsAgree() }
        return agreements
    }

    /// What flows made, held against counts by hand once more.
    private func flowsAgree() async throws {
        let absences = try await self.absencesAgreed()
        let decisions = try await self.transportAgreed().count
        let left = try await self.breakOffsAgreed()
        self.narrator.success(
            sv:
                "Flödena, räknade för hand: \(absences) frånvaror i Tempus, \(decisions) besked i e-tjänsten, \(left) i KAA:s lista, varken fler eller färre.",
            en:
                "The flows, counted by hand: \(absences) absences in Tempus, \(decisions) decisions in the e-service, \(left) in KAA's list, no more and no fewer."
        )
    }

    // MARK: Helping

    /// A number of changes that a small municipality takes without being held for approval.
    private func changes(of wanted: Int) -> Int {
        min(wanted, max(5, self.rehearsal.municipality.records(of: .person).count / 20))
    }

    private func report(
        _ agreements: [Agreement], needless: [String: Int],
        flows: (
            absences: DemoReport.AbsenceOutcome, transport: DemoReport.TransportOutcome, breakOffs: DemoReport.BreakOffOutcome
        ),
        masses: (wrong: DemoReport.MassChangeOutcome, right: DemoReport.TermStartOutcome), chapters: [String: Double],
        since started: Date
    ) async throws -> DemoReport {
        let status = try await self.rehearsal.context.status()
        var records = status.records
        let census = self.rehearsal.municipality.census
        records["children"] = census.children
        records["staff"] = census.staff
        records["guardians"] = census.guardians
        let writes = await self.rehearsal.writes()
        var systems: [String: DemoReport.SystemOutcome] = [:]
        for agreement in agreements {
            systems[agreement.system] = DemoReport.SystemOutcome(
                equal: agreement.equal, differences: agreement.differences.count, writes: writes[agreement.system] ?? 0,
                needlessWrites: needless[agreement.system] ?? 0)
        }
        let differences = agreements.reduce(0) { $0 + $1.differences.count }
        let seconds = (Date().timeIntervalSince(started) * 10).rounded() / 10
        let report = DemoReport(
            scale: "\(self.rehearsal.options.scale)", seed: self.rehearsal.options.seed, records: records,
            published: status.counts.published, delivered: status.counts.delivered, superseded: status.counts.superseded,
            withheld: status.withheld.values.reduce(0, +), failed: status.counts.failed, replayed: status.counts.replayed,
            differences: differences, systems: systems, absences: flows.absences, transport: flows.transport,
            breakOffs: flows.breakOffs, massChange: masses.wrong, termStart: masses.right, seconds: seconds,
            peakMemoryMiB: self.rehearsal.peakMebibytes,
            chapters: chapters)
        self.narrator.title(sv: "Sammanfattning", en: "Summary")
        self.narrator.say(
            sv:
                "\(report.published) publicerade, \(report.delivered) levererade, \(report.superseded) passerade, \(report.failed) misslyckade, \(report.replayed) omsända, \(report.differences) skillnader, \(seconds) s, \(report.peakMemoryMiB) MiB.",
            en:
                "\(report.published) published, \(report.delivered) delivered, \(report.superseded) superseded, \(report.failed) failed, \(report.replayed) replayed, \(report.differences) differences, \(seconds) s, \(report.peakMemoryMiB) MiB."
        )
        return report
    }
}
