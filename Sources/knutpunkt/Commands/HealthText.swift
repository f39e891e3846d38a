import ConnectorKit
import Foundation
import Hub
import KnutpunktApp

/// Health as people read it.
struct HealthText {
    let language: Language

    func lines(_ state: AlarmState, _ reading: HealthReading, isRunning: Bool) -> [String] {
        var lines: [String] = []
        if !isRunning {
            lines.append(
                self.language(
                    sv: "Hubben är inte igång. Så var det \(reading.time):",
                    en: "The hub doesn't run. As it was at \(reading.time):"))
        }
        for alarm in state.book.open {
            lines.append(
                self.language(
                    sv: "LARM \(alarm.cause) sedan \(alarm.raised)\n     \(alarm.text.sv)\n     Åtgärd: \(alarm.runbook)",
                    en: "ALARM \(alarm.cause) since \(alarm.raised)\n     \(alarm.text.en)\n     What to do: \(alarm.runbook)"))
        }
        if state.book.open.isEmpty { lines.append(self.language(sv: "Inga larm.", en: "No alarms.")) }
        lines += reading.sources.map(self.line) + reading.targets.map(self.line) + reading.held.map(self.line)
        let age = RoughDuration.text(reading.outboxSeconds)
        let broker = reading.isBrokerUp ? "" : self.language(sv: ", tar inte emot", en: ", takes nothing")
        lines.append(
            self.language(
                sv: "meddelandekö: \(reading.outbox) väntar i utkorgen (äldst \(age))\(broker)",
                en: "broker: \(reading.outbox) wait in the outbox (oldest \(age))\(broker)"))
        if let free = reading.diskFreeMebibytes {
            lines.append(self.language(sv: "disk: \(free) MiB ledigt", en: "disk: \(free) MiB free"))
        }
        return lines
    }

    private func line(_ source: HealthReading.Source) -> String {
        let read = source.silentSeconds.map(RoughDuration.text).map { ago in
            self.language(sv: "läst för \(ago) sedan", en: "read \(ago) ago")
        }
        var line = "← \(source.system): " + (read ?? self.language(sv: "aldrig läst", en: "never read"))
        if source.isDown {
            line += self.language(
                sv: ", nere sedan \(RoughDuration.text(source.downSeconds))",
                en: ", down for \(RoughDuration.text(source.downSeconds))")
            line += Self.code(source.code, source.runbook)
        }
        return line + self.failed(source.failed)
    }

    private func line(_ target: HealthReading.Target) -> String {
        let queued = target.queued.map(String.init) ?? "?"
        let minutes = RateWindow.minutes
        var line = self.language(
            sv:
                "→ \(target.system): \(queued) i kö, \(target.waiting) väntar på annan post, \(target.deliveredLately) levererade på \(minutes) min",
            en:
                "→ \(target.system): \(queued) queued, \(target.waiting) wait for another record, \(target.deliveredLately) delivered in \(minutes) min"
        )
        if target.oldestSeconds >= 1 {
            let age = RoughDuration.text(target.oldestSeconds)
            line += self.language(sv: ", äldst \(age)", en: ", oldest \(age)")
        }
        if target.breaker == .open {
            let down = RoughDuration.text(target.downSeconds)
            line += self.language(sv: ", nere sedan \(down)", en: ", down for \(down)") + Self.code(target.code, target.runbook)
        }
        return line + self.failed(target.failed)
    }

    private static func code(_ code: String?, _ runbook: String?) -> String {
        guard let code else { return "" }
        return " (" + [code, runbook].compactMap(\.self).joined(separator: " → ") + ")"
    }

    private func line(_ held: HealthReading.Held) -> String {
        let text = HeldText(self.language)
        let counts = ChangeCounts(creates: held.creates, updates: held.updates, deletes: held.deletes, releases: held.releases)
        return "‖ \(text.state(held.state)): \(held.system) \(held.entity): \(text.words.counts(counts))"
            + self.language(sv: " av \(held.living)  ", en: " of \(held.living)  ") + held.id
    }

    private func failed(_ count: Int) -> String {
        count == 0 ? "" : self.language(sv: ", \(count) misslyckade", en: ", \(count) failed")
    }
}
