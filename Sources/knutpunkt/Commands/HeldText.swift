import Hub
import KnutpunktApp
import SchoolRecords

/// Held changes for people to read.
struct HeldText {
    let language: Language

    init(_ language: Language) { self.language = language }

    func line(_ change: HeldChange) -> String {
        "\(change.id)  \(self.state(change.state))  \(change.system) \(change.entity): \(self.counts(change))  \(change.firstAt)"
    }

    func state(_ state: HeldChange.State) -> String {
        switch state {
        case .held: self.language(sv: "VÄNTAR", en: "HELD")
        case .approved: self.language(sv: "godkänd", en: "approved")
        case .rejected: self.language(sv: "avvisad", en: "rejected")
        case .superseded: self.language(sv: "överspelad", en: "superseded")
        case .applied: self.language(sv: "genomförd", en: "applied")
        case .told: self.language(sv: "GENOMFÖRD DIREKT", en: "DONE AT ONCE")
        }
    }

    func counts(_ change: HeldChange) -> String {
        self.counts(
            ChangeCounts(
                creates: change.creates, updates: change.updates, deletes: change.deletes, releases: change.releases))
            + self.language(sv: " av \(change.living)", en: " of \(change.living)")
    }

    func counts(_ counts: ChangeCounts) -> String {
        var parts: [String] = []
        for kind in [ChangeKind.updates, .deletes, .creates, .releases] where counts[kind] > 0 {
            parts.append("\(counts[kind]) \(self.name(kind))")
        }
        return parts.isEmpty ? "0" : parts.joined(separator: ", ")
    }

    func name(_ kind: ChangeKind) -> String {
        switch kind {
        case .creates: self.language(sv: "nya", en: "new")
        case .updates: self.language(sv: "ändrade", en: "updated")
        case .deletes: self.language(sv: "borttagna", en: "deleted")
        case .releases: self.language(sv: "skydd som upphör", en: "protections ended")
        }
    }

