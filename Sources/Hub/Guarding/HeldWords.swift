import SchoolRecords

/// Words for mass changes that wait for somebody.
public struct HeldWords: Sendable {
    public let language: Language

    public init(_ language: Language) { self.language = language }

    public func state(_ state: HeldChange.State) -> String {
        switch state {
        case .held: self.language(sv: "väntar", en: "held")
        case .approved: self.language(sv: "godkänd", en: "approved")
        case .rejected: self.language(sv: "avvisad", en: "rejected")
        case .superseded: self.language(sv: "överspelad", en: "superseded")
        case .applied: self.language(sv: "genomförd", en: "applied")
        case .told: self.language(sv: "genomförd direkt", en: "done at once")
        }
    }

    /// What has happened to a set, see ``HeldEvent/event``.
    public func event(_ event: String) -> String {
        event == "values-shown"
            ? self.language(sv: "värden visade", en: "values shown")
            : HeldChange.State(rawValue: event).map(self.state) ?? event
    }

    /// `20 updated, 3 deleted of 400`.
    public func counts(_ change: HeldChange) -> String {
        self.counts(
            ChangeCounts(
                creates: change.creates, updates: change.updates, deletes: change.deletes, releases: change.releases))
            + self.language(sv: " av \(change.living)", en: " of \(change.living)")
    }

    public func counts(_ counts: ChangeCounts) -> String {
        var parts: [String] = []
        for kind in [ChangeKind.updates, .deletes, .creates, .releases] where counts[kind] > 0 {
            parts.append("\(counts[kind]) \(self.name(kind))")
        }
        return parts.isEmpty ? "0" : parts.joined(separator: ", ")
    }

    public func name(_ kind: ChangeKind) -> String {
        switch kind {
        case .creates: self.language(sv: "nya", en: "new")
        case .updates: self.language(sv: "ändrade", en: "updated")
        case .deletes: self.language(sv: "borttagna", en: "deleted")
        case .releases: self.language(sv: "skydd som upphör", en: "protections ended")
        }
    }

    /// What is too much: how many, and the limit.
    public func excess(_ excess: ChangeExcess) -> String {
        self.language(
            sv: "för många: \(excess.count) \(self.name(excess.kind)), gränsen är \(excess.limit)",
            en: "too many: \(excess.count) \(self.name(excess.kind)), the limit is \(excess.limit)")
    }

    public func text(_ hint: SetHint) -> String {
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

    public func text(_ finding: FieldFinding) -> String {
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
}
