import SchoolRecords

/// How a system writes a date: `yyyy`, `yy`, `MM` and `dd` stand for the parts, everything else for itself.
struct DatePattern: Sendable, Hashable {
    private enum Piece: Hashable {
        case year, shortYear, month, day
        case text(Character)
    }

    let text: String
    private let pieces: [Piece]

    /// `nil` when no part of a date is in it.
    init?(_ text: String) {
        var pieces: [Piece] = []
        var rest = Substring(text)
        while let first = rest.first {
            let tokens: [(String, Piece)] = [("yyyy", .year), ("yy", .shortYear), ("MM", .month), ("dd", .day)]
            if let (token, piece) = tokens.first(where: { rest.hasPrefix($0.0) }) {
                pieces.append(piece)
                rest.removeFirst(token.count)
            } else {
                pieces.append(.text(first))
                rest.removeFirst()
            }
        }
        guard pieces.contains(where: { if case .text = $0 { false } else { true } }) else { return nil }
        self.text = text
        self.pieces = pieces
    }

    /// Whether a whole date can be read back.
    var isComplete: Bool { [.year, .month, .day].allSatisfy(self.pieces.contains) }

    func write(_ date: CalendarDate) -> String {
        let parts = date.description.split(separator: "-")
        return self.pieces.map { piece in
            switch piece {
            case .year: String(parts[0])
            case .shortYear: String(parts[0].suffix(2))
            case .month: String(parts[1])
            case .day: String(parts[2])
            case .text(let character): String(character)
            }
        }.joined()
    }

    func read(_ text: String) -> CalendarDate? {
        var rest = Substring(text)
        var (year, month, day): (Int?, Int?, Int?)
        func take(_ count: Int) -> Int? {
            let digits = rest.prefix(count)
            guard digits.count == count, digits.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
            rest.removeFirst(count)
            return Int(digits)
        }
        for piece in self.pieces {
            switch piece {
            case .year: year = take(4)
            case .shortYear: _ = take(2)
            case .month: month = take(2)
            case .day: day = take(2)
            case .text(let character):
                guard rest.first == character else { return nil }
                rest.removeFirst()
            }
        }
        guard rest.isEmpty, let year, let month, let day else { return nil }
        return CalendarDate(exactYear: year, month: month, day: day)
    }
}
