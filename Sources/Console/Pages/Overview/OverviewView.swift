import ConnectorKit
import Foundation
import Hub

/// The overview as its template shows it.
struct OverviewView {
    private let overview: Overview
    private let language: Language
    private let times: TimeText

    init(_ overview: Overview, _ language: Language) {
        self.overview = overview
        self.language = language
        self.times = TimeText(language, now: RFC3339.date(overview.reading.time) ?? .distantPast)
    }

    private var reading: HealthReading { self.overview.reading }

    var view: View {
        let needs = self.needs
        return [
            "asOf": self.language(
                sv: "Läget kl. \(self.times.moment(self.reading.time))", en: "As of \(self.times.moment(self.reading.time))"),
            "needs?": !needs.isEmpty, "needs": needs, "tiles": self.tiles, "map": self.map.svg,
            "systems": self.reading.sources.map(self.row) + self.reading.targets.map(self.row),
        ]
    }

    /// What somebody must look at: alarms first, then what waits for a decision.
    private var needs: [View] {
        var needs: [View] = self.overview.alarms.map { alarm in
            var need: View = [
                "tone": alarm.severity == .critical ? Tone.bad.rawValue : Tone.warn.rawValue,
                "title": "\(self.name(of: alarm.kind)): \(alarm.subject)",
                "since": self.language(
                    sv: "sedan \(self.times.moment(alarm.raised))", en: "since \(self.times.moment(alarm.raised))"),
                "text": alarm.text(self.language),
            ]
            if let (address, action) = self.way(on: alarm) {
                need["address"] = "\(address)"
                need["action"] = action
            }
            return need
        }
        for held in self.reading.held {
            let counts = HeldWords(self.language).counts(
                ChangeCounts(
                    creates: held.creates, updates: held.updates, deletes: held.deletes, releases: held.releases))
            needs.append([
                "tone": Tone.warn.rawValue,
                "title": held.state == .held
                    ? self.language(
                        sv: "Massändring väntar: \(held.system) \(held.entity)",
                        en: "Mass change waits: \(held.system) \(held.entity)")
                    : self.language(
                        sv: "Massändring gjordes: \(held.system) \(held.entity)",
                        en: "Mass change went through: \(held.system) \(held.entity)"),
                "since": self.language(
                    sv: "sedan \(self.times.moment(held.since))", en: "since \(self.times.moment(held.since))"),
                "text": self.language(
                    sv: "\(counts) av \(TimeText.number(held.living)).", en: "\(counts) of \(TimeText.number(held.living))."),
                "address": "\(Address(parts: ["held", held.id]))",
                "action": self.language(sv: "Titta och besluta", en: "Look and decide"),
            ])
        }
        for plan in self.reading.rolePlans {
            needs.append([
                "tone": Tone.warn.rawValue,
                "title": self.language(
                    sv: "Rollplan väntar: \(plan.term ?? plan.date)", en: "Role plan waits: \(plan.term ?? plan.date)"),
                "since": self.language(sv: "i \(plan.days) dagar", en: "for \(plan.days) days"),
                "text": self.language(
                    sv: "\(TimeText.number(plan.steps)) ändringar.", en: "\(TimeText.number(plan.steps)) changes."),
                "address": "\(Address(parts: ["roles", plan.id]))", "action": self.language(sv: "Till planen", en: "To the plan"),
            ])
        }
        return needs
    }

    /// Where somebody can do something about an alarm.
    private func way(on alarm: Alarm) -> (Address, String)? {
        switch alarm.kind {
        case .messagesFailed, .errorRate:
            (
                Address("/failed", ["system": alarm.subject]),
                self.language(sv: "Till det som misslyckats", en: "To what has failed")
            )
        case .rolesWaiting, .rolesMissing: (Address("/roles"), self.language(sv: "Till rollerna", en: "To the roles"))
        default: nil
        }
    }

    private var tiles: [View] {
        let failed = self.reading.targets.reduce(0) { $0 + $1.failed } + self.reading.sources.reduce(0) { $0 + $1.failed }
        let queued = self.reading.targets.reduce(0) { $0 + ($1.queued ?? 0) }
        let delivered = self.reading.targets.reduce(0) { $0 + $1.deliveredLately }
        let oldest = (self.reading.targets.map(\.oldestSeconds) + [self.reading.outboxSeconds]).max() ?? 0
        let minutes = RateWindow.minutes
        func tile(_ number: String, _ sv: String, _ en: String, _ tone: Tone = .plain, to address: String? = nil) -> View {
            var view: View = ["number": number, "label": self.language(sv: sv, en: en), "tone": tone.rawValue]
            if let address { view["address"] = address }
            return view
        }
        return [
            tile(TimeText.number(failed), "misslyckade meddelanden", "failed messages", failed > 0 ? .bad : .good, to: "/failed"),
            tile(TimeText.number(delivered), "levererade på \(minutes) minuter", "delivered in \(minutes) minutes"),
            tile(TimeText.number(queued + self.reading.outbox), "på väg", "under way"),
            tile(
                oldest < 1 ? "0 s" : RoughDuration.text(oldest), "äldsta som är på väg", "oldest under way",
                oldest > 900 ? .warn : .plain),
            tile(
                self.reading.isBrokerUp ? self.language(sv: "Tar emot", en: "Takes") : self.language(sv: "Nere", en: "Down"),
                "meddelandekön", "the broker", self.reading.isBrokerUp ? .good : .bad),
        ]
    }

