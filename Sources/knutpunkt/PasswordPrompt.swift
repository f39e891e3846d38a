import Foundation
import Hub
import KnutpunktApp

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Asks for a password: from the terminal without showing it, twice; from anything else its first line.
enum PasswordPrompt {
    /// - Throws: ``AppError`` when nothing comes, or two different ones.
    static func read(_ language: Language) throws -> String {
        guard isatty(STDIN_FILENO) == 1 else {
            guard let line = Swift.readLine(strippingNewline: true), !line.isEmpty else { throw Self.nothing(language) }
            return line
        }
        let first = try Self.ask(language(sv: "Lösenord: ", en: "Password: "), language)
        let second = try Self.ask(language(sv: "En gång till: ", en: "Once more: "), language)
        guard first == second else {
            throw AppError(
                .configuration,
                language(sv: "Det blev två olika lösenord. Inget är ändrat.", en: "Those were two passwords. Nothing is changed.")
            )
        }
        return first
    }

    private static func ask(_ question: String, _ language: Language) throws -> String {
        FileHandle.standardError.write(Data(question.utf8))
        var before = termios()
        let isTerminal = tcgetattr(STDIN_FILENO, &before) == 0
        var quiet = before
        quiet.c_lflag &= ~tcflag_t(ECHO)
        // Nothing is asked for while it would be shown.
        guard isTerminal, tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0 else {
            throw AppError(
                .configuration,
                language(
                    sv: "Terminalen kan inte dölja lösenordet. Ge det på standard in i stället.",
                    en: "The terminal can't hide the password. Give it on standard input instead."))
        }
        defer {
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &before)
            FileHandle.standardError.write(Data("\n".utf8))
        }
        guard let line = Swift.readLine(strippingNewline: true), !line.isEmpty else { throw Self.nothing(language) }
        return line
    }

    private static func nothing(_ language: Language) -> AppError {
        AppError(.configuration, language(sv: "Det kom inget lösenord.", en: "No password came."))
    }
}
