public import ConnectorKit
public import SchoolRecords

/// From when on something is an alarm. Every number can be set (`alarms.*`).
public struct AlarmRules: Sendable, Hashable {
    /// Records that each school is expected to have from a source, e.g. its timetable.
    public struct Expected: Sendable, Hashable {
        public let source: String
        public let entity: Entity

        public init(source: String, entity: Entity) {
            self.source = source
            self.entity = entity
        }

        /// `skola24/CalendarEvent`
        public var name: String { "\(self.source)/\(self.entity.standardName)" }
    }

    /// Minutes that a system or the broker may be down.
    public var downMinutes = 15.0
    /// Hours that a source may go without having been read to its end.
    public var silentHours = 26.0
    /// Minutes that a message may wait for a system that is there.
    public var lateMinutes = 30.0
    /// Open failed messages of one system.
    public var failedMessages = 1
    /// Failures among the messages of the last quarter of an hour, per cent, when there were at least ``errorRateFloor``.
    public var errorRatePercent = 20.0
    public var errorRateFloor = 50
    public var diskFreeMebibytes = 500
    public var expected: [Expected] = []
    /// A role plan that waits is told of again after so many days.
    public var roleReminderDays = 7
    /// When fewer of the staff than so many per cent are ready while a term begins, it is an alarm; `nil` = never.
    public var rolesReadyPercent: Int?
    /// From so many findings on that block something, the quality of the sources is an alarm; `nil` = never.
    public var qualityBlocking: Int?

    public init() {}

    /// What is wrong in a reading.
    public func findings(in reading: HealthReading) -> [AlarmFinding] {
        var findings = reading.targets.flatMap(self.findings) + reading.sources.flatMap(self.findings)
        findings += Dictionary(grouping: reading.held, by: \.system).sorted { $0.key < $1.key }.map(self.finding)
        if !reading.isBrokerUp || reading.outboxSeconds > self.lateMinutes * 60 {
            let minutes = Int(reading.outboxSeconds / 60)
            let reason = reading.brokerReason.map { " \($0)" } ?? ""
            findings.append(
                AlarmFinding(
                    .brokerDown, "broker", .critical, delay: self.downMinutes * 60,
                    sv: "Meddelandekön tar inte emot: \(reading.outbox) ändringar väntar, den äldsta i \(minutes) min.\(reason)",
                    en: "The broker takes nothing: \(reading.outbox) changes wait, the oldest for \(minutes) min.\(reason)"))
        }
        findings += reading.rolePlans.map(self.finding) + self.unready(reading) + self.faulty(reading)
        findings += (reading.contacts ?? [:]).sorted { $0.key < $1.key }.map { system, count in
            AlarmFinding(
                .contactsWaiting, system, .warning, delay: 0,
                sv: "\(count) i \(system) har skyddade personuppgifter och vill bli kontaktade: knutpunkt privacy contacts",
                en: "\(count) in \(system) have a protected identity and want to be contacted: knutpunkt privacy contacts")
        }
        for (name, schools) in reading.schoolsWithout.sorted(by: { $0.key < $1.key }) where !schools.isEmpty {
            let list = schools.prefix(5).joined(separator: ", ") + (schools.count > 5 ? ", …" : "")
            findings.append(
                AlarmFinding(
                    .schoolsWithout, name, .warning, delay: 0,
                    sv: "\(schools.count) skolenheter har grupper men inget från \(name): \(list)",
                    en: "\(schools.count) school units have groups but nothing of \(name): \(list)"))
        }
        if let free = reading.diskFreeMebibytes, free < self.diskFreeMebibytes {
            findings.append(
                AlarmFinding(
                    .diskLow, "disk", .critical, delay: 0,
                    sv: "\(free) MiB ledigt på hubbens disk; under några hundra slutar hubben ta emot ändringar",
                    en: "\(free) MiB free on the hub's disk; below some hundred the hub stops taking changes"))
        }
        return findings
    }

    private func findings(_ target: HealthReading.Target) -> [AlarmFinding] {
        var findings: [AlarmFinding] = []
        let queued = target.queued.map(String.init) ?? "?"
        if target.breaker == .open {
            let reason = [target.reason ?? target.code, target.runbook].compactMap(\.self).joined(separator: " → ")
            findings.append(
                AlarmFinding(
                    .targetDown, target.system, .critical, delay: self.downMinutes * 60,
                    sv: "\(target.system) tar inte emot; \(queued) meddelanden väntar, inget går förlorat. \(reason)",
                    en: "\(target.system) takes nothing; \(queued) messages wait, nothing is lost. \(reason)"))
        } else if min(target.oldestSeconds, target.backSeconds ?? .infinity) > self.lateMinutes * 60 {
            // What has become old while the system was away has been told of; it gets its time to be written.
            let minutes = Int(target.oldestSeconds / 60)
            findings.append(
                AlarmFinding(
                    .messagesLate, target.system, .warning, delay: 60,
                    sv: "Meddelanden till \(target.system) är \(minutes) min gamla; \(queued) väntar",
                    en: "Messages to \(target.system) are \(minutes) min old; \(queued) wait"))
        }
        findings += self.failed(target.system, target.failed)
        let all = target.deliveredLately + target.failedLately
        if all >= self.errorRateFloor, Double(target.failedLately) * 100 > self.errorRatePercent * Double(all) {
            findings.append(
                AlarmFinding(
                    .errorRate, target.system, .critical, delay: 0,
                    sv: "\(target.failedLately) av de senaste \(all) meddelandena till \(target.system) misslyckades",
                    en: "\(target.failedLately) of the latest \(all) messages to \(target.system) failed"))
        }
        return findings
    }

