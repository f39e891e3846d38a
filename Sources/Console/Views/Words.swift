import Foundation
import Hub

/// The console's fixed words in both languages, from `Assets/words.json`: what templates show as `{{w.…}}`.
struct Words: Sendable {
    /// A word, or words below a name.
    private indirect enum Entry: Sendable, Decodable {
        case word(sv: String, en: String)
        case section([String: Entry])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let pair = try? container.decode([String].self) {
                guard pair.count == 2 else {
                    throw DecodingError.dataCorruptedError(in: container, debugDescription: "a word is [swedish, english]")
                }
                self = .word(sv: pair[0], en: pair[1])
            } else {
                self = .section(try container.decode([String: Entry].self))
            }
        }

        func view(_ language: Language) -> Any {
            switch self {
            case .word(let sv, let en): language(sv: sv, en: en)
            case .section(let entries): entries.mapValues { $0.view(language) }
            }
        }
    }

    private let entries: [String: Entry]

    /// - Throws: `DecodingError` for a file that isn't such a list.
    init(json: Data) throws { self.entries = try JSONDecoder().decode([String: Entry].self, from: json) }

    /// The words by their names, as templates look them up.
    func view(_ language: Language) -> [String: Any] { self.entries.mapValues { $0.view(language) } }

    /// The names of all words, with points between: `overview.needs`.
    var names: Set<String> {
        func names(_ entries: [String: Entry], _ prefix: String) -> [String] {
            entries.flatMap { name, entry in
                switch entry {
                case .word: [prefix + name]
                case .section(let below): names(below, prefix + name + ".")
                }
            }
        }
        return Set(names(self.entries, ""))
    }
}
