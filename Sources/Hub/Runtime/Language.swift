public import Foundation

/// The language that people read.
public enum Language: String, Sendable, CaseIterable {
    case sv, en

    /// Swedish, unless the environment says English (`KNUTPUNKT_LANG`, or `LANG` beginning with `en`).
    public static func preferred(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> Language {
        if let own = environment["KNUTPUNKT_LANG"].flatMap(Language.init(rawValue:)) { return own }
        return environment["LANG"]?.lowercased().hasPrefix("en") == true ? .en : .sv
    }

    /// The text in this language.
    public func callAsFunction(sv swedish: String, en english: String) -> String {
        self == .sv ? swedish : english
    }
}
