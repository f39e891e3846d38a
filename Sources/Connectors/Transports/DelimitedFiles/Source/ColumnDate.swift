import SchoolRecords

/// How a column writes dates and times: `yyyy`, `yy`, `MM`, `dd`, `HH`, `mm` and `ss` with other characters between.
struct ColumnDate: Sendable, Hashable {
    private enum Part: Hashable {
        case number(Character, digits: Int)
        case text(Character)
    }

    private let parts: [Part]
    let pattern: String

    /// `nil` for a pattern without year, month and day, or with a letter twice in other places.
    init?(_ pattern: String) {
        var parts: [Part] = []
        var seen: Set<Character> = []
        for run in Self.runs(pattern) {
            switch (run.letter, run.count) {
            case ("y", 2), ("y", 4), ("M", 2), ("d", 2), ("H", 2), ("m", 2), ("s", 2):
                guard seen.insert(run.letter).inserted else { return nil }
                parts.append(.number(run.letter, digits: run.count))
            default:
                guard !run.letter.isLetter else { return nil }
                for _ in 0..<run.count { parts.append(.text(run.letter)) }
            }
        }
        guard seen.isSuperset(of: ["y", "M", "d"]), seen.contains("H") == seen.contains("m") else { return nil }
        self.parts = parts
        self.pattern = pattern
    }

    private static func runs(_ pattern: String) -> [(letter: Character, count: Int)] {
        pattern.reduce(into: []) { runs, letter in
            if let last = runs.last, last.letter == letter { runs[runs.count - 1].count += 1 } else { runs.append((letter, 1)) }
        }
    }

    /// The same as `yyyy-MM-dd`, or `yyyy-MM-ddTHH:mm:ss` where the pattern has a time; `nil` when it is no such date.
    ///
    /// Two digits of a year are of this century.
    func standard(_ text: String) -> String? {
        var rest = Substring(text)
        var numbers: [Character: Int] = [:]
        for part in self.parts {
            switch part {
            case .text(let letter): guard rest.popFirst() == letter else { return nil }
            case .number(let letter, let digits):
                let shown = rest.prefix(digits)
                guard shown.count == digits, shown.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(shown) else {
                    return nil
                }
                numbers[letter] = letter == "y" && digits == 2 ? 2000 + number : number
                rest = rest.dropFirst(digits)
            }
        }
        func two(_ letter: Character) -> String {
            let number = numbers[letter] ?? 0
            return number < 10 ? "0\(number)" : String(number)
        }
        let year = String(numbers["y"] ?? 0)
        let day = String(repeating: "0", count: max(0, 4 - year.count)) + "\(year)-\(two("M"))-\(two("d"))"
        guard rest.isEmpty, CalendarDate(day) != nil else { return nil }
        guard numbers["H"] != nil else { return day }
        let time = "\(day)T\(two("H")):\(two("m")):\(two("s"))"
        return Moment(time) == nil ? nil : time
    }
}
