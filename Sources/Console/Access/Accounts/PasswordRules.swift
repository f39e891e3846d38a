import Foundation

/// Which passwords may be chosen: long ones that aren't the first that somebody else would try.
public enum PasswordRules {
    public static let fewestCharacters = 12
    /// What must be left, of a password without all that is obvious.
    private static let fewestOwn = 6
    private static let fewestDifferent = 4

    /// Why a password can't be chosen.
    public enum Problem: String, Error, Sendable, CaseIterable {
        case tooShort = "too-short"
        case tooLong = "too-long"
        /// It is little more than the person's own name.
        case ownName = "own-name"
        /// It is little more than words, rows of keys and years that everybody tries first.
        case obvious

        public var swedish: String {
            switch self {
            case .tooShort:
                "Lösenordet måste ha minst \(PasswordRules.fewestCharacters) tecken. Några ord efter varandra går bra."
            case .tooLong: "Lösenordet får ha högst \(PasswordHasher.mostBytes) byte."
            case .ownName: "Lösenordet är för likt namnet. Ta några ord som inte har med dig att göra."
            case .obvious:
                "Lösenordet är lätt att gissa: vanliga ord, tangenter i rad eller årtal. Ta några ord som inte hör ihop."
            }
        }

        public var english: String {
            switch self {
            case .tooShort:
                "The password needs at least \(PasswordRules.fewestCharacters) characters. A few words in a row will do."
            case .tooLong: "The password may have at most \(PasswordHasher.mostBytes) bytes."
            case .ownName: "The password is too much like the name. Take a few words that have nothing to do with you."
            case .obvious:
                "The password is easy to guess: common words, keys in a row, or years. Take a few words that don't belong together."
            }
        }
    }

    /// What is wrong with a password for a person.
    ///
    /// - Parameter names: by which the person is known: the account's name, the name that people read.
    /// - Returns: `nil` when nothing is.
    public static func problem(with password: String, names: [String]) -> Problem? {
        guard password.count >= Self.fewestCharacters else { return .tooShort }
        guard password.utf8.count <= PasswordHasher.mostBytes else { return .tooLong }
        let folded = Self.fold(password)
        let rest = Self.without(Self.rows + Self.words, folded)
        guard Self.isEnough(rest) else { return .obvious }
        let own = names.flatMap { name in
            [Self.fold(name)] + name.split { !$0.isLetter && !$0.isNumber }.map { Self.fold(String($0)) }
        }.map(Self.withoutRepeats).filter { $0.count > 2 }
        return Self.isEnough(Self.without(own, rest)) ? nil : .ownName
    }

    private static func isEnough(_ rest: String) -> Bool {
        rest.count >= Self.fewestOwn && Set(rest).count >= Self.fewestDifferent
    }

    /// Small letters without dots and rings, and letters for the digits and signs that people write for them.
    private static func fold(_ text: String) -> String {
        let plain = text.folding(options: [.caseInsensitive, .diacriticInsensitive], locale: nil)
        // What is a year or a row of digits is one in the original alone.
        return String(Self.withoutNumbers(plain).map { Self.lookAlikes[$0] ?? $0 }.filter { $0.isLetter || $0.isNumber })
    }

    private static let lookAlikes: [Character: Character] = [
        "0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i",
    ]

    /// A text without years, and without digits and signs at its end.
    private static func withoutNumbers(_ text: String) -> String {
        var text = text.replacing(/(19|20)[0-9][0-9]/, with: "")
        text = text.replacing(/[^\p{L}]+$/, with: "")
        return text.replacing(/(0?1)?234567?8?9?0?/, with: "")
    }

    /// A text without each of these, the longest first, and without repeats.
    private static func without(_ parts: [String], _ text: String) -> String {
        var rest = text
        for part in parts.sorted(by: { $0.count > $1.count }) { rest = rest.replacing(part, with: "") }
        return Self.withoutRepeats(rest)
    }

    /// A text without characters that only repeat the one before.
    private static func withoutRepeats(_ text: String) -> String {
        var last: Character?
        return text.filter { character in
            defer { last = character }
            return character != last
        }
    }

    /// Pieces of the alphabet and of keyboards, both ways.
    private static let rows: [String] = ["abcdefghijklmnopqrstuvwxyz", "qwertyuiopa", "asdfghjkloa", "zxcvbnm"].flatMap { row in
        [row, String(row.reversed())].flatMap { row in
            (4...row.count).flatMap { length in
                (0...(row.count - length)).map { start in String(row.dropFirst(start).prefix(length)) }
            }
        }
    }

    /// Folded as passwords are.
    private static let words = [
        "password", "passord", "losenord", "losen", "hemlig", "secret", "admin", "administrator", "administrator", "login",
        "logga", "welcome", "valkommen", "knutpunkt", "kommun", "skola", "skolan", "skolor", "forskola", "gymnasiet", "elev",
        "rektor", "larare", "sommar", "sommaren", "hosten", "host", "vinter", "vintern", "varen", "januari", "februari", "mars",
        "april", "maj", "juni", "juli", "augusti", "september", "oktober", "november", "december", "mandag", "tisdag", "onsdag",
        "torsdag", "fredag", "lordag", "sondag", "sverige", "sweden", "stockholm", "goteborg", "malmo", "iloveyou", "letmein",
        "monkey", "dragon", "football", "fotboll", "hockey", "qazwsx", "changeme", "default", "temporary", "tillfallig", "test",
    ]
}
