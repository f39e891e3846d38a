public import Hub
import Mapping
public import Provisioning
public import SchoolRecords

/// What is said of roles, in one language.
public struct RoleWords: Sendable {
    public let language: Language
    let places: [String: String]
    let names: [String: String]
    let protectedPersons: Set<String>
    let decisions: [String: KeptRoleDecision]

    public init(_ language: Language, _ reading: RoleReading) {
        self.language = language
        self.places = reading.places
        self.names = reading.names
        self.protectedPersons = reading.protectedPersons
        self.decisions = Dictionary(reading.decisions.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// A school, unit or group by its name.
    public func place(_ id: String?) -> String {
        guard let id else { return self.language(sv: "hela kommunen", en: "the whole municipality") }
        return self.places[id] ?? id
    }

    /// The name when names were asked for, otherwise the id; nothing of a protected person.
    public func person(_ id: String) -> String {
        if self.protectedPersons.contains(id) { return self.language(sv: "(skyddad person)", en: "(protected person)") }
        return self.names[id] ?? id
    }

    public func scope(_ scope: GrantScope) -> String {
        switch scope {
        case .municipality: self.place(nil)
        case .unit(let id), .group(let id): self.place(id)
        case .pupil(let id): self.language(sv: "för \(self.person(id))", en: "for \(self.person(id))")
        }
    }

    public func action(_ action: PlanEntry.Action) -> String {
        switch action {
        case .grant: self.language(sv: "ges", en: "grant")
        case .revoke: self.language(sv: "tas bort", en: "revoke")
        case .change: self.language(sv: "ändras", en: "change")
        case .keep: self.language(sv: "behålls", en: "keep")
        case .block: self.language(sv: "hindras", en: "blocked")
        }
    }

    public func mark(_ mark: RiskMark) -> String {
        switch mark {
        case .privilegedRole: self.language(sv: "hög behörighet", en: "privileged role")
        case .protectedPerson: self.language(sv: "skyddad person", en: "protected person")
        case .noAccount: self.language(sv: "inget konto", en: "no account")
        case .noTitleCode: self.language(sv: "tjänst utan befattningskod", en: "duty without title code")
        case .unknownTitleCode: self.language(sv: "okänd befattningskod", en: "unknown title code")
        case .manyRevocations: self.language(sv: "många tas bort", en: "many revocations")
        }
    }

    public func block(_ reason: BlockReason) -> String {
        switch reason {
        case .noAccount: self.language(sv: "inget konto i systemet ännu", en: "no account in the system yet")
        case .protectedPerson:
            self.language(sv: "skyddad person: systemet får inte ha den", en: "protected person: the system isn't cleared")
        case .unknownTitleCode(let code):
            self.language(
                sv: "befattningskod \(code) saknas i codes/title_code.csv", en: "title code \(code) isn't in codes/title_code.csv"
            )
        case .noTitleCode: self.language(sv: "tjänsten har ingen befattningskod", en: "the duty has no title code")
        case .denied(let name): self.language(sv: "nekas av '\(name)'", en: "denied by '\(name)'")
        case .deniedByHand(let id):
            self.language(sv: "nekad för hand (\(id)\(self.decided(id)))", en: "denied by hand (\(id)\(self.decided(id)))")
        case .exclusion(let name, let role, let scope):
            self.language(
                sv: "får inte förenas med \(role), \(self.scope(scope)) ('\(name)')",
                en: "must not meet \(role), \(self.scope(scope)) ('\(name)')")
        case .waitsForRevocation(let role, let scope):
            self.language(
                sv: "väntar på att \(role), \(self.scope(scope)), tas bort: det ingår inte i planen",
                en: "waits until \(role), \(self.scope(scope)), is revoked, which isn't part of this plan")
        case .waitsForGrant(let role, let scope):
            self.language(
                sv: "behålls tills \(role), \(self.scope(scope)), har getts: det ingår inte i planen",
                en: "kept until \(role), \(self.scope(scope)), is given, which isn't part of this plan")
        case .systemNotRead:
            self.language(sv: "ingen har läst vilka roller systemet har", en: "nobody has read which roles the system has")
        }
    }

    public func cause(_ cause: RevocationCause) -> String {
        switch cause {
        case .noRule: self.language(sv: "ingen regel ger den", en: "no rule gives it")
        case .deceased: self.language(sv: "personen har avlidit", en: "the person has died")
        case .blocked(let reason): self.block(reason)
        case .undone(let plan): self.language(sv: "\(plan) tas tillbaka", en: "\(plan) is undone")
        case .ended(let key, let last):
            if let last {
                self.language(sv: "\(key) gav den till och med \(last)", en: "\(key) gave it until \(last)")
            } else {
                self.language(sv: "\(key) har inte börjat", en: "\(key) hasn't begun")
            }
        }
    }

    /// `rule (roles.yaml:12) ← duty/…, 2026-08-01 –`.
    public func reason(_ reason: GrantReason) -> String {
        let rule =
            reason.place.map { "\(reason.rule) (\($0))" }
            ?? self.language(sv: "för hand", en: "by hand") + " (\(reason.rule)\(self.decided(reason.rule)))"
        return "\(rule) ← \(reason.source)\(self.days(reason.first, reason.last))"
    }

    /// By whom, and why.
    private func decided(_ id: String) -> String {
        self.decisions[id].map { ", \($0.by): \($0.reason)" } ?? ""
    }

    public func days(_ first: CalendarDate?, _ last: CalendarDate?) -> String {
        guard first != nil || last != nil else { return "" }
        return ", \(first.map { "\($0) " } ?? "")–\(last.map { " \($0)" } ?? "")"
    }

    public func failure(_ failure: NearMiss.Failure) -> String {
        switch failure {
        case .noRecord(let base):
            return self.language(
                sv: "personen har ingen post av slaget \(base.rawValue)",
                en: "the person has no record of the kind \(base.rawValue)")
        case .condition(let condition, let found):
            let place = "\(condition.place.file):\(condition.place.line)"
            guard let found else {
                return self.language(
                    sv: "\(condition.text) (\(place)): posten har inget värde",
                    en: "\(condition.text) (\(place)): the record has none")
            }
            return self.language(
                sv: "\(condition.text) (\(place)): posten har \(found)",
                en: "\(condition.text) (\(place)): the record has \(found)")
        case .outside(let first, let last):
            return self.language(
                sv: "gäller inte den dagen: \(self.days(first, last).dropFirst(2))",
                en: "not in force that day: \(self.days(first, last).dropFirst(2))")
        case .nowhere(let scope):
            return self.language(
                sv: "posten har inget att gälla för (\(scope.rawValue))",
                en: "the record has nothing to hold for (\(scope.rawValue))")
        }
    }

    public func finding(_ kind: RoleFinding.Kind) -> String {
        switch kind {
        case .orphan: self.language(sv: "rollen finns i ingen regel", en: "no rule gives the role to anybody")
        case .leaver: self.language(sv: "har slutat", en: "has left")
        case .expiredSubstitute: self.language(sv: "vikariat som är slut", en: "substitute whose duty has ended")
        case .expired: self.language(sv: "det som gav den är slut", en: "what gave it has ended")
        case .unfounded: self.language(sv: "ingen regel ger den till personen", en: "no rule gives it to this person")
        case .forbidden: self.language(sv: "innehas trots hinder", en: "held though something is in the way")
        case .byHand: self.language(sv: "given för hand", en: "given by hand")
        }
    }

    public func missing(_ why: UnitReadiness.Missing.Why) -> String {
        switch why {
        case .planned: self.language(sv: "planerad, inte genomförd", en: "planned, not applied")
        case .message(let text): text
        case .blocked(let reason): self.block(reason)
        case .nothingFollows(let code):
            code.map {
                self.language(sv: "inget följer av befattningskod \($0)", en: "nothing follows from title code \($0)")
            } ?? self.language(sv: "tjänsten har ingen befattningskod", en: "the duty has no title code")
        }
    }
}
