/// Finds thousands of patterns in one pass: of each pattern the four bytes that the fewest others have stand in a table of bits; where they
/// turn up, the whole pattern is compared.
final class PatternIndex: @unchecked Sendable {
    // Written in `init` alone, read by many afterwards: that is what makes it safe to share.
    let fold: UnsafeMutablePointer<UInt8>
    let kinds: UnsafeMutablePointer<UInt8>
    private let bits: UnsafeMutablePointer<UInt8>
    let tokens: [LeakToken]
    let patterns: [TokenPattern]
    /// Window → patterns that have it, with its place in them.
    private let anchored: [UInt32: [(pattern: Int, offset: Int)]]
    /// Bytes of the longest pattern.
    let longest: Int

    static let width = 4
    private static let tableBits = 20

    init(_ tokens: [LeakToken]) {
        self.tokens = tokens
        self.fold = .allocate(capacity: 256)
        self.kinds = .allocate(capacity: 256)
        for byte in 0..<256 {
            self.fold[byte] = ByteTables.folded(UInt8(byte))
            self.kinds[byte] = ByteTables.kinds(UInt8(byte))
        }
        self.bits = .allocate(capacity: 1 << Self.tableBits)
        self.bits.initialize(repeating: 0, count: 1 << Self.tableBits)
        var patterns: [TokenPattern] = []
        for (index, token) in tokens.enumerated() { patterns += TokenPatterns.patterns(of: token, at: index) }
        self.patterns = patterns
        self.longest = patterns.map(\.bytes.count).max() ?? 0
        var frequency: [UInt32: Int] = [:]
        for pattern in patterns { for window in Self.windows(pattern.bytes) { frequency[window, default: 0] += 1 } }
        var anchored: [UInt32: [(pattern: Int, offset: Int)]] = [:]
        for (number, pattern) in patterns.enumerated() {
            let windows = Self.windows(pattern.bytes)
            guard let best = windows.indices.min(by: { (frequency[windows[$0]] ?? 0) < (frequency[windows[$1]] ?? 0) }) else {
                continue
            }
            anchored[windows[best], default: []].append((number, best))
            self.bits[Self.slot(windows[best])] = 1
        }
        self.anchored = anchored
    }

    deinit {
        self.fold.deallocate()
        self.kinds.deallocate()
        self.bits.deallocate()
    }

    private static func windows(_ bytes: [UInt8]) -> [UInt32] {
        guard bytes.count >= Self.width else { return [] }
        return (0...(bytes.count - Self.width)).map { start in
            bytes[start..<(start + Self.width)].reduce(0) { $0 << 8 | UInt32($1) }
        }
    }

    @inline(__always)
    private static func slot(_ window: UInt32) -> Int {
        Int(truncatingIfNeeded: (window &* 2_654_435_761) >> UInt32(32 - Self.tableBits))
    }

    /// Whether a pattern may have these four (folded) bytes.
    @inline(__always)
    func mayHold(_ window: UInt32) -> Bool { self.bits[Self.slot(window)] != 0 }

    /// Whether a pattern may be somewhere in these bytes.
    func mayHold(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        var window: UInt32 = 0
        var place = 0
        while place < count {
            window = window << 8 | UInt32(self.fold[Int(bytes[place])])
            place &+= 1
            if place >= Self.width, self.mayHold(window) { return true }
        }
        return false
    }

    /// The patterns that stand around a window, whole.
    ///
    /// - Parameter end: where the window ends.
    /// - Returns: pattern and where it starts.
    func matches(_ window: UInt32, endingAt end: Int, in bytes: UnsafePointer<UInt8>, _ count: Int) -> [(
        pattern: TokenPattern, start: Int
    )] {
        guard let candidates = self.anchored[window] else { return [] }
        var found: [(TokenPattern, Int)] = []
        for candidate in candidates {
            let pattern = self.patterns[candidate.pattern]
            let start = end - Self.width - candidate.offset
            guard start >= 0, start + pattern.bytes.count <= count else { continue }
            var place = 0
            while place < pattern.bytes.count, self.fold[Int(bytes[start + place])] == pattern.bytes[place] { place &+= 1 }
            if place == pattern.bytes.count { found.append((pattern, start)) }
        }
        return found
    }
}
