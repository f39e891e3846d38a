import Hub
import KnutpunktApp
import SchoolRecords

/// Held changes for people to read.
struct HeldText {
    let words: HeldWords

    var language: Language { self.words.language }

    init(_ language: Language) { self.words = HeldWords(language) }

    func line(_ change: HeldChange) -> String {
        "\(change.id)  \(self.state(change.state))  \(change.system) \(change.entity): \(self.words.counts(change))  \(change.firstAt)"
    }

    /// What needs somebody, in capitals.
    func state(_ state: HeldChange.State) -> String {
        let word = self.words.state(state)
        return [.held, .told].contains(state) ? word.uppercased() : word
    }

    func lines(_ change: HeldChange, _ samples: [HeldSample], _ events: [HeldEvent], withValues: Bool) -> [String] {
        var lines = [self.line(change)]
        for excess in change.excess {
            lines.append("  " + self.words.excess(excess))
        }
        for unit in change.units {
            let counts = ChangeCounts(creates: unit.creates, updates: unit.updates, deletes: unit.deletes)
            lines.append(
                "  " + self.language(sv: "enhet", en: "unit") + " \(unit.unit): \(self.words.counts(counts))"
                    + self.language(sv: " av \(unit.living)", en: " of \(unit.living)"))
        }
        for kind in change.kinds {
            let counts = ChangeCounts(creates: kind.creates, updates: kind.updates, deletes: kind.deletes)
            let tooMany = kind.excess.map { "; " + self.words.excess($0) }
            lines.append(
                "  \(kind.kind): \(self.words.counts(counts))" + self.language(sv: " av \(kind.living)", en: " of \(kind.living)")
                    + tooMany.joined())
        }
        lines += change.hints.map { "  " + self.words.text($0) }
        lines += change.findings.map { "  " + self.words.text($0) }
        if !samples.isEmpty {
            lines.append(self.language(sv: "Exempel:", en: "Examples:"))
            lines += samples.flatMap { self.lines($0, withValues: withValues) }
        }
        if !events.isEmpty {
            lines.append(self.language(sv: "Vad som hänt:", en: "What has happened:"))
            lines += events.map { event in
                "  \(event.time)  \(self.words.event(event.event))" + (event.by.map { "  \($0)" } ?? "")
                    + (event.note.map { "  \($0)" } ?? "")
            }
        }
        if change.state == .held {
            lines.append(
                self.language(
                    sv: "Inget av det är infört. Är det rätt? knutpunkt held approve \(change.id) --reason \"…\"",
                    en: "None of it is taken. If it is right: knutpunkt held approve \(change.id) --reason \"…\""))
        }
        return lines
    }

    private func lines(_ sample: HeldSample, withValues: Bool) -> [String] {
        let kind = sample.kind.map { " \($0)" } ?? ""
        let head = "  \(sample.key)\(kind)  \(self.words.name(sample.change))"
        guard withValues else {
            let names = sample.change == .updates ? sample.fields.map(\.name).joined(separator: ", ") : ""
            return [names.isEmpty ? head : "\(head): \(names)"]
        }
        return [head] + sample.fields.map { "    \($0.name): \($0.before ?? "-") → \($0.after ?? "-")" }
    }

    func line(_ plan: PlannedChange, today: CalendarDate) -> String {
        let state =
            plan.revokedAt != nil
            ? self.language(sv: "återkallad", en: "revoked")
            : plan.isActive(on: today)
                ? self.language(sv: "gäller", en: "active")
                : plan.from > "\(today)" ? self.language(sv: "kommande", en: "to come") : self.language(sv: "över", en: "over")
        return "\(plan.id)  \(state)  \(plan.system) \(plan.subject): \(self.words.counts(plan.bounds))"
            + self.language(sv: ", använt: ", en: ", used: ") + self.words.counts(plan.used)
            + "  \(plan.from) – \(plan.to)  \(plan.madeBy): \(plan.reason)"
    }
}
