/// What the learning platform holds: objects as the lines they came in, relations as pairs of keys.
struct UnikumHoldings {
    let format: UnikumFormat
    private(set) var objects: [String: [String: String]] = [:]
    /// Relation → key → how many bytes of the key are the first end.
    private(set) var relations: [String: [String: Int]] = [:]
    /// A class belongs to one school.
    private var schoolOfClass: [String: String] = [:]

    init(format: UnikumFormat) { self.format = format }

    func holds(_ kind: String, _ key: String) -> Bool {
        self.objects[kind]?[key] != nil || self.relations[kind]?[key] != nil
    }

    /// - Returns: whether it differs from what was held.
    mutating func set(_ kind: String, _ key: String, line: String) -> Bool {
        self.objects[kind, default: [:]].updateValue(line, forKey: key) != line
    }

    mutating func add(_ kind: String, from: String, to: String) -> Bool {
        if kind == "class_in_school" { self.schoolOfClass[from] = to }
        let key = self.format.relationKey(from: from, to: to)
        return self.relations[kind, default: [:]].updateValue(from.utf8.count, forKey: key) == nil
    }

    mutating func remove(_ kind: String, from: String, to: String) -> Bool {
        if kind == "class_in_school", self.schoolOfClass[from] == to { self.schoolOfClass[from] = nil }
        return self.relations[kind]?.removeValue(forKey: self.format.relationKey(from: from, to: to)) != nil
    }

    func school(ofClass id: String) -> String? { self.schoolOfClass[id] }

    var counts: [String: Int] {
        self.objects.mapValues(\.count).merging(self.relations.mapValues(\.count)) { $0 + $1 }.filter { $0.value > 0 }
    }

    func row(_ kind: String, _ key: String) -> UnikumRow? {
        if let line = self.objects[kind]?[key], let shape = self.format.objectKinds.first(where: { $0.name == kind }) {
            var fields: [String: String] = [:]
            let parts = line.split(separator: self.format.objectDelimiter, omittingEmptySubsequences: false)
            for (column, part) in zip(shape.columns, parts)
            where !part.isEmpty && column != "rowType" && !column.isEmpty {
                fields[column] = String(part)
            }
            return UnikumRow(kind: kind, key: key, fields: fields)
        }
        guard let length = self.relations[kind]?[key] else { return nil }
        let bytes = Array(key.utf8)
        let from = String(decoding: bytes[..<length], as: UTF8.self)
        let to = String(decoding: bytes[(length + self.format.relationKeySeparator.utf8.count)...], as: UTF8.self)
        return UnikumRow(kind: kind, key: key, fields: ["from": from, "to": to])
    }

    /// The keys of a kind in the order of their UTF-8.
    func keys(_ kind: String) -> [String] {
        let keys = self.objects[kind].map { Array($0.keys) } ?? self.relations[kind].map { Array($0.keys) } ?? []
        return keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}

/// The rows of one kind in the order of their keys (as UTF-8), as they were when asked for; made one at a time.
public struct UnikumRows: Sequence, Sendable {
    let kind: String
    let keys: [String]
    let holdings: UnikumHoldings

    /// How many rows there are.
    public var count: Int { self.keys.count }

    public func makeIterator() -> AnyIterator<UnikumRow> {
        var keys = self.keys.makeIterator()
        return AnyIterator {
            while let key = keys.next() {
                if let row = self.holdings.row(self.kind, key) { return row }
            }
            return nil
        }
    }
}

/// The rows of every kind, one kind after the other.
struct UnikumAllRows: Sequence, Sendable {
    let kinds: [UnikumRows]

    func makeIterator() -> AnyIterator<UnikumRow> {
        var kinds = self.kinds.makeIterator()
        var rows = kinds.next()?.makeIterator()
        return AnyIterator {
            while let current = rows {
                if let row = current.next() { return row }
                rows = kinds.next()?.makeIterator()
            }
            return nil
        }
    }
}