    private var map: SystemMap {
        let minutes = RateWindow.minutes
        return SystemMap(
            sources: self.reading.sources.map { source in
                SystemMap.Node(
                    name: source.system, tone: source.isDown ? .bad : source.lastRead == nil ? .warn : .good,
                    text: source.isDown
                        ? self.language(
                            sv: "nere sedan \(RoughDuration.text(source.downSeconds))",
                            en: "down for \(RoughDuration.text(source.downSeconds))")
                        : source.silentSeconds.map {
                            self.language(
                                sv: "läst för \(RoughDuration.text($0)) sedan", en: "read \(RoughDuration.text($0)) ago")
                        } ?? self.language(sv: "aldrig läst", en: "never read"),
                    isBusy: (source.silentSeconds ?? .infinity) < 120)
            },
            targets: self.reading.targets.map { target in
                let queued = target.queued.map(TimeText.number) ?? "?"
                return SystemMap.Node(
                    name: target.system, tone: target.breaker == .open ? .bad : target.failed > 0 ? .warn : .good,
                    text: target.breaker == .open
                        ? self.language(sv: "nere, \(queued) väntar", en: "down, \(queued) wait")
                        : self.language(
                            sv: "\(TimeText.number(target.deliveredLately)) på \(minutes) min, \(queued) i kö",
                            en: "\(TimeText.number(target.deliveredLately)) in \(minutes) min, \(queued) queued"),
                    isBusy: target.deliveredLately > 0)
            },
            hub: self.language(
                sv: "\(TimeText.number(self.reading.outbox)) i utkorgen", en: "\(TimeText.number(self.reading.outbox)) in outbox"),
            title: self.language(sv: "Källor, hubben och mottagare", en: "Sources, the hub and receivers"))
    }

    private func row(_ source: HealthReading.Source) -> View {
        var row: View = [
            "name": source.system, "direction": self.language(sv: "läses", en: "read from"),
            "tone": (source.isDown ? Tone.bad : source.lastRead == nil ? .warn : .good).rawValue,
            "state": source.isDown
                ? self.language(sv: "nere", en: "down")
                : source.lastRead == nil
                    ? self.language(sv: "aldrig läst", en: "never read") : self.language(sv: "läses", en: "is read"),
            "last": self.times.moment(source.lastRead), "lately": "", "queued": "", "waiting": "", "oldest": "",
            "failed": TimeText.number(source.failed),
        ]
        if let code = source.code, source.isDown { row["reason"] = "\(code): \(source.runbook ?? "")" }
        if source.failed > 0 { row["failedAddress"] = "\(Address("/failed", ["system": source.system]))" }
        return row
    }

    private func row(_ target: HealthReading.Target) -> View {
        var row: View = [
            "name": target.system, "direction": self.language(sv: "får", en: "given to"),
            "tone": (target.breaker == .open ? Tone.bad : .good).rawValue,
            "state": target.breaker == .open ? self.language(sv: "nere", en: "down") : self.language(sv: "tar emot", en: "takes"),
            "last": self.times.moment(target.lastSuccess), "lately": TimeText.number(target.deliveredLately),
            "queued": target.queued.map(TimeText.number) ?? "?", "waiting": TimeText.number(target.waiting),
            "oldest": target.oldestSeconds >= 1 ? RoughDuration.text(target.oldestSeconds) : "–",
            "failed": TimeText.number(target.failed),
        ]
        if let code = target.code, target.breaker == .open { row["reason"] = "\(code): \(target.runbook ?? "")" }
        if target.failed > 0 { row["failedAddress"] = "\(Address("/failed", ["system": target.system]))" }
        return row
    }

    private func name(of kind: Alarm.Kind) -> String {
        switch kind {
        case .targetDown: self.language(sv: "Mottagare nere", en: "Receiver down")
        case .sourceDown: self.language(sv: "Källa nere", en: "Source down")
        case .sourceSilent: self.language(sv: "Källa tyst", en: "Source silent")
        case .messagesLate: self.language(sv: "Meddelanden försenade", en: "Messages late")
        case .messagesFailed: self.language(sv: "Meddelanden misslyckas", en: "Messages fail")
        case .errorRate: self.language(sv: "Många fel", en: "Many errors")
        case .brokerDown: self.language(sv: "Meddelandekön nere", en: "Broker down")
        case .changesHeld: self.language(sv: "Massändring väntar", en: "Mass change waits")
        case .schoolsWithout: self.language(sv: "Skolor utan poster", en: "Schools without records")
        case .diskLow: self.language(sv: "Ont om disk", en: "Disk low")
        case .rolesWaiting: self.language(sv: "Rollplan väntar", en: "Role plan waits")
        case .rolesMissing: self.language(sv: "Roller saknas", en: "Roles missing")
        case .sourceQuality: self.language(sv: "Brister i källan", en: "Source quality")
        case .filesRejected: self.language(sv: "Filer underkända", en: "Files rejected")
        case .contactsWaiting: self.language(sv: "Vill bli kontaktade", en: "Contacts wanted")
        }
    }
}
