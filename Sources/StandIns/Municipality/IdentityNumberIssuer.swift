import Foundation

/// Gives every person a number that cannot belong to anybody.
///
/// Either a number of a list that the caller gives (Skatteverket's official test numbers), for the same birth date
/// and sex; or a temporary number in SS 12000's form: birth date, two letters, two digits, as `20130101TF01`. No
/// personal identity number is ever put together here. Of the temporary numbers, the first digit is odd for men
/// and even for women, as DNP reads them; a date and sex has room for 50 numbers with the letters TF, then with
/// TG, TH and so on, 20,000 in all. Letters that begin with U are left for people who come later.
struct IdentityNumberIssuer {
    private struct Slot: Hashable {
        let date: String
        let isMan: Bool
    }

    private var listed: [Slot: [String]] = [:]
    private var issued: [Slot: Int] = [:]
    /// How many numbers of the list were given out, and how many temporary ones.
    private(set) var listedCount = 0
    private(set) var temporaryCount = 0

    private static let secondLetters = Array("FGHJKLMNPRSTUVWXYZBC")
    private static let firstLetters = Array("TVWXYZABCDEFGHJKLMNP")

    /// - Parameter list: 12 digits a line; blank lines are passed over.
    /// - Throws: ``StandInError`` naming the line that is no 12 digits.
    init(list: [String]) throws(StandInError) {
        for (index, line) in list.enumerated() {
            let digits = Array(line.trimmingCharacters(in: .whitespacesAndNewlines).utf8)
            if digits.isEmpty { continue }
            guard digits.count == 12, digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
                throw StandInError(
                    .badInput, "line \(index + 1) of the identity numbers is not 12 digits; give one number a line")
            }
            let text = String(decoding: digits, as: UTF8.self)
            self.listed[Slot(date: String(text.prefix(8)), isMan: digits[10] % 2 == 1), default: []].append(text)
        }
        // Taken from the end, so that the first of the list go first.
        self.listed = self.listed.mapValues { $0.reversed() }
    }

    /// The next number for a birth date and sex; no number is given out twice.
    mutating func number(birth: CalendarDay, isMan: Bool) throws(StandInError) -> String {
        let slot = Slot(date: birth.compactText, isMan: isMan)
        if let number = self.listed[slot]?.popLast() {
            self.listedCount += 1
            return number
        }
        let count = self.issued[slot, default: 0]
        self.issued[slot] = count + 1
        let letters = count / 50
        guard letters < Self.firstLetters.count * Self.secondLetters.count else {
            throw StandInError(
                .outOfNumbers, "a birth date has more than 20,000 people of one sex; choose a smaller scale")
        }
        self.temporaryCount += 1
        let tens = count % 50 / 10 * 2 + (isMan ? 1 : 0)
        let first = Self.firstLetters[letters / Self.secondLetters.count]
        return "\(slot.date)\(first)\(Self.secondLetters[letters % Self.secondLetters.count])\(tens)\(count % 10)"
    }
}
