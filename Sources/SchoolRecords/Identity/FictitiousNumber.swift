/// The identity number of a fictitious identity: a form that nobody can be given.
///
/// `YYYYMMDD` is a real date, the birth number is 000, and the check digit is Luhn's. Birth numbers are issued from 001 to 999, of
/// coordination numbers too, and a temporary number's last four are no digits alone: such a number is nobody's and never will be.
/// ``PersonalIdentityNumber`` refuses it wherever numbers are read.
public enum FictitiousNumber {
    /// The number of a day: twelve digits.
    public static func on(_ date: CalendarDate) -> String {
        var text = "\(date)".filter(\.isNumber) + "000"
        var sum = 0
        for (index, digit) in text.dropFirst(2).compactMap(\.wholeNumberValue).enumerated() {
            let value = digit * (index % 2 == 0 ? 2 : 1)
            sum += value > 9 ? value - 9 : value
        }
        text += String((10 - sum % 10) % 10)
        return text
    }

    /// Whether a text, in any of the forms that numbers are written in, has the birth number that is never issued.
    public static func isFictitious(_ text: String) -> Bool {
        let digits = text.filter { $0 != "-" && $0 != "+" && $0 != " " }
        guard digits.allSatisfy({ $0.isASCII && $0.isNumber }), digits.count == 12 || digits.count == 10 else { return false }
        return digits.suffix(4).hasPrefix("000")
    }
}
