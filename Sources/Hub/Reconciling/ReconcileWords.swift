public import Reconciliation
import SchoolRecords

/// What a run says, in people's words.
public struct ReconcileWords: Sendable {
    public let language: Language
    /// School unit → its name.
    public let units: [String: String]

    public init(_ language: Language, units: [String: String] = [:]) {
        self.language = language
        self.units = units
    }

    public func situation(_ situation: Situation) -> String {
        switch situation {
        case .missing: self.language(sv: "saknas", en: "missing")
        case .unexpected: self.language(sv: "för mycket", en: "unexpected")
        case .different: self.language(sv: "annorlunda", en: "different")
        case .stale: self.language(sv: "gammalt", en: "stale")
        case .duplicate: self.language(sv: "dubblett", en: "duplicate")
        case .otherKey: self.language(sv: "annan nyckel", en: "another key")
        case .dependencyBroken: self.language(sv: "pekar på det som saknas", en: "names what isn't there")
        case .leaked: self.language(sv: "LÄCKT: skyddad person", en: "LEAKED: protected person")
        case .roleMissing: self.language(sv: "roll saknas", en: "role missing")
        case .roleExcess: self.language(sv: "roll för mycket", en: "role in excess")
        case .roleDifferent: self.language(sv: "roll annorlunda", en: "role different")
        case .unmappable: self.language(sv: "går inte att översätta", en: "can't be mapped")
        case .withheld: self.language(sv: "hålls inne", en: "withheld")
        }
    }

    public func cause(_ cause: Cause) -> String {
        switch cause {
        case .lost: self.language(sv: "systemet fick det och har det inte kvar", en: "the system was given it and has lost it")
        case .changedThere:
            self.language(
                sv: "ändrat i systemet, eller inte sparat som det gavs", en: "changed in the system, or not kept as given")
        case .neverGiven: self.language(sv: "aldrig levererat", en: "never delivered")
        case .mappingMoved:
            self.language(
                sv: "mappningen eller dagen ger något annat nu", en: "the mapping, or the day, gives something else now")
        case .failed: self.language(sv: "meddelandet misslyckades", en: "the message failed")
        case .discarded: self.language(sv: "meddelandet gavs upp", en: "the message was given up")
        case .waiting: self.language(sv: "väntar på en annan post", en: "waits for another record")
        case .retrying: self.language(sv: "nytt försök är planerat", en: "another try is planned")
        case .held: self.language(sv: "undanlagt med en massändring", en: "set aside with a mass change")
        case .underWay: self.language(sv: "på väg", en: "on its way")
        case .moved: self.language(sv: "ändrades medan systemen lästes", en: "changed while the systems were read")
        case .keptThere: self.language(sv: "borttaget, men finns kvar", en: "taken away, and still there")
        case .neverManaged:
            self.language(sv: "inte hubbens, men om någon som hubben känner", en: "not the hub's, but about somebody it knows")
        case .nobody: self.language(sv: "om ingen som hubben känner", en: "about nobody whom the hub knows")
        case .samePerson: self.language(sv: "samma person", en: "the same person")
        case .perhapsSamePerson: self.language(sv: "kanske samma person", en: "perhaps the same person")
        case .twice: self.language(sv: "systemet har raden två gånger", en: "the system has the row twice")
        case .endMissing:
            self.language(sv: "det som raden pekar på finns inte i systemet", en: "what the row names isn't in the system")
        case .protected: self.language(sv: "personen har skyddad identitet", en: "the person's identity is protected")
        }
    }

