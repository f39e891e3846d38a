import TestChance

/// Texts in which something is wrong: letters, words, lines or indentation changed, moved, doubled or taken away.
enum DamagedText {
    static func of(_ text: String, words: [String], _ random: inout SeededRandom) -> String {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            guard !lines.isEmpty else { break }
            let index = Int.random(in: 0..<lines.count, using: &random)
            switch Int.random(in: 0..<8, using: &random) {
            case 0: lines.remove(at: index)
            case 1: lines.insert(lines[index], at: index)
            case 2: lines.swapAt(index, Int.random(in: 0..<lines.count, using: &random))
            case 3: lines[index] = String(repeating: " ", count: Int.random(in: 0...8, using: &random)) + lines[index]
            case 4: lines[index] = String(lines[index].drop { $0 == " " })
            case 5: lines[index] = Self.withWord(lines[index], words, &random)
            case 6: lines[index] = Self.withLetter(lines[index], &random)
            default:
                let characters = Array(lines[index])
                guard !characters.isEmpty else { break }
                let start = Int.random(in: 0..<characters.count, using: &random)
                lines[index] = String(characters[..<start] + characters[min(start + 9, characters.count)...])
            }
        }
        return lines.joined(separator: "\n")
    }

    /// One word in another's place.
    private static func withWord(_ line: String, _ words: [String], _ random: inout SeededRandom) -> String {
        let places = line.indices.filter { place in
            line[place].isLetter && (place == line.startIndex || !line[line.index(before: place)].isLetter)
        }
        guard let start = places.randomElement(using: &random), let word = words.randomElement(using: &random) else {
            return line
        }
        let end = line[start...].firstIndex { !$0.isLetter && $0 != "_" } ?? line.endIndex
        return line.replacingCharacters(in: start..<end, with: word)
    }

    private static func withLetter(_ line: String, _ random: inout SeededRandom) -> String {
        var characters = Array(line)
        let letters: [Character] = [
            "[", "]", "{", "}", ":", "-", ",", "'", "\"", "#", "&", "*", "|", ">", ".", "=", "\t", "å", "\u{0}", "🙂",
        ]
        characters.insert(
            letters.randomElement(using: &random) ?? " ", at: Int.random(in: 0...characters.count, using: &random))
        return String(characters)
    }
}

extension String {
    fileprivate func replacingCharacters(in range: Range<Index>, with text: String) -> String {
        String(self[..<range.lowerBound]) + text + String(self[range.upperBound...])
    }
}
