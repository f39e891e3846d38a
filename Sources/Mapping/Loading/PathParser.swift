import SchoolRecords

/// Reads paths: `emails[type = Skola elev].value`, `enroledAt->parentOrganisation->id`, `addresses[0].locality`.
struct PathParser {
    let scope: PathScope
    let diagnostics: Diagnostics

    struct Parsed {
        let path: RecordPath
        /// What is known of the value at its end; `nil` when nothing is.
        let shape: FieldShape?
        /// Whether it may have several values.
        let isList: Bool
    }

    /// A path; `nil`, with a diagnostic, when the text is none.
    ///
    /// - Parameter position: where the text begins.
    func parse(_ text: String, at position: Position) -> Parsed? {
        guard Self.depth(of: text) <= Self.deepest else {
            self.diagnostics.error("brackets stand within brackets more than \(Self.deepest) deep", at: position)
            return nil
        }
        var reader = Reader(text, position)
        let start = reader.here
        guard let first = reader.name() else {
            self.diagnostics.error("a path must begin with the name of a field", at: start)
            return nil
        }
        var steps: [RecordPath.Step] = []
        var root = RecordPath.Root.record
        var shape: FieldShape?
        var isList = false
        if let name = self.scope.names[first] {
            root = .slot(name.slot)
            shape = name.shape
        } else {
            steps.append(.member(first))
            shape = self.member(first, of: self.scope.record, at: start, "the record")
            if shape == nil, self.scope.record != nil, self.scope.unknownFieldsAreErrors { return nil }
        }
        while !reader.isAtEnd {
            let here = reader.here
            if case .list(let element)? = shape {
                shape = element
                isList = true
            }
            if reader.take("->") {
                guard self.scope.canFollow else {
                    self.diagnostics.error("'->' can't be used here: only mappings to a system look up other records", at: here)
                    return nil
                }
                guard case .reference(let entity)? = shape else {
                    self.diagnostics.error("'->' must stand after a reference to another record", at: here)
                    return nil
                }
                steps.append(.follow(entity))
                shape = .object(entity.shape)
                guard !reader.isAtEnd, !reader.isAt("["), !reader.isAt("->") else { continue }
                let nameStart = reader.here
                guard let name = reader.name() else {
                    self.diagnostics.error("a field's name is expected after '->'", at: nameStart)
                    return nil
                }
                steps.append(.member(name))
                shape = self.member(name, of: entity.shape, at: nameStart, "a \(entity.rawValue)")
                if shape == nil { return nil }
            } else if reader.take(".") {
                let nameStart = reader.here
                guard let name = reader.name() else {
                    self.diagnostics.error("a field's name is expected after '.'", at: nameStart)
                    return nil
                }
                if let known = shape {
                    guard let fields = known.fields else {
                        self.diagnostics.error("there is no '\(name)' here: what stands before it has no fields", at: nameStart)
                        return nil
                    }
                    if case .reference = known, fields.fields[name] == nil {
                        self.diagnostics.error(
                            "a reference has no field '\(name)'", at: nameStart, hint: "write '->' to look up the record")
                        return nil
                    }
                    shape = self.member(name, of: fields, at: nameStart, "what stands before it")
                    if shape == nil, self.scope.unknownFieldsAreErrors { return nil }
                }
                steps.append(.member(name))
            } else if reader.take("[") {
                let innerStart = reader.here
                guard let inner = reader.bracketed() else {
                    self.diagnostics.error("'[' isn't closed", at: here)
                    return nil
                }
                guard let step = self.filter(inner, shape, at: innerStart) else { return nil }
                if case .index = step {} else { isList = true }
                steps.append(step)
            } else {
                self.diagnostics.error(
                    "'\(reader.rest)' can't stand in a path here", at: here, hint: "fields are separated by '.'")
                return nil
            }
        }
        if case .list(let element)? = shape {
            shape = element
            isList = true
        }
        return Parsed(path: RecordPath(root: root, steps: steps, text: text), shape: shape, isList: isList)
    }

