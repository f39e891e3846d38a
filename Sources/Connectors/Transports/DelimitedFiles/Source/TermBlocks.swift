import ConnectorKit
import Foundation

/// Text of terms, one on a line: a word, the term and its value (`#UP 01012 Prov`), a block of them for each record. Pure.
///
/// A block begins with its first term, or with a marker where there are some. Other lines that begin like the word (`#…`), and terms that
/// nobody asked for, are passed over.
struct TermBlocks: Sendable {
    /// Terms that come again within a block, each time together, e.g. relations.
    struct Group: Sendable {
        /// The term with which each begins.
        var first: String
        /// Term → name.
        var names: [String: String]
    }

    /// What has been read of a block.
    struct Block: Sendable {
        /// Where it begins; the first line is 1.
        let line: Int
        var fields: [String: String] = [:]
        var parts: [[String: String]] = []
        /// Why it can't be used.
        var problem: FileProblem?
        fileprivate var terms: Set<String> = []
        fileprivate let isMarked: Bool
    }

    /// What every line with a term begins with, e.g. `#UP`.
    var word: String
    /// The term with which a block begins.
    var first: String
    /// Lines before and after a block, where the file has such.
    var begin: String?
    var end: String?
    /// Term → name.
    var names: [String: String]
    var group: Group?

    /// The names that a document has.
    var fields: [String] { Set(self.names.values).sorted() }

    /// The blocks of a text, and how many of its terms nobody asked for.
    ///
    /// - Throws: ``FileProblem`` when it is no such text, or isn't whole.
    func blocks(in text: String) throws(FileProblem) -> (blocks: [Block], unknown: Int) {
        var reading = Reading(settings: self)
        for (place, line) in Self.lines(text).enumerated() { try reading.take(line, place + 1) }
        try reading.finish(isEnded: text.isEmpty || text.last?.isNewline == true)
        return (reading.blocks, reading.unknown.count)
    }

    private static func lines(_ text: String) -> [String] {
        text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map {
            $0.trimmingCharacters(in: .whitespaces)
        }
    }

    private struct Reading {
        let settings: TermBlocks
        var blocks: [Block] = []
        var unknown: Set<String> = []
        private var open: Block?
        private var hasLines = false
        private var lastLine = 0

        init(settings: TermBlocks) { self.settings = settings }

        mutating func take(_ line: String, _ number: Int) throws(FileProblem) {
            guard !line.isEmpty else { return }
            self.hasLines = true
            self.lastLine = number
            if line == self.settings.begin {
                try self.close(number)
                self.open = Block(line: number, isMarked: true)
            } else if line == self.settings.end {
                guard self.open != nil else { throw Self.unreadable("a block ends where none has begun", number) }
                self.shut()
            } else if let (term, value) = self.term(line) {
                try self.take(term, value, number)
            } else if line.first != self.settings.word.first || self.isTermLine(line) {
                throw Self.unreadable("the line is no \(self.settings.word) with a term and a value", number)
            }
        }

        private func isTermLine(_ line: String) -> Bool {
            line.hasPrefix(self.settings.word) && line.dropFirst(self.settings.word.count).first.map(\.isWhitespace) ?? true
        }

        private func term(_ line: String) -> (term: String, value: String)? {
            guard self.isTermLine(line) else { return nil }
            let rest = line.dropFirst(self.settings.word.count).drop(while: \.isWhitespace)
            let term = rest.prefix { !$0.isWhitespace }
            guard !term.isEmpty, term.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
            return (String(term), rest.dropFirst(term.count).trimmingCharacters(in: .whitespaces))
        }

        private mutating func take(_ term: String, _ value: String, _ number: Int) throws(FileProblem) {
            // Where a marker has begun the block already, its first term may stand anywhere in it.
            if term == self.settings.first, self.open?.isMarked != true || self.open?.terms.contains(term) == true {
                try self.close(number)
                self.open = Block(line: number, isMarked: false)
            }
            guard self.open != nil else {
                throw Self.unreadable("the term \(term) stands before \(self.settings.first), with which a block begins", number)
            }
            if let group = self.settings.group, term == group.first || group.names[term] != nil {
                self.take(term, value, of: group, number)
                return
            }
            guard let name = self.settings.names[term] else {
                self.unknown.insert(term)
                return
            }
            guard self.open?.terms.insert(term).inserted == true else {
                self.fail("the term \(term) stands twice in a block", number)
                return
            }
            if !value.isEmpty { self.open?.fields[name] = value }
        }

        private mutating func take(_ term: String, _ value: String, of group: Group, _ number: Int) {
            if term == group.first { self.open?.parts.append([:]) }
            guard let last = self.open?.parts.indices.last else {
                self.fail("the term \(term) stands before \(group.first), with which a group of them begins", number)
                return
            }
            if let name = group.names[term], !value.isEmpty { self.open?.parts[last][name] = value }
        }

        private mutating func fail(_ message: String, _ number: Int) {
            if self.open?.problem == nil { self.open?.problem = Self.unreadable(message, number) }
        }

        /// Another block begins: one with a marker at its beginning has to have ended.
        private mutating func close(_ number: Int) throws(FileProblem) {
            if let open = self.open, open.isMarked, self.settings.end != nil { throw Self.cutOff(open.line) }
            self.shut()
        }

        private mutating func shut() {
            if let open = self.open { self.blocks.append(open) }
            self.open = nil
        }

        mutating func finish(isEnded: Bool) throws(FileProblem) {
            guard self.hasLines else { throw FileProblem(.cutOff, "the file is empty: have it sent again") }
            guard isEnded else { throw Self.cutOff(self.lastLine) }
            try self.close(self.lastLine)
        }

        private static func cutOff(_ line: Int) -> FileProblem {
            FileProblem(.cutOff, "the last block has no end: the file is cut off. Have it written anew, as a whole", line: line)
        }

        private static func unreadable(_ message: String, _ line: Int) -> FileProblem {
            FileProblem(.lineUnreadable, message, line: line)
        }
    }
}
