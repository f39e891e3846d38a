/// Takes the escapes of web addresses, JSON, XML, HTML and mail out of a text.
enum Escapes {
    /// Which go together: what is an escape in mail (`=C3`) is none in an address.
    enum Style: CaseIterable {
        case markup, mail
    }

    /// The text without its escapes, and where each was.
    struct Text {
        struct Place {
            /// In the text.
            let at: Int
            let length: Int
            /// In what it was made of.
            let source: Int
            let sourceLength: Int
        }

        var bytes: [UInt8] = []
        var places: [Place] = []

        /// Where a byte of the text stands in what it was made of.
        func source(of offset: Int) -> Int {
            guard let last = self.place(upTo: offset) else { return offset }
            let place = self.places[last]
            if offset < place.at + place.length { return place.source }
            return place.source + place.sourceLength + offset - place.at - place.length
        }

        /// Where the first escape in a part of the text stands in what it was made of; `nil` when there is none.
        func firstEscape(from start: Int, to end: Int) -> Int? {
            var number = self.place(upTo: start) ?? 0
            while number < self.places.count, self.places[number].at + max(1, self.places[number].length) <= start { number += 1 }
            guard number < self.places.count, self.places[number].at < end else { return nil }
            return self.places[number].source
        }

        /// The last place that begins at an offset or before.
        private func place(upTo offset: Int) -> Int? {
            var (low, high) = (0, self.places.count)
            while low < high {
                let middle = (low + high) / 2
                if self.places[middle].at <= offset { low = middle + 1 } else { high = middle }
            }
            return low == 0 ? nil : low - 1
        }
    }

    static func decode(_ bytes: UnsafePointer<UInt8>, _ count: Int, _ style: Style) -> Text {
        var text = Text()
        text.bytes.reserveCapacity(count)
        var place = 0
        while place < count {
            if let (length, output) = Self.escape(bytes, count, at: place, style) {
                text.places.append(.init(at: text.bytes.count, length: output.count, source: place, sourceLength: length))
                text.bytes += output
                place += length
            } else {
                text.bytes.append(bytes[place])
                place &+= 1
            }
        }
        return text
    }

    /// The escape that begins at a place: how long it is, and what it stands for.
    static func escape(_ bytes: UnsafePointer<UInt8>, _ count: Int, at place: Int, _ style: Style) -> (
        length: Int, output: [UInt8]
    )? {
        let left = count - place
        switch (bytes[place], style) {
        case (0x25, .markup): return left >= 3 ? Self.byte(bytes, place + 1).map { (3, [$0]) } : nil
        case (0x5C, .markup): return Self.backslash(bytes, left, place)
        case (0x26, .markup): return Self.entity(bytes, left, place)
        case (0x3D, .mail):
            if left >= 2, bytes[place + 1] == 0x0A { return (2, []) }
            if left >= 3, bytes[place + 1] == 0x0D, bytes[place + 2] == 0x0A { return (3, []) }
            return left >= 3 ? Self.byte(bytes, place + 1).map { (3, [$0]) } : nil
        default: return nil
        }
    }

    private static func byte(_ bytes: UnsafePointer<UInt8>, _ place: Int) -> UInt8? {
        guard let high = ByteTables.digit(bytes[place]), let low = ByteTables.digit(bytes[place + 1]) else { return nil }
        return high << 4 | low
    }

    private static func utf8(_ value: UInt32) -> [UInt8]? {
        Unicode.Scalar(value).map { Array(String(Character($0)).utf8) }
    }

    private static func unit(_ bytes: UnsafePointer<UInt8>, _ place: Int) -> UInt32? {
        guard let high = Self.byte(bytes, place), let low = Self.byte(bytes, place + 2) else { return nil }
        return UInt32(high) << 8 | UInt32(low)
    }

    private static func backslash(_ bytes: UnsafePointer<UInt8>, _ left: Int, _ place: Int) -> (Int, [UInt8])? {
        guard left >= 2 else { return nil }
        switch bytes[place + 1] {
        case 0x22, 0x27, 0x2F, 0x5C: return (2, [bytes[place + 1]])
        case UInt8(ascii: "n"): return (2, [0x0A])
        case UInt8(ascii: "r"): return (2, [0x0D])
        case UInt8(ascii: "t"): return (2, [0x09])
        case UInt8(ascii: "u"):
            guard left >= 6, let first = Self.unit(bytes, place + 2) else { return nil }
            if (0xD800..<0xDC00).contains(first), left >= 12, bytes[place + 6] == 0x5C, bytes[place + 7] == UInt8(ascii: "u"),
                let second = Self.unit(bytes, place + 8), (0xDC00..<0xE000).contains(second)
            {
                return Self.utf8(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)).map { (12, $0) }
            }
            return Self.utf8(first).map { (6, $0) }
        case UInt8(ascii: "x"):
            guard left >= 4 else { return nil }
            if bytes[place + 2] != UInt8(ascii: "{") { return Self.byte(bytes, place + 2).map { (4, [$0]) } }
            return Self.number(bytes, from: place + 3, to: place + min(left, 12), radix: 16, end: UInt8(ascii: "}"))
                .flatMap { value, end in Self.utf8(value).map { (end - place, $0) } }
        default: return nil
        }
    }

    /// A number up to the character that ends it, and where that ends.
    private static func number(
        _ bytes: UnsafePointer<UInt8>, from start: Int, to limit: Int, radix: UInt32, end: UInt8
    ) -> (UInt32, Int)? {
        var value: UInt32 = 0
        var place = start
        while place < limit {
            if bytes[place] == end { return place > start ? (value, place + 1) : nil }
            guard let digit = ByteTables.digit(bytes[place]), digit < radix, value < 0x11_0000 else { return nil }
            value = value * radix + UInt32(digit)
            place += 1
        }
        return nil
    }

    private static func entity(_ bytes: UnsafePointer<UInt8>, _ left: Int, _ place: Int) -> (Int, [UInt8])? {
        guard left >= 4 else { return nil }
        let limit = place + min(left, 12)
        if bytes[place + 1] == UInt8(ascii: "#") {
            let isHex = bytes[place + 2] | 0x20 == UInt8(ascii: "x")
            return Self.number(
                bytes, from: place + (isHex ? 3 : 2), to: limit, radix: isHex ? 16 : 10, end: UInt8(ascii: ";")
            ).flatMap { value, end in Self.utf8(value).map { (end - place, $0) } }
        }
        var end = place + 1
        while end < limit, bytes[end] != UInt8(ascii: ";") {
            guard (0x41...0x5A).contains(bytes[end]) || (0x61...0x7A).contains(bytes[end]) else { return nil }
            end += 1
        }
        guard end < limit else { return nil }
        let name = String(decoding: UnsafeBufferPointer(start: bytes + place + 1, count: end - place - 1), as: UTF8.self)
        return Self.named[name].flatMap { value in Self.utf8(value).map { (end + 1 - place, $0) } }
    }

    /// HTML's names of the letters of ISO 8859-1 from À on, and of what has a meaning of its own in markup.
    private static let named: [String: UInt32] = {
        let letters =
            "Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute "
            + "Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil "
            + "egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc "
            + "uuml yacute thorn yuml"
        var named: [String: UInt32] = ["amp": 0x26, "lt": 0x3C, "gt": 0x3E, "quot": 0x22, "apos": 0x27, "nbsp": 0xA0]
        for (offset, name) in letters.split(separator: " ").enumerated() { named[String(name)] = 0xC0 + UInt32(offset) }
        return named
    }()
}