    private func findings(_ source: HealthReading.Source) -> [AlarmFinding] {
        var findings: [AlarmFinding] = []
        if source.isDown {
            let reason = [source.reason ?? source.code, source.runbook].compactMap(\.self).joined(separator: " → ")
            findings.append(
                AlarmFinding(
                    .sourceDown, source.system, .critical, delay: self.downMinutes * 60,
                    sv: "\(source.system) kan inte läsas. \(reason)", en: "\(source.system) can't be read. \(reason)"))
        } else if let silent = source.silentSeconds, silent > self.silentHours * 3600 {
            let hours = Int(silent / 3600)
            findings.append(
                AlarmFinding(
                    .sourceSilent, source.system, .warning, delay: 0,
                    sv: "\(source.system) har inte lästs helt på \(hours) timmar",
                    en: "\(source.system) hasn't been read to its end for \(hours) hours"))
        }
        if let count = source.rejected, count > 0 {
            findings.append(
                AlarmFinding(
                    .filesRejected, source.system, .critical, delay: 0,
                    sv:
                        "\(count) filer från \(source.system) kunde inte användas; inget i dem är taget. Se rapporterna i rejected/",
                    en:
                        "\(count) files from \(source.system) couldn't be used; nothing in them is taken. See the reports in rejected/"
                ))
        }
        return findings + self.failed(source.system, source.failed)
    }

    /// Told anew after each so many days: a term doesn't wait.
    private func finding(_ plan: RolePlanWaiting) -> AlarmFinding {
        let round = plan.days / max(1, self.roleReminderDays)
        let subject = round == 0 ? plan.id : "\(plan.id)/\(round)"
        let what = plan.term ?? plan.date
        return AlarmFinding(
            .rolesWaiting, subject, .warning, delay: 0,
            sv: "Rollplanen för \(what) med \(plan.steps) steg har väntat i \(plan.days) dagar: knutpunkt roles show \(plan.id)",
            en:
                "The role plan for \(what) with \(plan.steps) steps has waited for \(plan.days) days: knutpunkt roles show \(plan.id)"
        )
    }

    private func unready(_ reading: HealthReading) -> [AlarmFinding] {
        guard let limit = self.rolesReadyPercent, let term = reading.termBegins else { return [] }
        let (staff, ready) = reading.roles.reduce((0, 0)) { ($0.0 + $1.staff, $0.1 + $1.ready) }
        guard staff > 0, ready * 100 < limit * staff else { return [] }
        return [
            AlarmFinding(
                .rolesMissing, term, .warning, delay: 0,
                sv:
                    "\(staff - ready) av \(staff) i personalen saknar roller när \(term) börjar: knutpunkt roles ready --term \(term)",
                en: "\(staff - ready) of \(staff) staff lack roles as \(term) begins: knutpunkt roles ready --term \(term)")
        ]
    }

    /// As long as the latest run says so.
    private func faulty(_ reading: HealthReading) -> [AlarmFinding] {
        guard let limit = self.qualityBlocking, let run = reading.quality, run.blocking >= limit else { return [] }
        return [
            AlarmFinding(
                .sourceQuality, "sources", .warning, delay: 0,
                sv: "\(run.blocking) brister i källorna hindrar något: knutpunkt quality",
                en: "\(run.blocking) faults in the sources block something: knutpunkt quality")
        ]
    }

    /// One alarm for a system, however many sets wait for it.
    private func finding(_ system: String, _ held: [HealthReading.Held]) -> AlarmFinding {
        let shown = held.prefix(3)
        let more = held.count > shown.count ? ", …" : ""
        func list(_ text: (HealthReading.Held) -> String) -> String { shown.map(text).joined(separator: ", ") + more }
        let sv = list { "\($0.state == .told ? "gick igenom direkt" : "väntar på godkännande"): knutpunkt held show \($0.id)" }
        let en = list { "\($0.state == .told ? "went through at once" : "waits for approval"): knutpunkt held show \($0.id)" }
        return AlarmFinding(
            .changesHeld, system, .critical, delay: 0, sv: "Massändring i \(system) \(sv)",
            en: "A mass change in \(system) \(en)")
    }

    private func failed(_ system: String, _ count: Int) -> [AlarmFinding] {
        guard self.failedMessages > 0, count >= self.failedMessages else { return [] }
        return [
            AlarmFinding(
                .messagesFailed, system, .warning, delay: 0,
                sv: "\(count) meddelanden för \(system) behöver någon: knutpunkt failed groups --system \(system)",
                en: "\(count) messages for \(system) need somebody: knutpunkt failed groups --system \(system)")
        ]
    }
}

/// Something that is wrong, before it is known for how long.
public struct AlarmFinding: Sendable, Hashable {
    public let kind: Alarm.Kind
    public let subject: String
    public let severity: Alarm.Severity
    /// Seconds that it must last to be an alarm.
    public let delay: Double
    public let text: Bilingual

    init(_ kind: Alarm.Kind, _ subject: String, _ severity: Alarm.Severity, delay: Double, sv: String, en: String) {
        self.kind = kind
        self.subject = subject
        self.severity = severity
        self.delay = delay
        self.text = Bilingual(sv: sv, en: en)
    }

    public var cause: String { "\(self.kind.rawValue):\(self.subject)" }
}
