public import Mapping
public import Reconciliation

/// `quality.yaml`: which rules of source quality are looked at, and how bad it is what they find.
///
/// ```yaml
/// horizon_days: 60
/// rules:
///   department-without-staff: off
///   duty-without-title-code: blocks
/// ```
public enum QualityFile {
    private static let top = ["horizon_days", "rules"]
    static let words = ["off", "warns", "blocks"]
    static let horizon = 0...365

    /// - Returns: what the file says, and everything that is wrong in it; what is wrong isn't taken.
    public static func read(_ file: MappingFile) -> (settings: QualitySettings, diagnostics: [Diagnostic]) {
        var settings = QualitySettings()
        var diagnostics: [Diagnostic] = []
        for key in YAMLKey.all(in: file.text) {
            func wrong(_ message: String, _ hint: String) {
                diagnostics.append(
                    Diagnostic(.error, message, file: file.path, line: key.line, column: key.column, hint: hint))
            }
            switch key.path.first {
            case "horizon_days" where key.path.count == 1:
                if let days = key.text.flatMap({ Int($0) }), Self.horizon.contains(days) {
                    settings.horizonDays = days
                } else {
                    wrong(
                        "'horizon_days' is a whole number from \(Self.horizon.lowerBound) to \(Self.horizon.upperBound)",
                        "what begins within so many days isn't missing")
                }
            case "rules" where key.path.count == 1:
                // Nothing under it: nothing is decided.
                if let text = key.text, !["", "~", "null"].contains(text) {
                    wrong("'rules' is a mapping of rules to off, warns or blocks", "see: knutpunkt quality rules")
                }
            case "rules" where key.path.count == 2:
                guard let rule = QualityRule(rawValue: key.path[1]) else {
                    wrong("unknown rule '\(key.path[1])'", Self.hint(key.path[1]))
                    continue
                }
                if key.text == "off" {
                    settings.off.insert(rule)
                } else if let severity = key.text.flatMap(QualitySeverity.init) {
                    settings.severities[rule] = severity
                } else {
                    wrong("'\(rule.rawValue)' is one of: \(Self.words.joined(separator: ", "))", "leave it out for the standard")
                }
            default:
                wrong(
                    "unknown key '\(key.path.joined(separator: "."))' in quality.yaml",
                    "known: \(Self.top.joined(separator: ", "))")
            }
        }
        return (settings, diagnostics)
    }

    /// The rule that has most words in common with a name that is none.
    private static func hint(_ name: String) -> String {
        let words = Set(name.split(separator: "-"))
        let near = QualityRule.allCases.map { ($0, words.intersection($0.rawValue.split(separator: "-")).count) }
            .filter { $0.1 > 1 }.max { $0.1 < $1.1 }
        return near.map { "did you mean '\($0.0.rawValue)'?" } ?? "see: knutpunkt quality rules"
    }
}
