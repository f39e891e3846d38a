import Foundation
import Glibc
import Hub
import Synchronization

/// Tells people at a terminal what happens, with bars that move there and plain lines elsewhere.
final class Narrator: Sendable {
    let language: Language
    private let output: FileHandle
    private let isTerminal: Bool
    private let bar = Mutex(BarState())

    private struct BarState {
        var isOpen = false
        var lastTenth = -1
        var chapter = 0
    }

    init(language: Language, output: FileHandle = .standardOutput) {
        self.language = language
        self.output = output
        self.isTerminal = isatty(output.fileDescriptor) == 1 && ProcessInfo.processInfo.environment["NO_COLOR"] == nil
    }

    func title(sv swedish: String, en english: String) {
        self.closeBar()
        let text = self.language(sv: swedish, en: english)
        self.print(self.isTerminal ? "\n\u{1B}[1m\(text)\u{1B}[0m" : "\n\(text)")
    }

    /// A title with the next number.
    func chapter(sv swedish: String, en english: String) {
        let number = self.bar.withLock { state in
            state.chapter += 1
            return state.chapter
        }
        self.title(sv: "\(number). \(swedish)", en: "\(number). \(english)")
    }

    func say(sv swedish: String, en english: String) {
        self.closeBar()
        self.print("  " + self.language(sv: swedish, en: english))
    }

    func success(sv swedish: String, en english: String) {
        self.closeBar()
        let mark = self.isTerminal ? "\u{1B}[32m✓\u{1B}[0m" : "✓"
        self.print("  \(mark) " + self.language(sv: swedish, en: english))
    }

    func problem(sv swedish: String, en english: String) {
        self.closeBar()
        let mark = self.isTerminal ? "\u{1B}[31m✗\u{1B}[0m" : "✗"
        self.print("  \(mark) " + self.language(sv: swedish, en: english))
    }

    /// Moves the bar of what is under way; elsewhere than at a terminal every tenth is a line.
    func progress(_ done: Int, of total: Int, sv swedish: String, en english: String) {
        guard total > 0 else { return }
        let text = self.language(sv: swedish, en: english)
        let share = min(1, Double(done) / Double(total))
        if self.isTerminal {
            let width = 30
            let filled = Int(share * Double(width))
            let blocks = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
            self.bar.withLock { $0.isOpen = true }
            self.print("\r  \(blocks) \(Int(share * 100)) %  \(done)/\(total) \(text)\u{1B}[K", end: "")
        } else {
            let tenth = Int(share * 10)
            let isNew = self.bar.withLock { state in
                defer { state.lastTenth = tenth }
                return tenth != state.lastTenth
            }
            if isNew { self.print("  \(Int(share * 100)) %  \(done)/\(total) \(text)") }
        }
    }

    /// Something that takes a while without a measure: shown with the seconds it has taken.
    func waiting(seconds: Int, sv swedish: String, en english: String) {
        guard self.isTerminal else { return }
        self.bar.withLock { $0.isOpen = true }
        self.print("\r  … \(self.language(sv: swedish, en: english)) (\(seconds) s)\u{1B}[K", end: "")
    }

    func closeBar() {
        let wasOpen = self.bar.withLock { state in
            defer { (state.isOpen, state.lastTenth) = (false, -1) }
            return state.isOpen
        }
        if wasOpen { self.print("") }
    }

    private func print(_ text: String, end: String = "\n") {
        self.output.write(Data((text + end).utf8))
    }
}
