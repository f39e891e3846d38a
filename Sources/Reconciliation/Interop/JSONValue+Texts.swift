public import SchoolRecords

extension JSONValue {
    /// Whether there is a value at a path of names with dots.
    public func hasValue(at path: String) -> Bool { !self.texts(at: path).isEmpty }

    /// Every value at a path of names with dots, of all elements of lists on the way, as text.
    func texts(at path: String) -> [String] { self.texts(path.split(separator: ".")[...]) }

    private func texts(_ steps: ArraySlice<Substring>) -> [String] {
        if case .array(let elements) = self { return elements.flatMap { $0.texts(steps) } }
        if let step = steps.first { return self[String(step)]?.texts(steps.dropFirst()) ?? [] }
        switch self {
        case .string(let text): return text.isEmpty ? [] : [text]
        case .integer(let number): return [String(number)]
        case .number(let number): return [String(number)]
        case .bool(let flag): return [String(flag)]
        case .null, .array, .object: return []
        }
    }
}
