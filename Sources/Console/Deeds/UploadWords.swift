import ConnectorKit
import Hub

/// Words for what was handed in.
struct UploadWords: Sendable {
    let language: Language

    init(_ language: Language) { self.language = language }

    func outcome(_ report: UploadReport) -> String {
        switch report.outcome {
        case .taken: self.language(sv: "taget", en: "taken")
        case .dryRun: self.language(sv: "provat, inget är taget", en: "tried, nothing was taken")
        case .refused:
            self.language(
                sv: "inget är taget: en hel fil tas bara som helhet",
                en: "nothing was taken: a whole file is taken as a whole alone")
        case .held:
            self.language(
                sv: "inget är taget: någon måste godkänna så många ändringar (\(report.held ?? "")); lämna in det igen sedan",
                en: "nothing was taken: somebody must approve so many changes (\(report.held ?? "")); hand it in again then")
        }
    }

    func row(_ row: UploadReport.Row) -> String {
        if let problem = row.problem { return self.language(sv: problem.message.sv, en: problem.message.en) }
        return self.word(row.outcome)
    }

    func word(_ outcome: UploadReport.Row.Outcome) -> String {
        switch outcome {
        case .created: self.language(sv: "ny", en: "new")
        case .updated: self.language(sv: "ändrad", en: "changed")
        case .unchanged: self.language(sv: "oförändrad", en: "unchanged")
        case .deleted: self.language(sv: "borttagen", en: "gone")
        case .excluded: self.language(sv: "utelämnad av mappningen", en: "left out by the mapping")
        case .failed: self.language(sv: "kan inte användas", en: "can't be used")
        }
    }
}
