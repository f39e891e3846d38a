import ConnectorKit
import Foundation
import Hub
import Mapping
import SchoolRecords

/// How the hub runs, as its template shows it.
struct SettingsView {
    private let reading: HealthReading
    private let setUp: HubSetUp
    private let mappings: MappingSet
    private let language: Language
    private let times: TimeText

    init(_ reading: HealthReading, _ setUp: HubSetUp, _ mappings: MappingSet, _ language: Language, _ times: TimeText) {
        self.reading = reading
        self.setUp = setUp
        self.mappings = mappings
        self.language = language
        self.times = times
    }

    func alarm(_ alarm: Alarm) -> View {
        [
            "tone": (alarm.severity == .critical ? Tone.bad : .warn).rawValue, "cause": alarm.cause,
            "text": alarm.text(self.language),
            "since": self.language(
                sv: "sedan \(self.times.moment(alarm.raised))", en: "since \(self.times.moment(alarm.raised))"),
            "runbook": alarm.runbook,
        ]
    }

    /// The hub's own parts.
    var facts: [View] {
        func fact(_ sv: String, _ en: String, _ value: String, _ tone: Tone? = nil) -> View {
            var view: View = ["name": self.language(sv: sv, en: en), "value": value]
            if let tone { view["tone"] = tone.rawValue }
            return view
        }
        let mebibytes = self.setUp.storeBytes.map { TimeText.number($0 / 1_048_576) } ?? "?"
        let disk = self.reading.diskFreeMebibytes
        let broker =
            self.reading.isBrokerUp
            ? self.language(sv: "tar emot", en: "takes messages")
            : self.language(sv: "nere", en: "down") + (self.reading.brokerReason.map { ": \($0)" } ?? "")
        let outbox = TimeText.number(self.reading.outbox)
        return [
            fact("Program", "Program", "Knutpunkt \(self.setUp.version)"),
            fact(
                "Hubben", "The hub",
                self.setUp.process.map { self.language(sv: "igång, process \($0)", en: "runs, process \($0)") }
                    ?? self.language(sv: "inte igång", en: "doesn't run"), self.setUp.process == nil ? .bad : .good),
            fact("Mappningar", "Mappings", "\(self.mappings.version) (\(self.setUp.mappingsDirectory))"),
            fact(
                "Meddelandekö", "Broker",
                broker
                    + (self.setUp.hasPrivateBroker
                        ? self.language(sv: " (hubbens egen nod)", en: " (the hub's own node)") : ""),
                self.reading.isBrokerUp ? .good : .bad),
            fact(
                "Utkorg", "Outbox",
                self.language(
                    sv: "\(outbox) väntar, äldst \(RoughDuration.text(self.reading.outboxSeconds))",
                    en: "\(outbox) wait, the oldest \(RoughDuration.text(self.reading.outboxSeconds))")),
            fact(
                "Databas", "Store",
                self.language(
                    sv: "\(mebibytes) MiB i \(self.setUp.dataDirectory)", en: "\(mebibytes) MiB in \(self.setUp.dataDirectory)")),
            fact(
                "Disk", "Disk",
                disk.map { self.language(sv: "\(TimeText.number($0)) MiB ledigt", en: "\(TimeText.number($0)) MiB free") } ?? "?",
                disk.map { $0 < 500 ? .warn : .good }),
        ]
    }

    /// Every system that takes part, in each direction; those that are switched off last.
    var systems: [View] {
        let running = self.mappings.systems.values.sorted { $0.name < $1.name }.flatMap { system -> [View] in
            [
                system.source.map { self.source(system.name, $0) }, system.target.map { self.target(system.name, $0) },
            ].compactMap(\.self)
        }
        return running
            + self.mappings.inactive.keys.sorted().map { name in
                [
                    "name": name, "direction": "", "state": self.language(sv: "avstängt", en: "switched off"),
                    "tone": Tone.plain.rawValue, "last": "–", "schedule": "", "failed": "–",
                ] as View
            }
    }

    private func schedule(_ side: SystemDescription.Side) -> String {
        (side.settings["schedule"]?.objectValue ?? [:]).sorted { $0.key < $1.key }.compactMap { name, value in
            guard let text = value.plainText else { return nil }
            return switch name {
            case "changes_every_seconds": self.language(sv: "ändringar var \(text) s", en: "changes every \(text) s")
            case "full_every_hours": self.language(sv: "allt var \(text) h", en: "everything every \(text) h")
            default: "\(name) \(text)"
            }
        }.joined(separator: ", ")
    }