    func lines(_ change: HeldChange, _ samples: [HeldSample], _ events: [HeldEvent], withValues: Bool) -> [String] {
        var lines = [self.line(change)]
        for excess in change.excess {
            lines.append(
                "  "
                    + self.language(
                        sv: "för många: \(excess.count) \(self.name(excess.kind)), gränsen är \(excess.limit)",
                        en: "too many: \(excess.count) \(self.name(excess.kind)), the limit is \(excess.limit)"))
        }
        for unit in change.units {
            let counts = ChangeCounts(creates: unit.creates, updates: unit.updates, deletes: unit.deletes)
            lines.append(
                "  " + self.language(sv: "enhet", en: "unit") + " \(unit.unit): \(self.counts(counts))"
                    + self.language(sv: " av \(unit.living)", en: " of \(unit.living)"))
        }
        for kind in change.kinds {
            let counts = ChangeCounts(creates: kind.creates, updates: kind.updates, deletes: kind.deletes)
            let tooMany = kind.excess.map {
                self.language(
                    sv: "; för många \(self.name($0.kind)), gränsen är \($0.limit)",
                    en: "; too many \(self.name($0.kind)), the limit is \($0.limit)")
            }
            lines.append(
                "  \(kind.kind): \(self.counts(counts))" + self.language(sv: " av \(kind.living)", en: " of \(kind.living)")
                    + tooMany.joined())
        }
        lines += change.hints.map { "  " + self.text($0) }
        lines += change.findings.map { "  " + self.text($0) }
        if !samples.isEmpty {
            lines.append(self.language(sv: "Exempel:", en: "Examples:"))
            lines += samples.flatMap { self.lines($0, withValues: withValues) }
        }
        if !events.isEmpty {
            lines.append(self.language(sv: "Vad som hänt:", en: "What has happened:"))
            lines += events.map { event in
                "  \(event.time)  \(event.event)" + (event.by.map { "  \($0)" } ?? "") + (event.note.map { "  \($0)" } ?? "")
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
        let head = "  \(sample.key)\(kind)  \(self.name(sample.change))"
        guard withValues else {
            let names = sample.change == .updates ? sample.fields.map(\.name).joined(separator: ", ") : ""
            return [names.isEmpty ? head : "\(head): \(names)"]
        }
        return [head] + sample.fields.map { "    \($0.name): \($0.before ?? "-") → \($0.after ?? "-")" }
    }

    func text(_ hint: SetHint) -> String {
        switch hint.kind {
        case .everythingGone: self.language(sv: "allt som finns skulle försvinna", en: "everything that there is would go")
        case .asManyNew:
            self.language(
                sv: "ungefär lika många nya (\(hint.count)) som försvinner: har id:na bytts?",
                en: "about as many new ones (\(hint.count)) as vanish: have the ids changed?")
        case .wholeUnits:
            self.language(sv: "\(hint.count) enheter skulle bli tomma", en: "\(hint.count) units would lose everything")
        case .mappingEdited:
            self.language(
                sv: "översättningen av källan har ändrats sedan den lästes sist",
                en: "the source's mapping has been edited since it was read last")
        case .newlyFailing:
            self.language(
                sv: "\(hint.count) poster skulle inte längre gå att översätta",
                en: "\(hint.count) records could be mapped no more")
        case .protectedAtOnce:
            self.language(
                sv: "\(hint.count) personer fick skydd och har gått till valvet utan att vänta",
                en: "\(hint.count) persons became protected and have gone to the vault without waiting")
        }
    }

    func text(_ finding: FieldFinding) -> String {
        let head = self.language(
            sv: "\(finding.field) skiljer i \(finding.count) av \(finding.of)",
            en: "\(finding.field) differs in \(finding.count) of \(finding.of)")
        return finding.hint.map { "\(head): \(self.text($0)) (\(finding.hintCount))" } ?? head
    }

    func text(_ hint: ValueHint) -> String {
        let field = hint.field ?? "-"
        return switch hint.kind {
        case .emptied: self.language(sv: "blir tomt", en: "becomes empty")
        case .filled: self.language(sv: "var tomt", en: "was empty")
        case .replacementCharacters:
            self.language(sv: "tecken har blivit � (fel teckenkodning)", en: "characters became � (wrong encoding)")
        case .doubleEncoded:
            self.language(
                sv: "å, ä, ö har blivit Ã¥, Ã¤, Ã¶ (fel teckenkodning)", en: "å, ä, ö became Ã¥, Ã¤, Ã¶ (wrong encoding)")
        case .lettersLost: self.language(sv: "å, ä, ö har blivit andra tecken", en: "å, ä, ö became other characters")
        case .movedDays:
            self.language(sv: "flyttat \(hint.days ?? 0) dagar", en: "moved by \(hint.days ?? 0) days")
        case .dayMonthSwapped: self.language(sv: "dag och månad har bytt plats", en: "day and month have changed places")
        case .swapped: self.language(sv: "har bytt plats med \(field)", en: "has changed places with \(field)")
        case .shifted:
            self.language(
                sv: "har fått värdet av \(field) (kolumnerna förskjutna?)", en: "has got the value of \(field) (columns shifted?)"
            )
        case .sameForAll: self.language(sv: "alla får samma värde", en: "all get the same value")
        case .spelling: self.language(sv: "bara skiftläge eller mellanslag", en: "only letter case or spaces")
        }
    }

    func line(_ plan: PlannedChange, today: CalendarDate) -> String {
        let state =
            plan.revokedAt != nil
            ? self.language(sv: "återkallad", en: "revoked")
            : plan.isActive(on: today)
                ? self.language(sv: "gäller", en: "active")
                : plan.from > "\(today)" ? self.language(sv: "kommande", en: "to come") : self.language(sv: "över", en: "over")
        return "\(plan.id)  \(state)  \(plan.system) \(plan.subject): \(self.counts(plan.bounds))"
            + self.language(sv: ", använt: ", en: ", used: ") + self.counts(plan.used)
            + "  \(plan.from) – \(plan.to)  \(plan.madeBy): \(plan.reason)"
    }
}
