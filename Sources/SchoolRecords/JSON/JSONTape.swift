import Foundation

/// A document under way: its bytes and, as far as they are known, its values.
struct JSONTape: ~Copyable {
    private(set) var bytes: UnsafeMutablePointer<UInt8>
    private(set) var byteCount: Int
    private var byteCapacity: Int
    private(set) var nodes: UnsafeMutablePointer<JSONNode>
    private(set) var count = 0
    private var capacity: Int

    /// A value and everything that is in it.
    init(_ value: JSONValue) {
        self.byteCapacity = 512
        self.byteCount = 0
        self.bytes = .allocate(capacity: self.byteCapacity)
        self.capacity = 64
        self.nodes = .allocate(capacity: self.capacity)
        self.append(value)
    }

    /// The bytes of a text that values are read from.
    init(_ data: Data) {
        self.byteCapacity = max(data.count, 1)
        self.byteCount = data.count
        self.bytes = .allocate(capacity: self.byteCapacity)
        data.copyBytes(to: self.bytes, count: data.count)
        // A record has a value every ten bytes.
        self.capacity = data.count / 10 + 8
        self.nodes = .allocate(capacity: self.capacity)
    }

    deinit {
        self.bytes.deallocate()
        self.nodes.deallocate()
    }

    /// Gives the memory to who keeps it.
    consuming func leave() -> (UnsafeMutablePointer<UInt8>, UnsafeMutablePointer<JSONNode>) {
        let memory = (self.bytes, self.nodes)
        discard self
        return memory
    }

    mutating func append(_ node: JSONNode) {
        if self.count == self.capacity { self.grow() }
        (self.nodes + self.count).initialize(to: node)
        self.count += 1
    }

    /// Closes a list or an object, which began at an index, and says how much is in it.
    mutating func close(_ index: Int, _ count: Int) {
        self.nodes[index].end = UInt32(self.count)
        self.nodes[index].bits = UInt64(count)
    }

    /// Whether two members of an object have one name.
    func hasRepeatedName(_ object: Int) -> Bool {
        var names: Set<String> = []
        var index = object + 1
        while index < Int(self.nodes[object].end) {
            let node = self.nodes[index]
            let bytes = UnsafeBufferPointer(start: self.bytes + Int(node.nameStart), count: Int(node.nameCount))
            guard names.insert(String(decoding: bytes, as: UTF8.self)).inserted else { return true }
            index = Int(node.end)
        }
        return false
    }

    private mutating func grow() {
        let larger = UnsafeMutablePointer<JSONNode>.allocate(capacity: self.capacity * 2)
        larger.moveInitialize(from: self.nodes, count: self.count)
        self.nodes.deallocate()
        self.nodes = larger
        self.capacity *= 2
    }

    private mutating func append(bytes text: String) -> Int {
        var text = text
        let start = self.byteCount
        text.withUTF8 { utf8 in
            if self.byteCount + utf8.count > self.byteCapacity {
                self.byteCapacity = (self.byteCount + utf8.count) * 2
                let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: self.byteCapacity)
                larger.moveInitialize(from: self.bytes, count: self.byteCount)
                self.bytes.deallocate()
                self.bytes = larger
            }
            if let base = utf8.baseAddress { (self.bytes + self.byteCount).initialize(from: base, count: utf8.count) }
            self.byteCount += utf8.count
        }
        return start
    }

    /// Appends a value with everything that is in it.
    private mutating func append(_ value: JSONValue, name: String? = nil) {
        let nameStart = name.map { self.append(bytes: $0) } ?? 0
        let (nameCount, nameHead) = (name?.utf8.count ?? 0, name.map(JSONName.head(of:)) ?? 0)
        let index = self.count
        func node(_ kind: JSONNode.Kind, _ bits: UInt64) -> JSONNode {
            JSONNode(
                kind: kind, end: UInt32(index + 1), nameStart: UInt32(nameStart), nameCount: UInt32(nameCount),
                nameHead: nameHead, bits: bits)
        }
        switch value {
        case .null: self.append(node(.null, 0))
        case .bool(let value): self.append(node(value ? .yes : .no, 0))
        case .integer(let value): self.append(node(.integer, UInt64(bitPattern: value)))
        case .number(let value): self.append(node(.number, value.bitPattern))
        case .string(let text):
            let start = self.append(bytes: text)
            self.append(node(.text, UInt64(start) << 32 | UInt64(text.utf8.count)))
        case .array(let elements):
            self.append(node(.array, 0))
            for element in elements { self.append(element) }
            self.close(index, elements.count)
        case .object(let members):
            self.append(node(.object, 0))
            for member in members.members { self.append(member.value, name: member.name) }
            self.close(index, members.count)
        }
    }
}
