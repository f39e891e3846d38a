import Hub
import KnutpunktApp
import Mapping
import SchoolRecords

/// An explanation as people read it.
struct ExplanationText {
    private let explanation: Explanation
    private let language: Language

    init(_ explanation: Explanation, language: Language) {
        self.explanation = explanation
        self.language = language
    }

    var lines: [String] {
        var lines = ["\(self.explanation.system)  \(self.explanation.file)  \(self.explanation.today)"]
        if !self.explanation.names.isEmpty {
            lines.append(self.language(sv: "namn i filen (let)", en: "names in the file (let)"))
            lines += self.explanation.names.flatMap { self.field($0, 1) }
        }
        lines += self.explanation.fields.flatMap { self.field($0, 0) }
        for row in self.explanation.rows { lines += self.row(row) }
        if self.explanation.outcome == .notForSystem {
            lines.append(
                self.language(
                    sv: "Posten är inte för \(self.explanation.system)", en: "The record isn't for \(self.explanation.system)")
                    + (self.explanation.reason.map { ": \(self.reason($0))" } ?? "."))
        }
        if let failure = self.explanation.failure {
            lines.append("\(self.language(sv: "Misslyckas", en: "Fails")) (\(failure.code)): \(failure.message)")
            lines.append("  \(self.language(sv: "Åtgärd", en: "What to do")): \(failure.runbook)")
        }
        if !self.explanation.waitsFor.isEmpty {
            lines.append(
                "\(self.language(sv: "Väntar på", en: "Waits for")): \(self.explanation.waitsFor.joined(separator: ", "))")
        }
        if !self.explanation.withheld.isEmpty {
            lines.append(
                "\(self.language(sv: "Ges inte till systemet", en: "Not given to the system")): \(self.explanation.withheld.joined(separator: ", "))"
            )
        }
        return lines
    }

    private func row(_ row: ExplainedRow) -> [String] {
        let outcome =
            switch row.outcome {
            case .made: self.language(sv: "rad", en: "row")
            case .repeated: self.language(sv: "samma rad igen", en: "the same row again")
            case .leftOut: self.language(sv: "ingen rad", en: "no row")
            case .held: self.language(sv: "rad som hålls kvar", en: "row held back")
            }
        let at = row.at.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" }.joined(separator: ", ")
        var head = "\(row.kind): \(outcome)"
        if let key = row.key { head += " \(key)" }
        if !at.isEmpty { head += "  [\(at)]" }
        head += "  \(row.rule)"
        var lines = [head]
        if let reason = row.reason { lines.append("    \(self.reason(reason))") }
        return lines + row.fields.flatMap { self.field($0, 1) }
    }

    private func field(_ field: ExplainedField, _ depth: Int) -> [String] {
        let indent = String(repeating: "    ", count: depth)
        var text = "\(indent)\(field.name) = \(field.value ?? self.language(sv: "(inget)", en: "(nothing)"))"
        text += "  ← \(field.source)"
        if !field.found.isEmpty, field.found != [field.source] { text += " (\(field.found.joined(separator: ", ")))" }
        text += "  \(field.rule)"
        var lines = [text]
        for step in field.steps {
            var text = "\(indent)    · \(step.rule)"
            if let row = step.row { text += "  \(row)" }
            text += " → \(step.value ?? self.language(sv: "(inget)", en: "(nothing)"))"
            lines.append(text)
        }
        if let reason = field.reason { lines.append("\(indent)    \(self.reason(reason))") }
        return lines + field.tried.flatMap { self.field($0, depth + 1) }
    }

    private func reason(_ reason: Explanation.Reason) -> String {
        let text =
            switch reason.code {
            case "when":
                self.language(sv: "villkoret gäller inte: \(reason.what)", en: "the condition doesn't hold: \(reason.what)")
            case "empty-list": self.language(sv: "inget i listan \(reason.what)", en: "nothing in the list \(reason.what)")
            case "no-value": self.language(sv: "\(reason.what) har inget värde", en: "\(reason.what) has no value")
            case "waits": self.language(sv: "väntar på \(reason.what)", en: "waits for \(reason.what)")
            case "withheld": self.language(sv: "\(reason.what) ges inte hit", en: "\(reason.what) isn't given here")
            case "future": self.language(sv: "börjar \(reason.what)", en: "begins \(reason.what)")
            default: reason.what
            }
        return "\(text)  \(reason.place)"
    }
}
