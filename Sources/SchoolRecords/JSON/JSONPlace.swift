import Foundation

/// A value of a ``JSONDocument``, where it stands there.
///
/// Looks into the document's memory, so whoever has one must keep the document as long.
@usableFromInline
package struct JSONPlace: @unchecked Sendable {
    @usableFromInline let bytes: UnsafePointer<UInt8>
    @usableFromInline let nodes: UnsafePointer<JSONNode>
    @usableFromInline let index: Int

    @inlinable
    init(bytes: UnsafePointer<UInt8>, nodes: UnsafePointer<JSONNode>, index: Int) {
        self.bytes = bytes
        self.nodes = nodes
        self.index = index
    }

    @usableFromInline
    package enum Kind: Sendable {
        case null
        case scalar
        case array
        case object
    }

    @inlinable package var kind: Kind {
        switch self.nodes[self.index].kind {
        case .null: .null
        case .no, .yes, .integer, .number, .text: .scalar
        case .array: .array
        case .object: .object
        }
    }

    @inlinable package var isObject: Bool { if case .object = self.nodes[self.index].kind { true } else { false } }

    @inlinable package var isArray: Bool { if case .array = self.nodes[self.index].kind { true } else { false } }

    @inlinable package var isNull: Bool { if case .null = self.nodes[self.index].kind { true } else { false } }

    @inlinable
    func at(_ index: Int) -> JSONPlace { JSONPlace(bytes: self.bytes, nodes: self.nodes, index: index) }

    /// The member of an object with a name; `nil` for what is no object or has no such member.
    @inlinable
    package func member(_ name: JSONName) -> JSONPlace? { self.member(name.code, name.text) }

    @inlinable
    package func member(_ name: JSONName.Code, _ text: @autoclosure () -> String) -> JSONPlace? {
        guard self.isObject else { return nil }
        let end = Int(self.nodes[self.index].end)
        var index = self.index + 1
        while index < end {
            if self.nodes[index].nameHead == name.head, self.nodes[index].nameCount == name.count,
                name.count <= 8 || self.isName(name, text, at: index)
            {
                return self.at(index)
            }
            index = Int(self.nodes[index].end)
        }
        return nil
    }

    /// Whether a name of more than eight bytes, whose first eight are known to be the same, is this one.
    @inlinable
    func isName(_ name: JSONName.Code, _ text: () -> String, at index: Int) -> Bool {
        let start = self.bytes + Int(self.nodes[index].nameStart)
        guard UnsafeRawPointer(start + (name.count - 8)).loadUnaligned(as: UInt64.self) == name.tail else { return false }
        return name.count <= 16 || Self.isText(start, name.count, text())
    }

    @usableFromInline
    static func isText(_ start: UnsafePointer<UInt8>, _ count: Int, _ text: String) -> Bool {
        let isSame = text.utf8.withContiguousStorageIfAvailable { other in
            guard other.count == count else { return false }
            guard let base = other.baseAddress else { return true }
            return memcmp(base, start, count) == 0
        }
        return isSame ?? text.utf8.elementsEqual(UnsafeBufferPointer(start: start, count: count))
    }

    /// How many elements an array has.
    @inlinable package var count: Int { self.isArray ? Int(self.nodes[self.index].bits) : 0 }

    /// The first element of an array that has any.
    @inlinable package var first: JSONPlace? { self.count > 0 ? self.at(self.index + 1) : nil }

    /// What stands after a value. After the last element of an array that is no element of it.
    @inlinable package var next: JSONPlace { self.at(Int(self.nodes[self.index].end)) }

    /// The text of a string, otherwise `nil`.
    package var string: String? {
        let node = self.nodes[self.index]
        guard node.kind == .text else { return nil }
        return self.text(node)
    }

    private func text(_ node: JSONNode) -> String {
        String(utf8: UnsafeBufferPointer(start: self.bytes + node.textStart, count: node.textCount))
    }

    /// Whether it is a string, and which; `nil` when it is none.
    package func isString(_ text: String) -> Bool? {
        let node = self.nodes[self.index]
        guard node.kind == .text else { return nil }
        if Self.isText(self.bytes + node.textStart, node.textCount, text) { return true }
        // Letters with marks can be written in more than one way.
        return !Self.isASCII(self.bytes + node.textStart, node.textCount) && self.text(node) == text
    }

    private static func isASCII(_ start: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        for offset in 0..<count where start[offset] >= 0x80 { return false }
        return true
    }

    /// Whether it is a string without anything in it.
    package var isEmptyString: Bool {
        self.nodes[self.index].kind == .text && self.nodes[self.index].textCount == 0
    }

    /// How the day that a string begins with stands to another one, both written `yyyy-MM-dd`: below 0 before it, above 0 after it.
    /// `nil` for what is no string or begins otherwise.
    package func order(toDay day: String) -> Int32? {
        let node = self.nodes[self.index]
        guard node.kind == .text, node.textCount >= 10 else { return nil }
        let start = self.bytes + node.textStart
        for offset in 0..<10 where start[offset] >= 0x80 { return nil }
        return day.utf8.withContiguousStorageIfAvailable { other in
            guard let base = other.baseAddress, other.count == 10 else { return nil }
            return memcmp(start, base, 10)
        } ?? nil
    }

    /// The value; of an object or an array with everything in it.
    package var value: JSONValue {
        let node = self.nodes[self.index]
        switch node.kind {
        case .null: return .null
        case .no: return .bool(false)
        case .yes: return .bool(true)
        case .integer: return .integer(Int64(bitPattern: node.bits))
        case .number: return .number(Double(bitPattern: node.bits))
        case .text: return .string(self.text(node))
        case .array: return .array(self.elements(node))
        case .object: return .object(self.object(node))
        }
    }

    private func elements(_ node: JSONNode) -> [JSONValue] {
        var elements: [JSONValue] = []
        elements.reserveCapacity(Int(node.bits))
        var index = self.index + 1
        while index < Int(node.end) {
            elements.append(self.at(index).value)
            index = Int(self.nodes[index].end)
        }
        return elements
    }

    private func object(_ node: JSONNode) -> JSONObject {
        var members: [JSONObject.Member] = []
        members.reserveCapacity(Int(node.bits))
        var isInOrder = true
        var index = self.index + 1
        while index < Int(node.end) {
            let member = JSONObject.Member(
                head: self.nodes[index].nameHead, name: self.name(self.nodes[index]), value: self.at(index).value)
            if let last = members.last, !last.isBefore(member) { isInOrder = false }
            members.append(member)
            index = Int(self.nodes[index].end)
        }
        if !isInOrder { members.sort { $0.isBefore($1) } }
        return JSONObject(sorted: members)
    }

    private func name(_ node: JSONNode) -> String {
        let bytes = UnsafeBufferPointer(start: self.bytes + Int(node.nameStart), count: Int(node.nameCount))
        return KnownNames.standard.name(bytes, node.nameHead) ?? String(utf8: bytes)
    }
}
