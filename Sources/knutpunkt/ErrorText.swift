import Foundation
import Hub
import KnutpunktApp
import SchoolRecords

/// An error as a command ends with it, on standard error: for people, or as JSON when the command was asked for JSON.
struct ErrorText {
    let text: String

    init(_ error: AppError, arguments: [String]) {
        let language = Self.language(arguments)
        let message = error.message(in: language)
        guard !arguments.contains("--json") else {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            let shown = Shown(code: error.section, message: message, runbook: error.runbook)
            self.text = ((try? encoder.encode(shown)).map { String(decoding: $0, as: UTF8.self) } ?? message) + "\n"
            return
        }
        self.text = "knutpunkt: \(message)\n\(language(sv: "Mer om felet", en: "More about it")): \(error.runbook)\n"
    }

    private struct Shown: Encodable {
        let code: String
        let message: String
        let runbook: String
    }

    /// The language asked for: the command's options are gone when its error is told.
    private static func language(_ arguments: [String]) -> Language {
        for (index, argument) in arguments.enumerated() {
            if argument.hasPrefix("--lang="), let language = Language(rawValue: String(argument.dropFirst(7))) { return language }
            if argument == "--lang", index + 1 < arguments.count, let language = Language(rawValue: arguments[index + 1]) {
                return language
            }
        }
        return .preferred()
    }
}
