import Hub
import Mapping
import SchoolRecords

/// An explanation as its template shows it.
struct ExplanationView {
    private let explanation: Explanation
    private let words: MappingWords

    init(_ explanation: Explanation, _ words: MappingWords) {
        self.explanation = explanation
        self.words = words
    }

    func view(_ key: RecordKey) -> View {
        let language = self.words.language
        var view: View = [
            "explainedRecord": "\(key)", "today": self.explanation.today,
            "names?": !self.explanation.names.isEmpty, "names": self.explanation.names.flatMap { self.lines($0, 0) },
            "rows": self.explanation.rows.enumerated().map { self.row($0.element, $0.offset + 1) },
            "rows?": !self.explanation.rows.isEmpty,
        ]
        switch self.explanation.outcome {
        case .result: break
        case .notForSystem:
            view["outcome"] = language(
                sv: "Posten är inte för \(self.explanation.system).", en: "The record isn't for \(self.explanation.system).")
            view["outcomeTone"] = Tone.warn.rawValue
            if let reason = self.explanation.reason {
                view["outcomeReason"] = self.words.reason(reason)
                view["outcomePlace"] = reason.place
            }
        case .failed:
            guard let failure = self.explanation.failure else { break }
            view["outcome"] = language(sv: "Posten misslyckas: \(failure.code)", en: "The record fails: \(failure.code)")
            view["outcomeTone"] = Tone.bad.rawValue
            view["outcomeReason"] = failure.message
            view["outcomePlace"] = failure.place
            view["outcomeRunbook"] = failure.runbook
        }
        if !self.explanation.waitsFor.isEmpty {
            view["waitsFor"] = language(
                sv: "Väntar på: \(self.explanation.waitsFor.joined(separator: ", "))",
                en: "Waits for: \(self.explanation.waitsFor.joined(separator: ", "))")
        }
        // By number: which they are may tell of somebody protected.
        let withheld = self.explanation.withheld.count
        if withheld > 0 {
            view["withheldCount"] = language(
                sv: "\(withheld) poster som den pekar på ges inte till systemet.",
                en: "\(withheld) records that it refers to aren't given to the system.")
        }
        return view
    }

    private func row(_ row: ExplainedRow, _ number: Int) -> View {
        let outcome = self.words.outcome(row.outcome)
        var view: View = [
            "rowNumber": String(number), "kind": row.kind, "rowOutcome": outcome.text, "rowTone": outcome.tone.rawValue,
            "rowRule": row.rule,
            "isOpen": row.outcome == .made || row.outcome == .held,
            "at": row.at.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" }.joined(separator: ", "),
            "lines?": !row.fields.isEmpty, "lines": row.fields.flatMap { self.lines($0, 0) },
        ]
        if view["at"] as? String == "" { view["at"] = nil }
        if let reason = row.reason { view["rowReason"] = "\(self.words.reason(reason)) (\(reason.place))" }
        return view
    }

    /// A field and what was tried for it, one below the other.
    private func lines(_ field: ExplainedField, _ depth: Int) -> [View] {
        let nothing = self.words.language(sv: "(inget)", en: "(nothing)")
        let found = field.found.filter { $0 != field.source }
        var view: View = [
            "field": depth == 0 ? field.name : "↳ \(field.source)", "value": field.value ?? nothing,
            "source": field.source + (found.isEmpty ? "" : " (\(found.joined(separator: ", ")))"), "fieldRule": field.rule,
            "steps": field.steps.map { step in
                ["step": "\(step.rule)\(step.row.map { " (\($0))" } ?? "") → \(step.value ?? nothing)"] as View
            },
        ]
        if let reason = field.reason { view["fieldReason"] = "\(self.words.reason(reason)) (\(reason.place))" }
        return [view] + field.tried.flatMap { self.lines($0, depth + 1) }
    }
}