    private func source(_ name: String, _ side: SystemDescription.Side) -> View {
        let found = self.reading.sources.first { $0.system == name }
        let state: (text: String, tone: Tone) =
            switch found {
            case nil: (self.language(sv: "läses inte än", en: "isn't read yet"), .warn)
            case .some(let source) where source.isDown:
                (
                    self.language(
                        sv: "nere sedan \(RoughDuration.text(source.downSeconds))",
                        en: "down for \(RoughDuration.text(source.downSeconds))"), .bad
                )
            case .some(let source) where source.lastRead == nil: (self.language(sv: "aldrig läst", en: "never read"), .warn)
            default: (self.language(sv: "läses", en: "is read"), .good)
            }
        var view: View = [
            "name": name, "direction": self.language(sv: "läses", en: "read from"), "connector": side.connector,
            "state": state.text, "tone": state.tone.rawValue, "last": self.times.moment(found?.lastRead),
            "schedule": self.schedule(side), "failed": TimeText.number(found?.failed ?? 0),
        ]
        if let found, found.isDown { self.add(found.code, found.reason, found.runbook, to: &view) }
        if let failed = found?.failed, failed > 0 { view["failedAddress"] = "\(Address("/failed", ["system": name]))" }
        return view
    }

    private func target(_ name: String, _ side: SystemDescription.Side) -> View {
        let found = self.reading.targets.first { $0.system == name }
        let isOpen = found?.breaker == .open
        var view: View = [
            "name": name, "direction": self.language(sv: "får", en: "given to"), "connector": side.connector,
            "state": found == nil
                ? self.language(sv: "tar inte emot än", en: "doesn't take yet")
                : isOpen
                    ? self.language(
                        sv: "nere sedan \(RoughDuration.text(found?.downSeconds ?? 0))",
                        en: "down for \(RoughDuration.text(found?.downSeconds ?? 0))")
                    : self.language(sv: "tar emot", en: "takes"),
            "tone": (found == nil ? Tone.warn : isOpen ? .bad : .good).rawValue, "last": self.times.moment(found?.lastSuccess),
            "schedule": "", "failed": TimeText.number(found?.failed ?? 0),
        ]
        if let found, isOpen { self.add(found.code, found.reason, found.runbook, to: &view) }
        if let failed = found?.failed, failed > 0 { view["failedAddress"] = "\(Address("/failed", ["system": name]))" }
        return view
    }

    private func add(_ code: String?, _ reason: String?, _ runbook: String?, to view: inout View) {
        view["reason"] = [code, reason].compactMap(\.self).joined(separator: ": ")
        if let runbook { view["runbook"] = runbook }
    }

    /// What the hub last did besides carrying messages.
    func runs(comparison: ReconcileRun?, probe: ProbeRun?, replay: ReplayBatch?, plan: KeptRolePlan?) -> [View] {
        func run(_ sv: String, _ en: String, _ time: String?, _ text: String, _ address: Address?) -> View {
            var view: View = ["name": self.language(sv: sv, en: en), "time": self.times.moment(time), "text": text]
            if let address { view["runAddress"] = "\(address)" }
            return view
        }
        let words = ReconcileWords(self.language)
        return [
            run(
                "Jämförelse av systemen", "Comparison of the systems", comparison?.beganAt,
                comparison.map { words.state($0) } ?? "", comparison.map { Address(parts: ["agreement", "runs", $0.id]) }),
            run(
                "Källornas kvalitet", "Quality of the sources", self.reading.quality?.time,
                self.reading.quality.map {
                    self.language(
                        sv: "\($0.found) brister, \($0.blocking) hindrar något",
                        en: "\($0.found) findings, \($0.blocking) block something")
                } ?? "", nil),
            run("Sond", "Probe", probe?.startedAt, probe?.by ?? "", Address("/agreement/fields")),
            run(
                "Rollplan", "Role plan", plan?.madeAt, plan.map { $0.term ?? $0.date } ?? "",
                plan.map { Address(parts: ["roles", $0.id]) }),
            run(
                "Omsändning", "Replay", replay?.madeAt, replay.map { TimeText.number($0.size) } ?? "",
                replay.map { Address(parts: ["failed", "replays", $0.id]) }),
        ]
    }
}

extension JSONValue {
    /// A single value as people read it.
    fileprivate var plainText: String? {
        switch self {
        case .string(let text): text
        case .integer(let number): String(number)
        case .number(let number): "\(number)"
        case .bool(let truth): truth ? "true" : "false"
        case .null, .array, .object: nil
        }
    }
}
