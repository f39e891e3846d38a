/// Looks through bytes that come piece by piece, and through what is encoded in them, layer by layer.
///
/// Of what came it holds a window: the part that is looked through now, and before and after it what a text that is found may reach into.
final class ScanStream {
    struct Found {
        let token: Int
        /// From the outside inwards.
        let forms: [LeakForm]
        /// In this stream.
        let offset: Int
        let length: Int
    }

    let index: PatternIndex
    private let depth: Int
    /// What was found since somebody took it.
    private(set) var found: [Found] = []
    /// Whether something was too deep or too large to be looked through whole.
    private(set) var isCut = false

    private var buffer: [UInt8] = []
    /// Where the buffer's first byte stands in the stream.
    private var base = 0
    /// Bytes of the buffer that were looked through.
    private var done = 0
    private var run = CodedRun()
    private var children: [ScanStream] = []
    private var inflaters: [(inflater: Inflater, child: ScanStream, start: Int)] = []

    private static let deepest = 5
    private static let mostInflaters = 256
    /// What comes out of one compressed content at most.
    private static let mostInflated = 1 << 32
    private let window: Int

    /// - Parameter window: how many bytes are looked through at a time.
    init(_ index: PatternIndex, depth: Int = 0, window: Int = 1 << 17) {
        self.index = index
        self.depth = depth
        self.window = window
    }

    /// How far a text that is found may reach: each character of it may be an escape of up to 12, and so may what stands beside it.
    private var reach: Int { max(1024, 12 * self.index.longest) }

    func push(_ bytes: UnsafePointer<UInt8>, _ count: Int) {
        var given = 0
        while given < count {
            // Small pieces of what is large, so that what is held of it stays small.
            let part = min(count - given, self.window)
            self.buffer.append(contentsOf: UnsafeBufferPointer(start: bytes + given, count: part))
            given += part
            while self.buffer.count - self.done >= self.window + self.reach {
                self.process(to: self.done + self.window, isLast: false)
            }
        }
    }

    /// Looks through what is left; the next push begins another stream.
    func finish() {
        self.process(to: self.buffer.count, isLast: true)
        (self.base, self.done) = (0, 0)
        self.buffer.removeAll(keepingCapacity: true)
    }

    func takeCut() -> Bool {
        defer { self.isCut = false }
        return self.isCut
    }

    func takeFound() -> [Found] {
        defer { self.found.removeAll(keepingCapacity: true) }
        return self.found
    }

    private func process(to end: Int, isLast: Bool) {
        self.buffer.withUnsafeBufferPointer { pointer in
            guard let bytes = pointer.baseAddress else { return }
            let escapes = self.lookThrough(bytes, pointer.count, from: self.done, to: end)
            self.inflate(bytes, to: end, isLast: isLast)
            for (style, places) in escapes { self.unescape(style, places, bytes, pointer.count) }
        }
        if isLast { self.endRun(isPadded: false) }
        self.done = end
        let spare = end - self.reach
        if !isLast, spare > 0 {
            self.buffer.removeFirst(spare)
            self.base += spare
            self.done -= spare
        }
    }

