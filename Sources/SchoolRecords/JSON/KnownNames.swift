import Foundation

/// The names of the standard's fields, by their bytes: nearly every name in a document is one of them, and is then given out
/// rather than made.
struct KnownNames: Sendable {
    private struct Entry: Sendable {
        var head: UInt64 = 0
        var tail: UInt64 = 0
        var count = 0
        var text = ""
    }

    /// By a number made of the bytes. Where two names have the same, only one is known.
    private let entries: [Entry]

    static let standard = KnownNames(Set(Entity.allCases.flatMap { Self.names(in: .object($0.shape)) }))

    private static let bits = 10

    init(_ names: Set<String>) {
        var entries = Array(repeating: Entry(), count: 1 << Self.bits)
        for name in names.sorted() {
            var text = name
            text.withUTF8 { bytes in
                let (head, tail) = (JSONName.head(of: bytes), JSONName.tail(of: bytes))
                let place = Self.place(head, tail, bytes.count)
                if entries[place].count == 0 { entries[place] = Entry(head: head, tail: tail, count: bytes.count, text: name) }
            }
        }
        self.entries = entries
    }

    /// The name that stands in bytes; `nil` for one that isn't known.
    ///
    /// - Parameter head: as of ``JSONName``.
    func name(_ bytes: UnsafeBufferPointer<UInt8>, _ head: UInt64) -> String? {
        let tail = JSONName.tail(of: bytes)
        let place = Self.place(head, tail, bytes.count)
        guard self.entries[place].head == head, self.entries[place].tail == tail, self.entries[place].count == bytes.count else {
            return nil
        }
        // Both words together are all of it.
        if bytes.count <= 16 { return self.entries[place].text }
        let isSame = self.entries[place].text.utf8.withContiguousStorageIfAvailable { known in
            guard let known = known.baseAddress, let base = bytes.baseAddress else { return false }
            return memcmp(known, base, bytes.count) == 0
        }
        return isSame == true ? self.entries[place].text : nil
    }

    private static func place(_ head: UInt64, _ tail: UInt64, _ count: Int) -> Int {
        let number = (head ^ tail &* 0xC2B2_AE3D_27D4_EB4F ^ UInt64(count)) &* 0x9E37_79B9_7F4A_7C15
        return Int(number >> UInt64(64 - Self.bits))
    }

    private static func names(in shape: FieldShape) -> [String] {
        switch shape {
        case .list(let element): Self.names(in: element)
        case .object, .reference: (shape.fields?.fields ?? [:]).flatMap { [$0.key] + Self.names(in: $0.value) }
        case .text, .integer, .boolean, .date: []
        }
    }
}
