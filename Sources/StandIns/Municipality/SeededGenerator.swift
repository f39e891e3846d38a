/// Random numbers that depend on a seed only, the same on every machine (SplitMix64, Steele and others 2014).
///
/// Each thing draws from a stream of its own (seed, what, which), so that one more draw for one person does not
/// change the next person.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64, stream: UInt64 = 0, index: Int = 0) {
        self.state = Self.mix(seed &+ Self.mix(stream &* Self.step &+ UInt64(truncatingIfNeeded: index)))
    }

    private static let step: UInt64 = 0x9E37_79B9_7F4A_7C15

    private static func mix(_ value: UInt64) -> UInt64 {
        var mixed = value &+ Self.step
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func next() -> UInt64 {
        defer { self.state &+= Self.step }
        return Self.mix(self.state)
    }

    /// A whole number from 0 up to, not including, `bound`; 0 when the bound is 1 or less.
    mutating func below(_ bound: Int) -> Int {
        guard bound > 1 else { return 0 }
        return Int(self.next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// Whether something that happens `share` times in a thousand happens.
    mutating func perMille(_ share: Int) -> Bool { self.below(1000) < share }

    /// One of the elements; the collection must not be empty.
    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[self.below(elements.count)] }

    /// The elements in a random order (Fisher and Yates).
    mutating func shuffled(_ elements: [Int]) -> [Int] {
        var shuffled = elements
        for last in stride(from: shuffled.count - 1, to: 0, by: -1) {
            shuffled.swapAt(last, self.below(last + 1))
        }
        return shuffled
    }

    /// A UUID in the layout of version 4 (RFC 9562), lower case.
    mutating func uuid() -> String {
        let high = (self.next() & 0xFFFF_FFFF_FFFF_0FFF) | 0x4000
        let low = (self.next() & 0x3FFF_FFFF_FFFF_FFFF) | 0x8000_0000_0000_0000
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for position in 0..<32 {
            if position == 8 || position == 12 || position == 16 || position == 20 { text.append(0x2D) }
            let word = position < 16 ? high : low
            let digit = UInt8(truncatingIfNeeded: (word >> UInt64(60 - 4 * (position % 16))) & 0xF)
            text.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
        }
        return String(decoding: text, as: UTF8.self)
    }
}