    /// The one pass over all bytes.
    ///
    /// - Returns: where escapes are.
    private func lookThrough(
        _ bytes: UnsafePointer<UInt8>, _ count: Int, from start: Int, to end: Int
    ) -> [Escapes.Style: [Int]] {
        let (fold, kinds) = (self.index.fold, self.index.kinds)
        let goesDeeper = self.depth < Self.deepest
        let special = goesDeeper ? ByteTables.escape | ByteTables.magic : 0
        let coded = goesDeeper ? ByteTables.base64 : 0
        var window: UInt32 = 0
        var place = max(0, start - PatternIndex.width + 1)
        while place < start {
            window = window << 8 | UInt32(fold[Int(bytes[place])])
            place &+= 1
        }
        var escapes: [Escapes.Style: [Int]] = [:]
        var runStart = -1
        while place < end {
            let byte = Int(bytes[place])
            window = window << 8 | UInt32(fold[byte])
            if self.index.mayHold(window) { self.compare(window, bytes, count, endingAt: place &+ 1) }
            let kind = kinds[byte]
            if kind & coded != 0 {
                if runStart < 0 { runStart = place }
            } else if runStart >= 0 || self.run.isOpen {
                self.endPiece(bytes, from: runStart, to: place, isEnd: true)
                runStart = -1
            }
            if kind & special != 0 {
                if kind & ByteTables.escape != 0 {
                    let style: Escapes.Style = byte == 0x3D ? .mail : .markup
                    if Escapes.escape(bytes, count, at: place, style) != nil { escapes[style, default: []].append(place) }
                } else if let (wrapping, skipped) = Inflater.beginning(bytes, count, at: place) {
                    self.beginInflating(wrapping, at: self.base + place + skipped)
                }
            }
            place &+= 1
        }
        if runStart >= 0 { self.endPiece(bytes, from: runStart, to: end, isEnd: false) }
        return escapes
    }

    private func compare(_ window: UInt32, _ bytes: UnsafePointer<UInt8>, _ count: Int, endingAt end: Int) {
        for (pattern, start) in self.index.matches(window, endingAt: end, in: bytes, count) {
            let token = self.index.tokens[pattern.token]
            let around = Surroundings(bytes: bytes, count: count, form: pattern.form)
            guard let extent = around.extent(of: token, from: start, to: start + pattern.bytes.count) else { continue }
            let found = Found(
                token: pattern.token, forms: [pattern.form], offset: self.base + extent.lowerBound, length: extent.count)
            if !self.isReadTwice(found) { self.found.append(found) }
        }
    }

    /// Whether a text was found already one byte away: of two bytes a character, the first and the last are read both ways.
    private func isReadTwice(_ found: Found) -> Bool {
        guard found.forms == [.utf16BE] || found.forms == [.utf16LE] else { return false }
        return self.found.suffix(4).contains {
            $0.token == found.token && $0.forms != found.forms && [[.utf16BE], [.utf16LE]].contains($0.forms)
                && abs($0.offset - found.offset) == 1
        }
    }

    private func child(_ number: Int) -> ScanStream {
        while self.children.count <= number {
            self.children.append(ScanStream(self.index, depth: self.depth + 1, window: self.window))
        }
        return self.children[number]
    }

    // MARK: Escapes

    /// What escapes hide, in the parts where there are some.
    private func unescape(_ style: Escapes.Style, _ places: [Int], _ bytes: UnsafePointer<UInt8>, _ count: Int) {
        // Before its first escape a text has at most its own length and what is looked at beside it.
        let margin = self.index.longest + 512
        var first = 0
        while first < places.count {
            var last = first
            while last + 1 < places.count, places[last + 1] - places[last] <= margin + self.reach { last += 1 }
            let (from, to) = (max(0, places[first] - margin), min(count, places[last] + self.reach))
            let text = Escapes.decode(bytes + from, to - from, style)
            let child = self.child(6)
            text.bytes.withUnsafeBufferPointer { pointer in
                if let decoded = pointer.baseAddress { child.push(decoded, pointer.count) }
            }
            child.finish()
            self.isCut = child.takeCut() || self.isCut
            for found in child.takeFound() {
                // What has no escape in it was found already, and what has its first one elsewhere is found there.
                let end = found.offset + max(1, found.length)
                guard let escape = text.firstEscape(from: found.offset, to: end).map({ $0 + from }),
                    escape >= places[first], escape <= places[last]
                else { continue }
                let place = text.source(of: found.offset) + from
                // Compressed bytes look like an escape now and then.
                let isKnown = self.found.contains {
                    $0.token == found.token && $0.offset == self.base + place && $0.forms == found.forms
                }
                if isKnown { continue }
                self.found.append(
                    Found(
                        token: found.token, forms: [.escaped] + found.forms, offset: self.base + place,
                        length: text.source(of: end) + from - place))
            }
            first = last + 1
        }
    }

