import SchoolRecords

extension Evaluation {
    /// The value of an expression; `nil` when there is none, or when the way to it is blocked (see ``isBlocked``).
    ///
    /// - Throws: ``MappingFailure``, also when a value is required of the record and there is none.
    func value(of expression: Expression) throws(MappingFailure) -> JSONValue? {
        guard let trace = self.trace else { return try self.untold(expression) }
        trace.begin(expression)
        let value = try self.untold(expression)
        trace.end(value, isBlocked: self.isBlocked)
        return value
    }

    private func untold(_ expression: Expression) throws(MappingFailure) -> JSONValue? {
        if let when = expression.when, try !self.holds(when) { return self.isBlocked ? nil : try self.end(expression, nil) }
        if self.isBlocked { return nil }
        var found: JSONValue?
        switch expression.source {
        case .path(let path):
            try self.visit(path, all: false) { value throws(MappingFailure) in
                self.trace?.found()
                found = try self.refined(value, expression)
                return found != nil
            }
        case .constant(let value): found = try self.refined(value, expression)
        case .alternatives(let alternatives):
            for alternative in alternatives {
                guard let value = try self.value(of: alternative) else {
                    if self.isBlocked { return nil }
                    continue
                }
                found = try self.refined(value, expression)
                if found != nil { break }
            }
        case .template(let pieces):
            guard let text = try self.filled(pieces, expression) else { break }
            found = try self.refined(.string(text), expression)
        case .count(let path):
            var count: Int64 = 0
            try self.visit(path, all: false) { _ throws(MappingFailure) in
                self.trace?.found()
                count += 1
                return false
            }
            found = try self.refined(.integer(count), expression)
        case .joined(let path, let separator):
            var texts: [String] = []
            try self.visit(path, all: false) { value throws(MappingFailure) in
                self.trace?.found()
                if let text = try self.scalarText(value, expression) { texts.append(text) }
                return false
            }
            found = try self.refined(.string(texts.joined(separator: separator)), expression)
        case .concatenation(let expressions, let separator):
            var texts: [String] = []
            for part in expressions {
                if let text = try self.value(of: part).flatMap(Self.text) { texts.append(text) }
                if self.isBlocked { return nil }
            }
            found = try self.refined(.string(texts.joined(separator: separator)), expression)
        case .holds(let rule): found = try self.refined(.bool(try self.holds(rule)), expression)
        }
        if self.isBlocked { return nil }
        return try self.end(expression, found)
    }

    private func end(_ expression: Expression, _ found: JSONValue?) throws(MappingFailure) -> JSONValue? {
        if let found { return found }
        if let fallback = expression.fallback {
            self.trace?.step("default", fallback)
            return fallback
        }
        guard case .record = expression.requirement else { return nil }
        throw self.failure("mandatory-missing", expression, "\(expression.field) is required and has no value")
    }

    private func filled(_ pieces: [Expression.Piece], _ expression: Expression) throws(MappingFailure) -> String? {
        var text = ""
        for piece in pieces {
            switch piece {
            case .text(let fixed): text += fixed
            case .path(let path):
                var found: String?
                try self.visit(path, all: false) { value throws(MappingFailure) in
                    self.trace?.found()
                    found = try self.scalarText(value, expression)
                    return found != nil
                }
                guard let found else { return nil }
                text += found
            }
        }
        return text
    }

    /// The value after transforms and code table.
    private func refined(_ value: JSONValue, _ expression: Expression) throws(MappingFailure) -> JSONValue? {
        var value = value
        for rule in expression.transforms {
            guard let text = try self.scalarText(value, expression) else { return nil }
            do throws(Transform.Problem) {
                let next = try rule.transform.apply(text, today: self.today)
                self.trace?.step(rule.text, next)
                guard let next else { return nil }
                value = next
            } catch {
                throw self.failure(error.code, expression, "the value for \(expression.field) \(error.message)")
            }
        }
        guard let text = try self.scalarText(value, expression) else { return nil }
        guard let lookup = expression.lookup else { return value }
        let code = lookup.codes[text]
        self.codes?.lookedUp(text, code, lookup, expression)
        if let code {
            let given: JSONValue? = code.text.isEmpty ? nil : .string(code.text)
            self.trace?.step(lookup.written, row: "\(lookup.file):\(code.line)", given)
            return given
        }
        switch lookup.otherwise {
        case .nothing:
            self.trace?.step("\(lookup.written), otherwise nothing", nil)
            return nil
        case .keep:
            self.trace?.step("\(lookup.written), otherwise keep", value)
            return value
        case .value(let other):
            self.trace?.step("\(lookup.written), otherwise value", .string(other))
            return .string(other)
        case .fail:
            // Who counts what is missing wants all of it, not the first of each record.
            if self.codes != nil { return nil }
            throw self.failure(
                "value-without-code", expression,
                "\(Self.shown(text)) has no row in \(lookup.file), column \(lookup.find), for \(expression.field). Add a row",
                table: lookup.file)
        }
    }

    /// A code may be shown, nothing else: not what is long or has other characters, and no identity number.
    private static func shown(_ text: String) -> String { Self.isCode(text) ? "the code \(text)" : "a value" }

    static func isCode(_ text: String) -> Bool {
        let isShort =
            text.count <= 20 && text.allSatisfy { ($0.isASCII && ($0.isLetter || $0.isNumber)) || "ÅÄÖåäö_.-".contains($0) }
        // More digits than the longest codes have (AID labels: six) may be a birth date, a number or a telephone.
        return isShort && text.count(where: \.isNumber) <= 6
    }

    private func scalarText(_ value: JSONValue, _ expression: Expression) throws(MappingFailure) -> String? {
        switch value {
        case .array, .object:
            throw self.failure(
                "bad-value", expression, "the source's value for \(expression.field) is an object or a list, not a text")
        default: return Self.text(value)
        }
    }

    func failure(
        _ code: String, _ expression: Expression, _ text: String, table: String? = nil
    ) -> MappingFailure {
        let place = expression.position
        return MappingFailure(
            code: code, system: self.frame.system, entity: self.frame.entity, file: place.file, line: place.line,
            column: place.column, field: expression.field, table: table,
            message: "\(place.file):\(place.line): \(text).")
    }
}
