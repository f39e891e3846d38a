/// The members of a JSON object: each name once, in the order of the names' UTF-8 bytes, whatever order they came in.
///
/// A sorted list, since objects of records have a dozen members: such a list is read, looked into, compared and written
/// faster than a dictionary is hashed, and takes less room. What takes one member after another (``subscript(_:)``) moves
/// those behind it; make large objects of a dictionary.
public struct JSONObject: Sendable, Hashable {
    struct Member: Sendable, Hashable {
        /// As of ``JSONName``.
        let head: UInt64
        let name: String
        var value: JSONValue

        /// Whether its name stands before another's, byte by byte.
        @inline(__always)
        func isBefore(_ other: Member) -> Bool { self.isBefore(other.head, other.name) }

        @inline(__always)
        func isBefore(_ head: UInt64, _ name: String) -> Bool {
            self.head == head ? self.name.utf8.lexicographicallyPrecedes(name.utf8) : self.head < head
        }
    }

    private(set) var members: [Member]

    /// No members.
    public init() { self.members = [] }

    /// The entries of a dictionary.
    public init(_ dictionary: [String: JSONValue]) {
        self.members = dictionary.map { Member(head: JSONName.head(of: $0.key), name: $0.key, value: $0.value) }
        self.members.sort { $0.isBefore($1) }
    }

    /// - Parameter members: in order, each name once.
    init(sorted members: [Member]) { self.members = members }

    /// The value of a member. Setting `nil` takes it away.
    public subscript(name: String) -> JSONValue? {
        get { self.value(JSONName.head(of: name), name) }
        set { self.set(JSONName.head(of: name), name, newValue) }
    }

    package subscript(name: JSONName) -> JSONValue? {
        get { self.value(name.code.head, name.text) }
        set { self.set(name.code.head, name.text, newValue) }
    }

    @inline(__always)
    private func value(_ head: UInt64, _ name: String) -> JSONValue? {
        self.members.withUnsafeBufferPointer { members in
            var place = Self.firstPlace(of: head, in: members)
            while place < members.count, members[place].head == head {
                if members[place].name == name { return members[place].value }
                place += 1
            }
            return nil
        }
    }

    private mutating func set(_ head: UInt64, _ name: String, _ value: JSONValue?) {
        var place = self.members.withUnsafeBufferPointer { Self.firstPlace(of: head, in: $0) }
        while place < self.members.count, self.members[place].isBefore(head, name) { place += 1 }
        let isThere = place < self.members.count && self.members[place].name == name
        switch (value, isThere) {
        case (let value?, true): self.members[place].value = value
        case (let value?, false): self.members.insert(Member(head: head, name: name, value: value), at: place)
        case (nil, true): self.members.remove(at: place)
        case (nil, false): break
        }
    }

    /// Where the first name stands, or would stand, that begins so.
    @inline(__always)
    private static func firstPlace(of head: UInt64, in members: UnsafeBufferPointer<Member>) -> Int {
        var low = 0
        var high = members.count
        // Few are quicker to walk over.
        while high - low > 16 {
            let middle = (low + high) / 2
            if members[middle].head < head { low = middle + 1 } else { high = middle }
        }
        while low < members.count, members[low].head < head { low += 1 }
        return low
    }
}

extension JSONObject: RandomAccessCollection {
    public typealias Element = (key: String, value: JSONValue)

    public var startIndex: Int { 0 }
    public var endIndex: Int { self.members.count }
    public subscript(position: Int) -> Element { (self.members[position].name, self.members[position].value) }
}

extension JSONObject {
    /// The names, in order.
    public var keys: [String] { self.members.map(\.name) }

    /// The values, in the order of the names.
    public var values: [JSONValue] { self.members.map(\.value) }

    /// The same names with other values.
    public func mapValues<Failure: Error>(_ transform: (JSONValue) throws(Failure) -> JSONValue) throws(Failure) -> JSONObject {
        var result = self
        for index in result.members.indices { result.members[index].value = try transform(result.members[index].value) }
        return result
    }

    /// The members that something holds for.
    public func filter(_ isIncluded: (Element) throws -> Bool) rethrows -> JSONObject {
        JSONObject(sorted: try self.members.filter { try isIncluded(($0.name, $0.value)) })
    }

    /// What is made of those values that something can be made of, by their names.
    public func compactMapValues<Value>(_ transform: (JSONValue) throws -> Value?) rethrows -> [String: Value] {
        var result: [String: Value] = [:]
        for member in self.members { result[member.name] = try transform(member.value) }
        return result
    }

    /// Sets a member.
    ///
    /// - Returns: the value that it had before.
    @discardableResult
    public mutating func updateValue(_ value: JSONValue, forKey name: String) -> JSONValue? {
        let before = self[name]
        self[name] = value
        return before
    }

    /// Takes a member away.
    ///
    /// - Returns: the value that it had.
    @discardableResult
    public mutating func removeValue(forKey name: String) -> JSONValue? {
        let before = self[name]
        self[name] = nil
        return before
    }

    /// With the members of another object.
    ///
    /// - Parameter combine: which of two values counts for a name that both have.
    public func merging(
        _ other: JSONObject, uniquingKeysWith combine: (JSONValue, JSONValue) throws -> JSONValue
    ) rethrows -> JSONObject {
        var result = self
        for member in other.members {
            result[member.name] = try result[member.name].map { try combine($0, member.value) } ?? member.value
        }
        return result
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self.init(Dictionary(elements, uniquingKeysWith: { _, last in last }))
    }
}