    /// What to do about a finding, with the command where there is one.
    public func remedy(_ finding: Finding, run: String, number: Int) -> String {
        switch finding.remedy {
        case .none, .wait: self.language(sv: "inget", en: "nothing")
        case .sendAgain, .takeAway: "knutpunkt reconcile repair \(run) --number \(number)"
        case .mendMessage: "knutpunkt failed show \(finding.message.map(String.init) ?? "…")"
        case .mendAwaited:
            (finding.situation == .dependencyBroken
                ? self.language(
                    sv: "går över när det som raden pekar på finns: ", en: "is over when what the row names is there: ")
                : self.language(sv: "rätta det som väntas in: ", en: "mend what is awaited: "))
                + (finding.awaited.map { "knutpunkt trace \($0)" } ?? "-")
        case .decideHeld: "knutpunkt held show \(finding.held ?? "…")"
        case .reconsider: "knutpunkt failed replay \(finding.message.map(String.init) ?? "…")"
        case .mendMapping:
            self.language(sv: "rätta mappningen eller värdet: ", en: "mend the mapping or the value: ")
                + (finding.message.map { "knutpunkt failed show \($0)" } ?? finding.record.map { "knutpunkt trace \($0)" } ?? "-")
        case .mendInterface:
            self.language(
                sv: "skickat förut utan verkan: se efter vad systemet gör med fältet",
                en: "sent before without effect: see what the system does with the field")
        case .decideMatch:
            self.language(sv: "avgör: ", en: "decide: ")
                + "knutpunkt reconcile match \(run) \(number) --same|--different --reason …"
        case .merge: self.language(sv: "slå ihop dem i \(finding.system)", en: "merge them in \(finding.system)")
        case .removeThere:
            self.language(
                sv: "ta bort i \(finding.system), eller ta reda på varför den finns",
                en: "remove in \(finding.system), or find out why it is there")
        case .recall:
            self.language(
                sv: "ta bort i \(finding.system) GENAST och anmäl till dataskyddsombudet",
                en: "remove in \(finding.system) AT ONCE and report it to the data protection officer")
        case .planRoles: "knutpunkt roles review --system \(finding.system)"
        }
    }

    public func owner(_ owner: Owner) -> String {
        switch owner {
        case .operations: self.language(sv: "drift av hubben", en: "operations of the hub")
        case .receiver: self.language(sv: "systemets ansvarige", en: "the system's owner")
        case .master: self.language(sv: "källans ansvarige", en: "the source's owner")
        case .roles: self.language(sv: "behörigheter", en: "roles")
        case .dataProtection: self.language(sv: "dataskydd", en: "data protection")
        case .nobody: self.language(sv: "ingen", en: "nobody")
        }
    }

    public func nature(_ nature: FieldNature) -> String {
        switch nature {
        case .empty: self.language(sv: "tomt", en: "empty")
        case .filled: self.language(sv: "borde vara tomt", en: "should be empty")
        case .shortened: self.language(sv: "avkortat", en: "cut short")
        case .garbled: self.language(sv: "förvanskade tecken", en: "garbled letters")
        case .shiftedDay: self.language(sv: "en dag fel", en: "a day off")
        case .letterCase: self.language(sv: "stora och små bokstäver", en: "upper and lower case")
        case .spacing: self.language(sv: "mellanslag och streck", en: "spaces and hyphens")
        case .leadingZeros: self.language(sv: "inledande nollor", en: "leading zeros")
        case .other: self.language(sv: "annat", en: "something else")
        }
    }

    public func unit(_ id: String?) -> String {
        guard let id, id != "-" else { return self.language(sv: "utan skolenhet", en: "no school unit") }
        return self.units[id] ?? id
    }

    public func percent(_ share: Double) -> String {
        // Never rounded up to all.
        let tenths = (share * 10_000).rounded(.down)
        let text =
            "\(Int(tenths) / 100)\(self.language(sv: ",", en: "."))\(Int(tenths) % 100 < 10 ? "0" : "")\(Int(tenths) % 100)"
        return text + " %"
    }

    public func differences(_ count: Int) -> String {
        self.language(
            sv: count == 1 ? "1 skillnad" : "\(count) skillnader", en: count == 1 ? "1 difference" : "\(count) differences")
    }

    /// How much agrees, or what the run was about where it told only a part: a share of everything says nothing of a part.
    public func agreement(_ run: ReconcileRun) -> String {
        guard run.systems.contains(where: { $0.state == .done }) else { return "–" }
        if run.scope.isWhole { return self.percent(run.agreement) }
        let parts = run.scope.units.map { self.unit($0) } + run.scope.entities.map(\.rawValue)
        return self.language(sv: "bara ", en: "only ") + parts.joined(separator: ", ")
    }

    public func state(_ state: RepairOrder.State) -> String {
        switch state {
        case .waiting: self.language(sv: "väntar på godkännande", en: "waits for approval")
        case .sent: self.language(sv: "skickad", en: "sent")
        case .verified: self.language(sv: "kontrollerad", en: "verified")
        case .rejected: self.language(sv: "avvisad", en: "rejected")
        }
    }

    public func state(_ run: ReconcileRun) -> String {
        switch run.state {
        case .running: self.language(sv: "pågår, eller avbröts", en: "running, or interrupted")
        case .done: self.language(sv: "klar", en: "done")
        case .cancelled: self.language(sv: "avbruten", en: "cancelled")
        case .broken: self.language(sv: "misslyckad", en: "broken")
        }
    }
}
