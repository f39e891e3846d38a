import SchoolRecords

extension Evaluation {
    /// The value of an expression; `nil` when there is none, or when the way to it is blocked (see ``isBlocked``).
    ///
    /// - Throws: ``MappingFailure``, also when a value is required of the record and there is none.
    func value(of expression: Expression) throws(MappingFailure) -> Found? {
        guard let trace = self.trace else { return try self.untold(expression) }
        trace.begin(expression)
        let value = try self.untold(expression)
        trace.end(value?.scalar, isBlocked: self.isBlocked)
        return value
    }

    private func untold(_ expression: Expression) throws(MappingFailure) -> Found? {
        if let when = expression.when, !self.holds(when) { return self.isBlocked ? nil : try self.missing(expression) }
        if self.isBlocked { return nil }
        let found = try self.found(expression)
        if self.isBlocked { return nil }
        if let found { return found }
        return try self.missing(expression)
    }

    /// What stands for a value that isn't there.
    private func missing(_ expression: Expression) throws(MappingFailure) -> Found? {
        if let fallback = expression.fallback {
            self.trace?.step("default", fallback)
            return .made(fallback)
        }
        guard case .record = expression.requirement else { return nil }
        throw self.failure(.mandatoryMissing, expression, "\(expression.field) is required and has no value")
    }

    private func found(_ expression: Expression) throws(MappingFailure) -> Found? {
        switch expression.source {
        case .path(let path):
            return try self.shared(expression.sharedPlace) { () throws(MappingFailure) in
                try self.harvest(.refined, path, for: expression).found
            }
        case .constant(let value): return try self.refined(.made(value), expression)
        case .alternatives(let alternatives):
            for alternative in alternatives {
                if let value = try self.value(of: alternative), let found = try self.refined(value, expression) { return found }
                if self.isBlocked { return nil }
            }
            return nil
        case .template(let pieces):
            guard let text = try self.filled(pieces, expression) else { return nil }
            return try self.refined(.made(.string(text)), expression)
        case .count(let path):
            let count = try self.harvest(.count, path, for: expression).count
            return try self.refined(.made(.integer(Int64(count))), expression)
        case .joined(let path, let separator):
            let texts = try self.harvest(.texts, path, for: expression).texts
            return try self.refined(.made(.string(texts.joined(separator: separator))), expression)
        case .concatenation(let expressions, let separator):
            var texts: [String] = []
            for part in expressions {
                if let text = try self.value(of: part)?.text { texts.append(text) }
                if self.isBlocked { return nil }
            }
            return try self.refined(.made(.string(texts.joined(separator: separator))), expression)
        case .holds(let rule): return try self.refined(.made(.bool(self.holds(rule))), expression)
        }
    }

    private func filled(_ pieces: [Expression.Piece], _ expression: Expression) throws(MappingFailure) -> String? {
        var text = ""
        for piece in pieces {
            switch piece {
            case .text(let fixed): text += fixed
            case .path(let path):
                guard let found = try self.harvest(.firstText, path, for: expression).texts.first else { return nil }
                text += found
            }
        }
        return text
    }

    /// The value after transforms and code table.
    func refined(_ value: Found, _ expression: Expression) throws(MappingFailure) -> Found? {
        if expression.isPlain, value.isGivenScalar { return value }
        try self.checkScalar(value, expression)
        if expression.isPlain { return nil }
        guard var text = value.text else { return nil }
        var value = value
        for rule in expression.transforms {
            do throws(Transform.Problem) {
                let next = try rule.transform.apply(text, today: self.today)
                self.trace?.step(rule.text, next)
                guard let next, let nextText = Self.text(next) else { return nil }
                text = nextText
                value = .made(next)
            } catch {
                throw self.failure(error.code, expression, "the value for \(expression.field) \(error.message)")
            }
        }
        guard let lookup = expression.lookup else { return value }
        return try self.lookedUp(text, value, lookup, expression)
    }

    private func lookedUp(
        _ text: String, _ value: Found, _ lookup: CodeLookup, _ expression: Expression
    ) throws(MappingFailure) -> Found? {
        let code = lookup.codes[text]
        self.codes?.lookedUp(text, code, lookup, expression)
        if let code {
            let given: JSONValue? = code.text.isEmpty ? nil : .string(code.text)
            self.trace?.step(lookup.written, row: "\(lookup.file):\(code.line)", given)
            return given.map(Found.made)
        }
        switch lookup.otherwise {
        case .nothing:
            self.trace?.step("\(lookup.written), otherwise nothing", nil)
            return nil
        case .keep:
            self.trace?.step("\(lookup.written), otherwise keep", value.scalar)
            return value
        case .value(let other):
            self.trace?.step("\(lookup.written), otherwise value", .string(other))
            return .made(.string(other))
        case .fail:
            // Who counts what is missing wants all of it, not the first of each record.
            if self.codes != nil { return nil }
            throw self.failure(
                .valueWithoutCode, expression,
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

    /// A value can't be a list or an object.
    func checkScalar(_ value: Found, _ expression: Expression) throws(MappingFailure) {
        guard !value.isScalar else { return }
        throw self.failure(
            .badValue, expression, "the source's value for \(expression.field) is an object or a list, not a text")
    }

    func failure(
        _ code: MappingFailure.Code, _ expression: Expression, _ text: String, table: String? = nil
    ) -> MappingFailure {
        let place = expression.position
        return MappingFailure(
            code: code, system: self.frame.system, entity: self.frame.entity, file: place.file, line: place.line,
            column: place.column, field: expression.field, table: table,
            message: "\(place.file):\(place.line): \(text).")
    }
}