    // MARK: Base64 and hexadecimal

    /// Notes a piece of a run.
    ///
    /// - Parameter isEnd: whether another byte stands at `end`; otherwise the window ends there, and the run may go on.
    private func endPiece(_ bytes: UnsafePointer<UInt8>, from start: Int, to end: Int, isEnd: Bool) {
        if start >= 0 {
            let isPadded = isEnd && bytes[end] == 0x3D
            // Most are words: they are let go without a copy.
            if isEnd, !self.run.isOpen, end - start < (isPadded ? CodedRun.shortestPadded : CodedRun.shortest) { return }
            self.run.append(bytes + start, end - start, at: self.base + start)
            if self.run.characters.count >= CodedRun.piece {
                self.decodeRun(isEnd: false)
                self.run.drop()
            }
        }
        guard isEnd else { return }
        if !self.run.goesOn(after: bytes[end]) { self.endRun(isPadded: bytes[end] == 0x3D) }
    }

    private func endRun(isPadded: Bool) {
        if self.run.isLong || self.run.characters.count >= (isPadded ? CodedRun.shortestPadded : CodedRun.shortest) {
            self.decodeRun(isEnd: true)
        }
        self.run.clear()
    }

    private func decodeRun(isEnd: Bool) {
        let isShort = !self.run.isLong && self.run.characters.count < CodedRun.shortestWrapped
        for coding in self.run.codings {
            for shift in 0..<coding.shifts {
                let bytes = self.run.decoded(coding, shift: shift, isEnd: isEnd)
                bytes.withUnsafeBufferPointer { pointer in
                    guard let decoded = pointer.baseAddress else { return }
                    // The usual case, many times a second: nothing in it can be one of the texts.
                    if isEnd, isShort, !self.index.mayHold(decoded, pointer.count) { return }
                    self.read(decoded, pointer.count, coding, shift, isEnd: isEnd)
                }
            }
        }
    }

    private func read(_ bytes: UnsafePointer<UInt8>, _ count: Int, _ coding: CodedRun.Coding, _ shift: Int, isEnd: Bool) {
        let child = self.child(coding == .base64 ? shift : 4 + shift)
        child.push(bytes, count)
        if isEnd { child.finish() }
        self.isCut = child.takeCut() || self.isCut
        for found in child.takeFound() {
            self.found.append(
                Found(
                    token: found.token, forms: [coding.form] + found.forms,
                    offset: self.run.start + shift + coding.characters(found.offset), length: coding.characters(found.length)))
        }
    }

    // MARK: Compressed content

    private func beginInflating(_ wrapping: Inflater.Wrapping, at start: Int) {
        guard self.inflaters.count < Self.mostInflaters, let inflater = Inflater(wrapping) else {
            self.isCut = true
            return
        }
        self.inflaters.append((inflater, ScanStream(self.index, depth: self.depth + 1, window: self.window), start))
    }

    private func inflate(_ bytes: UnsafePointer<UInt8>, to end: Int, isLast: Bool) {
        for (inflater, child, start) in self.inflaters {
            let from = max(self.done, start - self.base)
            if from < end { inflater.feed(bytes + from, end - from) { child.push($0, $1) } }
            let isTooMuch = inflater.produced > Self.mostInflated
            if isTooMuch || inflater.isOver || isLast { child.finish() }
            self.isCut = child.takeCut() || self.isCut || isTooMuch
            for found in child.takeFound() {
                self.found.append(
                    Found(
                        token: found.token, forms: [.compressed] + found.forms, offset: start,
                        length: max(1, self.base + end - start)))
            }
        }
        self.inflaters.removeAll { $0.inflater.isOver || $0.inflater.produced > Self.mostInflated }
        if isLast { self.inflaters = [] }
    }
}
