public import Reconciliation
import SchoolRecords

/// What people read about how systems play together.
public struct InteropWords: Sendable {
    public let language: Language

    public init(_ language: Language) { self.language = language }

    public func direction(_ direction: FieldLine.Direction) -> String {
        direction == .source
            ? self.language(sv: "till navet", en: "to the hub") : self.language(sv: "till systemet", en: "to the system")
    }

    public func state(_ state: InteropMatrix.State) -> String {
        switch state {
        case .switchedOff: self.language(sv: "avstängt", en: "switched off")
        case .neverExercised: self.language(sv: "aldrig använt", en: "never exercised")
        case .exercised: self.language(sv: "använt, inte jämfört", en: "exercised, not compared")
        case .agreeing: self.language(sv: "stämmer", en: "agrees")
        case .differing: self.language(sv: "skiljer sig", en: "differs")
        }
    }

    public func nature(_ nature: FieldLine.Nature) -> String {
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

    public func hop(_ hop: ProbeFinding.Hop) -> String {
        switch hop {
        case .reading: self.language(sv: "inläsningen", en: "reading")
        case .register: self.language(sv: "registret", en: "register")
        case .delivery: self.language(sv: "leveransen", en: "delivery")
        case .mapping: self.language(sv: "mappningen", en: "mapping")
        case .connector: self.language(sv: "anslutningen", en: "connector")
        case .system: self.language(sv: "systemet", en: "system")
        }
    }

    public func phase(_ phase: ProbeFinding.Phase) -> String {
        switch phase {
        case .files: self.language(sv: "i filerna", en: "in the files")
        case .created: self.language(sv: "ny post", en: "new record")
        case .updated: self.language(sv: "ändrad post", en: "changed record")
        case .deleted: self.language(sv: "borttagen post", en: "deleted record")
        }
    }

    public func flaw(_ flaw: Flaw) -> String {
        switch flaw {
        case .rowMissing: self.language(sv: "raden saknas", en: "the row isn't there")
        case .fieldMissing: self.language(sv: "fältet saknas", en: "the field isn't there")
        case .shortened: self.language(sv: "avhugget", en: "cut")
        case .characters: self.language(sv: "tecknen är fel", en: "the letters are wrong")
        case .dateShifted: self.language(sv: "datumet är förskjutet", en: "the date has moved")
        case .letterCase: self.language(sv: "stora och små bokstäver är ändrade", en: "capitals have changed")
        case .leadingZeros: self.language(sv: "inledande nollor är borta", en: "leading zeros are gone")
        case .digitsTurned: self.language(sv: "siffrorna är omkastade", en: "the digits are turned")
        case .wrongCode: self.language(sv: "fel kod", en: "the code is wrong")
        case .otherValue: self.language(sv: "ett annat värde", en: "another value")
        case .notUpdated: self.language(sv: "ändringen syns inte", en: "the change doesn't show")
        case .notDeleted: self.language(sv: "inte borttagen", en: "not deleted")
        case .duplicated: self.language(sv: "dubblerad", en: "there twice")
        case .notArrived: self.language(sv: "kom inte fram", en: "didn't arrive")
        case .failed: self.language(sv: "misslyckades", en: "failed")
        case .otherRule: self.language(sv: "en annan regel än den överenskomna", en: "another rule than the one agreed")
        case .notAgreed: self.language(sv: "lämnas utan att vara överenskommet", en: "given without having been agreed")
        }
    }

    public func omission(_ omission: ProbeReport.Omission) -> String {
        switch omission {
        case .unreadable: self.language(sv: "systemet kan inte läsas tillbaka", en: "the system can't be read back")
        case .lasting:
            self.language(
                sv: "systemet behåller sådana rader för gott (--lasting skriver dem ändå)",
                en: "the system keeps such rows for good (--lasting writes them all the same)")
        case .needsNumber:
            self.language(
                sv: "kräver ett testnummer (konfigurationen probe.identity_numbers)",
                en: "needs a test number (configuration probe.identity_numbers)")
        case .noRecords: self.language(sv: "sonden har inga sådana poster", en: "the probe has no such records")
        case .noRole:
            self.language(
                sv: "ingen roll vid en enhet som inte är privilegierad", en: "no role at a unit that isn't privileged")
        case .notChosen: self.language(sv: "inte vald", en: "not chosen")
        }
    }

    /// A finding on one line.
    public func line(_ finding: ProbeFinding) -> String {
        var text = "\(finding.system) \(finding.kind)"
        if let field = finding.field { text += ".\(field)" }
        text += ": \(self.flaw(finding.flaw)), \(self.language(sv: "i", en: "in")) \(self.hop(finding.hop))"
        text += " (\(self.phase(finding.phase)))"
        if finding.expected != nil || finding.found != nil {
            text += ": \(Self.quoted(finding.expected)) → \(Self.quoted(finding.found))"
        }
        if let place = finding.place { text += " [\(place)]" }
        return text
    }

    private static func quoted(_ text: String?) -> String { text.map { "\"\($0)\"" } ?? "–" }

    public func percent(_ value: Double?) -> String {
        guard let value else { return "–" }
        // 99.96 is not 100: what isn't whole never looks whole.
        let tenths = value == 100 ? 1000 : min(999, Int(value * 10))
        return self.language == .sv ? "\(tenths / 10),\(tenths % 10)" : "\(tenths / 10).\(tenths % 10)"
    }

    /// An instant in short.
    public func time(_ instant: String?) -> String {
        guard let instant else { return self.language(sv: "aldrig", en: "never") }
        return String(instant.prefix(16)).replacing("T", with: " ")
    }
}