    /// More than any mapping needs, and little enough for any stack.
    private static let deepest = 20

    private static func depth(of text: String) -> Int {
        var depth = 0
        var deepest = 0
        for byte in text.utf8 {
            if byte == UInt8(ascii: "[") { depth += 1 }
            if byte == UInt8(ascii: "]") { depth -= 1 }
            deepest = max(deepest, depth)
        }
        return deepest
    }

    private func member(_ name: String, of shape: RecordShape?, at position: Position, _ place: String) -> FieldShape? {
        guard let shape else { return nil }
        if let field = shape.fields[name] { return field }
        if self.scope.unknownFieldsAreErrors {
            self.diagnostics.unknown(
                "field", name, at: position, known: Array(shape.fields.keys) + self.scope.names.keys, in: " of \(place)")
        } else {
            let nearest = Diagnostics.nearest(to: name, in: shape.fields.keys.sorted())
            self.diagnostics.warning(
                "the standard has no field '\(name)' here", at: position, hint: nearest.map { "did you mean '\($0)'?" })
        }
        return nil
    }

    private func filter(_ text: String, _ shape: FieldShape?, at position: Position) -> RecordPath.Step? {
        if let index = Int(text) {
            guard index >= 0 else {
                self.diagnostics.error("elements are counted from 0", at: position)
                return nil
            }
            return .index(index)
        }
        let inner = ConditionParser(scope: self.scope.inside(shape), diagnostics: self.diagnostics)
        var conditions: [Condition] = []
        var offset = 0
        for part in Self.split(text) {
            let leading = part.prefix { $0 == " " }.count
            guard let condition = inner.parse(String(part.dropFirst(leading)), at: position.moved(by: offset + leading)) else {
                return nil
            }
            conditions.append(condition)
            offset += part.count + 1
        }
        return .filter(conditions)
    }

    /// At commas outside of quotation marks and brackets.
    private static func split(_ text: String) -> [Substring] {
        var depth = 0
        var quote: Character?
        var parts: [Substring] = []
        var start = text.startIndex
        for index in text.indices {
            let character = text[index]
            if let open = quote {
                if character == open { quote = nil }
            } else if character == "'" || character == "\"" {
                quote = character
            } else if character == "[" {
                depth += 1
            } else if character == "]" {
                depth -= 1
            } else if character == ",", depth == 0 {
                parts.append(text[start..<index])
                start = text.index(after: index)
            }
        }
        parts.append(text[start...])
        return parts
    }

    private struct Reader {
        private(set) var rest: Substring
        private(set) var here: Position

        init(_ text: String, _ position: Position) {
            self.rest = text[...]
            self.here = position
        }

        var isAtEnd: Bool { self.rest.isEmpty }

        func isAt(_ token: String) -> Bool { self.rest.hasPrefix(token) }

        mutating func take(_ token: String) -> Bool {
            guard self.rest.hasPrefix(token) else { return false }
            self.advance(token.count)
            return true
        }

        private mutating func advance(_ count: Int) {
            self.rest.removeFirst(count)
            self.here = self.here.moved(by: count)
        }

        mutating func name() -> String? {
            let name = self.rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
            guard !name.isEmpty else { return nil }
            self.advance(name.count)
            return String(name)
        }

        /// What stands up to the bracket that closes; the opening one is read already.
        mutating func bracketed() -> String? {
            var depth = 1
            var quote: Character?
            for index in self.rest.indices {
                let character = self.rest[index]
                if let open = quote {
                    if character == open { quote = nil }
                    continue
                }
                switch character {
                case "'", "\"": quote = character
                case "[": depth += 1
                case "]": depth -= 1
                default: break
                }
                if depth == 0 {
                    let inner = String(self.rest[..<index])
                    self.advance(inner.count + 1)
                    return inner
                }
            }
            return nil
        }
    }
}
