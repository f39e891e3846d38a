/// Writes one JSON object straight into bytes, members in the order they are given.
///
/// A municipality has some 60,000 documents; trees of dictionaries on the way would cost more than the rest.
struct DocumentWriter {
    private(set) var bytes: [UInt8] = []
    private var needsComma = false

    init() { self.bytes.reserveCapacity(1024) }

    /// The whole document; the writer is empty afterwards.
    mutating func finish() -> [UInt8] {
        // Really copied: a copy of the array itself would keep its whole capacity for each document.
        let document = self.bytes.withUnsafeBufferPointer { Array($0) }
        self.bytes.removeAll(keepingCapacity: true)
        self.needsComma = false
        return document
    }

    private mutating func separate() {
        if self.needsComma { self.bytes.append(0x2C) }
        self.needsComma = true
    }

    private mutating func name(_ name: String?) {
        self.separate()
        guard let name else { return }
        self.append(name)
        self.bytes.append(0x3A)
    }

    private mutating func append(_ text: String) {
        self.bytes.append(0x22)
        for byte in text.utf8 where byte == 0x22 || byte == 0x5C || byte < 0x20 {
            // The generator's own texts hold none of these; a caller's may.
            self.appendEscaped(text)
            return
        }
        self.bytes.append(contentsOf: text.utf8)
        self.bytes.append(0x22)
    }

    private mutating func appendEscaped(_ text: String) {
        for byte in text.utf8 {
            switch byte {
            case 0x22, 0x5C: self.bytes.append(contentsOf: [0x5C, byte])
            case 0..<0x20:
                self.bytes.append(contentsOf: Array("\\u00".utf8) + [0x30 + byte / 16, Self.hex[Int(byte % 16)]])
            default: self.bytes.append(byte)
            }
        }
        self.bytes.append(0x22)
    }

    private static let hex = Array("0123456789abcdef".utf8)

    mutating func string(_ name: String?, _ text: String) {
        self.name(name)
        self.append(text)
    }

    mutating func string(_ name: String?, ifAny text: String?) {
        if let text { self.string(name, text) }
    }

    mutating func integer(_ name: String, _ value: Int) {
        self.name(name)
        self.bytes.append(contentsOf: String(value).utf8)
    }

    mutating func bool(_ name: String, _ value: Bool) {
        self.name(name)
        self.bytes.append(contentsOf: (value ? "true" : "false").utf8)
    }

    mutating func object(_ name: String? = nil, _ members: (inout DocumentWriter) -> Void) {
        self.name(name)
        self.bytes.append(0x7B)
        self.needsComma = false
        members(&self)
        self.bytes.append(0x7D)
        self.needsComma = true
    }

    mutating func array<Element>(
        _ name: String, _ elements: [Element], _ write: (inout DocumentWriter, Element) -> Void
    ) {
        self.name(name)
        self.bytes.append(0x5B)
        self.needsComma = false
        for element in elements { write(&self, element) }
        self.bytes.append(0x5D)
        self.needsComma = true
    }

    /// A reference as SS 12000 has it: an object with nothing but an id.
    mutating func reference(_ name: String?, _ id: String) {
        self.object(name) { $0.string("id", id) }
    }

    mutating func meta(_ stamps: RecordStamps) {
        self.object("meta") {
            $0.string("created", stamps.created.text)
            $0.string("modified", stamps.modified.text)
        }
    }
}
