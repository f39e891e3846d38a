import Hub
import Mapping
import SchoolRecords

/// What people read about mappings.
struct MappingWords {
    let language: Language

    init(_ language: Language) { self.language = language }

    func direction(_ direction: SystemDescription.Direction) -> String {
        direction == .source
            ? self.language(sv: "till navet", en: "to the hub") : self.language(sv: "till systemet", en: "to the system")
    }

    /// As addresses have it.
    static func way(_ direction: SystemDescription.Direction) -> String { direction == .source ? "in" : "out" }

    static func direction(way: String) -> SystemDescription.Direction? {
        switch way {
        case "in": .source
        case "out": .target
        default: nil
        }
    }

    func severity(_ severity: Diagnostic.Severity) -> (text: String, tone: Tone) {
        switch severity {
        case .error: (self.language(sv: "fel", en: "error"), .bad)
        case .warning: (self.language(sv: "varning", en: "warning"), .warn)
        }
    }

    func examples(_ passed: Int, of all: Int) -> (text: String, tone: Tone) {
        if all == 0 { return (self.language(sv: "inga", en: "none"), .warn) }
        if passed == all { return (self.language(sv: "\(all) stämmer", en: "\(all) hold"), .good) }
        return (self.language(sv: "\(all - passed) av \(all) stämmer inte", en: "\(all - passed) of \(all) don't hold"), .bad)
    }

    func requirement(_ field: MappingOutline.Field) -> String {
        let without: String? =
            switch field.requirement {
            case .optional: nil
            case .record: self.language(sv: "posten misslyckas", en: "the record fails")
            case .row: self.language(sv: "ingen rad", en: "no row")
            }
        return without ?? field.fallback.map { "\"\($0)\"" } ?? self.language(sv: "inget värde", en: "no value")
    }

    func nature(_ nature: FieldCarriage.Nature) -> String {
        switch nature {
        case .constant: self.language(sv: "fast", en: "constant")
        case .exact: self.language(sv: "exakt", en: "exact")
        case .converted: self.language(sv: "omvandlad", en: "converted")
        case .derived: self.language(sv: "härledd", en: "derived")
        case .shortened: self.language(sv: "förkortad", en: "shortened")
        case .altered: self.language(sv: "ändrad", en: "altered")
        case .lost: self.language(sv: "saknas", en: "lost")
        }
    }

    /// What is done with a value that a code table has no row for.
    func otherwise(_ code: String) -> String {
        switch code {
        case "fail": self.language(sv: "posten misslyckas", en: "the record fails")
        case "nothing": self.language(sv: "inget värde", en: "no value")
        case "keep": self.language(sv: "värdet som det är", en: "the value as it is")
        case "value": self.language(sv: "ett fast värde", en: "a set value")
        default: code
        }
    }

    func purpose(_ purpose: Purpose?) -> String? { purpose.map { self.language(sv: $0.sv, en: $0.en) } }

    func outcome(_ outcome: ExplainedRow.Outcome) -> (text: String, tone: Tone) {
        switch outcome {
        case .made: (self.language(sv: "rad", en: "row"), .good)
        case .repeated: (self.language(sv: "samma rad igen", en: "the same row again"), .plain)
        case .leftOut: (self.language(sv: "ingen rad", en: "no row"), .plain)
        case .held: (self.language(sv: "hålls kvar", en: "held back"), .warn)
        }
    }

    /// Why something isn't there. Which record is withheld isn't told: it may be a protected person's.
    func reason(_ reason: Explanation.Reason) -> String {
        switch reason.code {
        case "when": self.language(sv: "villkoret gäller inte: \(reason.what)", en: "the condition doesn't hold: \(reason.what)")
        case "empty-list": self.language(sv: "inget i listan \(reason.what)", en: "nothing in the list \(reason.what)")
        case "no-value": self.language(sv: "\(reason.what) har inget värde", en: "\(reason.what) has no value")
        case "waits": self.language(sv: "väntar på \(reason.what)", en: "waits for \(reason.what)")
        case "withheld": self.language(sv: "det den pekar på ges inte hit", en: "what it refers to isn't given here")
        case "future": self.language(sv: "börjar \(reason.what)", en: "begins \(reason.what)")
        default: reason.what
        }
    }

    func change(_ change: MappingDifference.Change) -> (sign: String, look: String, text: String) {
        switch change {
        case .created: ("+", "plus", self.language(sv: "ny rad", en: "new row"))
        case .updated: ("~", "tilde", self.language(sv: "ändrad rad", en: "changed row"))
        case .deleted: ("−", "minus", self.language(sv: "borttagen rad", en: "removed row"))
        }
    }

    /// Why a question about mappings has no answer.
    func problem(_ problem: MappingInquiry.Problem) -> String {
        switch problem {
        case .noRegister: self.language(sv: "Det finns inget register än.", en: "There is no register yet.")
        case .noSystem(let name), .isSource(let name):
            self.language(sv: "\(name) ges inget av navet.", en: "\(name) is given nothing by the hub.")
        case .withheld:
            self.language(
                sv: "Posten är borttagen, eller skyddad: inget system ges något av den, och inget visas.",
                en: "The record is deleted, or protected: no system is given anything of it, and nothing is shown.")
        case .noRecord: self.language(sv: "Registret har ingen sådan post.", en: "The register has no such record.")
        case .noMapping(let system, let entity, _):
            self.language(
                sv: "\(system) har ingen mappning för \(entity.rawValue).", en: "\(system) has no mapping for \(entity.rawValue)."
            )
        case .noSuchRecord(let entity, _):
            self.language(
                sv: "Registrets post är ingen giltig \(entity.rawValue).",
                en: "The register's record is no valid \(entity.rawValue).")
        case .asksAgain(let file):
            self.language(sv: "\(file) frågar efter samma post igen.", en: "\(file) asks for the same record again.")
        }
    }
}
