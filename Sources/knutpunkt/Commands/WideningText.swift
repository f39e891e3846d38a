import Hub
import KnutpunktApp
import Mapping

/// What edited mappings give that isn't accepted, a line each.
struct WideningText {
    private let widening: [Widening]
    private let language: Language

    init(_ widening: [Widening], language: Language) {
        self.widening = widening
        self.language = language
    }

    var lines: [String] {
        self.widening.map { found in
            let system = found.system.isEmpty ? self.language(sv: "alla system", en: "all systems") : found.system
            let detail = found.detail.isEmpty ? "" : ": \(found.detail)"
            let rule = found.rule.isEmpty ? "" : "  (\(found.rule))"
            return "+ \(system)  \(found.place)  \(self.words(found.kind))\(detail)\(rule)"
        }
    }

    /// What is given no more.
    var narrowed: [String] {
        self.widening.map { found in
            "- \(found.system)  \(found.place)\(found.detail.isEmpty ? "" : ": \(found.detail)")"
        }
    }

    private func words(_ kind: Widening.Kind) -> String {
        switch kind {
        case .system: self.language(sv: "nytt system med personuppgifter", en: "new system with personal data")
        case .field: self.language(sv: "nytt fält", en: "new field")
        case .origin: self.language(sv: "fylls också från", en: "filled from this too")
        case .condition: self.language(sv: "villkoret borta", en: "condition gone")
        case .step: self.language(sv: "omvandlas inte längre", en: "changed no more by")
        case .purpose: self.language(sv: "annat ändamål", en: "another purpose")
        case .clearance: self.language(sv: "får mer om skyddade personer", en: "given more of protected persons")
        case .classLists: self.language(sv: "skyddade i klasslistor", en: "protected persons in class lists")
        case .family: self.language(sv: "familjeregel hävd", en: "family rule lifted")
        }
    }
}
