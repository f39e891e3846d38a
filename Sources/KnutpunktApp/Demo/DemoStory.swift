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
        try await chapter("day_of_changes") { try await self.dayOfChanges() }
        try await chapter("outage") { try await self.outage() }
        try await chapter("failure_and_replay") { try await self.failureAndReplay() }
        try await chapter("kill") { try await self.kill() }
        try await chapter("nothing_new") { try await self.nothingNew() }
        var differences: [Difference] = []
        try await chapter("comparison") { differences = try await self.compare() }
        await self.rehearsal.stopHub()
        return try await self.report(differences: differences, chapters: chapters, since: started)
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
        self.narrator.title(sv: "1. Hubben startar", en: "1. The hub starts")
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
        self.narrator.title(
            sv: "2. Allt läses in: Edlevo → AMQP → översättning → Unikum", en: "2. Full load: Edlevo → AMQP → mapping → Unikum")
        let total = self.rehearsal.municipality.recordCount
        try await self.rehearsal.settle { status in
            self.narrator.progress(
                min(total, status.counts.delivered), of: total, sv: "poster till Unikum", en: "records to Unikum")
        }
        let status = try await self.rehearsal.context.status()
        let statistics = await self.rehearsal.unikum.statistics
        self.narrator.success(
            sv:
                "\(status.counts.published) meddelanden publicerade, Unikum har \(statistics.heldRows) rader. \(status.withheld.values.reduce(0, +)) skyddade poster stannade i valvet.",
            en:
                "\(status.counts.published) messages published, Unikum holds \(statistics.heldRows) rows. \(status.withheld.values.reduce(0, +)) protected records stayed in the vault."
        )
    }

    private func dayOfChanges() async throws {
        self.narrator.title(sv: "3. En dag med ändringar", en: "3. A day of changes")
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
        let before = try await self.rehearsal.context.status().counts
        try await self.rehearsal.settle()
        let after = try await self.rehearsal.context.status().counts
        self.narrator.success(
            sv: "\(after.published - before.published) meddelanden, bara det som ändrats.",
            en: "\(after.published - before.published) messages: only what changed.")
    }

    private func outage() async throws {
        self.narrator.title(sv: "4. Unikum ligger nere en stund", en: "4. Unikum is down for a while")
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
        self.narrator.title(sv: "5. En befattningskod utan översättning", en: "5. A title code without a mapping")
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
        self.narrator.title(sv: "6. Hubben dödas mitt i arbetet", en: "6. The hub is killed in the middle of its work")
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

    private func nothingNew() async throws {
        self.narrator.title(sv: "7. Allt läses om, inget är nytt", en: "7. Everything is read again, nothing is new")
        let before = try await self.rehearsal.context.status().counts.published
        let files = await self.rehearsal.unikum.statistics.files
        let report = try await self.rehearsal.context.sync("edlevo", mode: .full)
        try await self.rehearsal.settle()
        let published = try await self.rehearsal.context.status().counts.published - before
        let written = await self.rehearsal.unikum.statistics.files - files
        guard published == 0, written == 0, report.changed == 0 else {
            throw AppError(.demo, "\(published) messages and \(written) files, though nothing had changed.")
        }
        self.narrator.success(sv: "0 meddelanden, 0 filer.", en: "0 messages, 0 files.")
    }

    private func compare() async throws -> [Difference] {
        self.narrator.title(
            sv: "8. Stämmer det? Unikum jämförs med Edlevo", en: "8. Do they agree? Unikum is compared with Edlevo")
        var differences = try await self.rehearsal.differences()
        // What is merely under way is no difference: looked at once more when all is still.
        if !differences.isEmpty {
            try await self.rehearsal.settle()
            differences = try await self.rehearsal.differences()
        }
        if differences.isEmpty {
            let rows = await self.rehearsal.unikum.statistics.heldRows
            self.narrator.success(sv: "0 skillnader i \(rows) rader.", en: "0 differences in \(rows) rows.")
        } else {
            self.narrator.problem(sv: "\(differences.count) skillnader:", en: "\(differences.count) differences:")
            let kinds = Dictionary(grouping: differences) { "\($0.kind.rawValue) \($0.row) \($0.fields.joined(separator: ","))" }
            for (kind, found) in kinds.sorted(by: { $0.key < $1.key }) {
                self.narrator.say(sv: "\(found.count) × \(kind)", en: "\(found.count) × \(kind)")
            }
        }
        return differences
    }

    // MARK: Helping

    /// A number of changes that a small municipality takes without being held for approval.
    private func changes(of wanted: Int) -> Int {
        min(wanted, max(5, self.rehearsal.municipality.records(of: .person).count / 20))
    }

    private func report(differences: [Difference], chapters: [String: Double], since started: Date) async throws -> DemoReport {
        let status = try await self.rehearsal.context.status()
        var records = status.records
        let census = self.rehearsal.municipality.census
        records["children"] = census.children
        records["staff"] = census.staff
        records["guardians"] = census.guardians
        let seconds = (Date().timeIntervalSince(started) * 10).rounded() / 10
        let report = DemoReport(
            scale: "\(self.rehearsal.options.scale)", seed: self.rehearsal.options.seed, records: records,
            published: status.counts.published, delivered: status.counts.delivered, superseded: status.counts.superseded,
            withheld: status.withheld.values.reduce(0, +), failed: status.counts.failed, replayed: status.counts.replayed,
            differences: differences.count, seconds: seconds, peakMemoryMiB: self.rehearsal.peakMebibytes, chapters: chapters)
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
