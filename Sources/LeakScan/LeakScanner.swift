/// Looks for texts in bytes, whichever way they are written there: see ``LeakForm``. One may be inside of another, e.g. base64 of gzip of JSON.
///
/// What it doesn't open: compression other than gzip, zlib and ZIP, and what is encrypted.
public struct LeakScanner: Sendable {
    /// The fewest bytes that a text has in any encoding in which it is looked for.
    public static let shortest = PatternIndex.width

    /// A text that was found.
    public struct Hit: Sendable, Hashable {
        public let token: LeakToken
        /// From the outside inwards; at the end the encoding of the text itself.
        public let forms: [LeakForm]
        /// Of the first byte of what it stands in, from the beginning.
        public let offset: Int
    }

    let index: PatternIndex

    public init(_ tokens: [LeakToken]) { self.index = PatternIndex(tokens) }

    /// How many texts are looked for.
    public var count: Int { self.index.tokens.count }

    /// Everything that is found in bytes held in memory, in the order of its place.
    public func hits(in bytes: some Sequence<UInt8>) -> [Hit] {
        let reading = self.reading()
        var hits = reading.read(Array(bytes))
        hits += reading.finish()
        return hits.sorted { $0.offset < $1.offset }
    }

    /// Begins to look through bytes that come piece by piece.
    public func reading() -> LeakReading { LeakReading(ScanStream(self.index)) }

    /// - Parameter window: how many bytes are looked through at a time, so that a test can put what is looked for over every border.
    package func reading(window: Int) -> LeakReading { LeakReading(ScanStream(self.index, window: window)) }
}

/// Bytes that are looked through while they come.
public final class LeakReading {
    private let stream: ScanStream

    init(_ stream: ScanStream) { self.stream = stream }

    /// Whether there was something too deep or too large to be opened, since it was asked last.
    public func takeCut() -> Bool { self.stream.takeCut() }

    /// Looks through the next bytes.
    ///
    /// - Returns: what was found since the last time; what stands near the end of these is found later.
    public func read(_ bytes: [UInt8]) -> [LeakScanner.Hit] {
        bytes.withUnsafeBufferPointer { pointer in
            if let start = pointer.baseAddress { self.stream.push(start, pointer.count) }
        }
        return self.taken()
    }

    /// The end of the bytes; the next ones begin anew.
    ///
    /// - Returns: what was found since the last time.
    public func finish() -> [LeakScanner.Hit] {
        self.stream.finish()
        return self.taken()
    }

    private func taken() -> [LeakScanner.Hit] {
        self.stream.takeFound().map {
            LeakScanner.Hit(token: self.stream.index.tokens[$0.token], forms: $0.forms, offset: $0.offset)
        }
    }
}
