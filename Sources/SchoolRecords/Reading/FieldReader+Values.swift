extension FieldReader {
    func text(_ name: String) throws(RecordError) -> String? {
        if let recorder {
            recorder.note(name, .text)
            return ""
        }
        switch self.value(name) {
        case nil: return nil
        case .string(let text): return text
        case .integer(let value): return String(value)
        default: throw self.error(name, "is no text")
        }
    }

    /// A text that the standard has, where its meaning and known servers have true or false.
    func textOrBoolean(_ name: String) throws(RecordError) -> String? {
        if case .bool(let value)? = self.value(name) { return value ? "true" : "false" }
        return try self.text(name)
    }

    /// A record's id in its normal form.
    func id(_ name: String) throws(RecordError) -> String? {
        if let recorder {
            recorder.note(name, .text, .id)
            return "id"
        }
        guard let text = try self.text(name) else { return nil }
        guard !text.isEmpty else { throw self.error(name, "is empty") }
        return RecordKey.normalID(text)
    }

    /// - Parameter range: what the standard allows; `nil` for any number.
    func integer(_ name: String, in range: ClosedRange<Int>? = nil) throws(RecordError) -> Int? {
        if let recorder {
            recorder.note(name, .integer, range.map(FieldForm.range))
            return range?.lowerBound ?? 0
        }
        guard let value = try self.wholeNumber(name) else { return nil }
        if let range, !range.contains(value) {
            throw self.error(name, "is not between \(range.lowerBound) and \(range.upperBound)")
        }
        return value
    }

    private func wholeNumber(_ name: String) throws(RecordError) -> Int? {
        switch self.value(name) {
        case nil: return nil
        case .integer(let value): return Int(value)
        case .number(let value):
            guard let whole = Int(exactly: value) else { throw self.error(name, "is no whole number") }
            return whole
        case .string(let text):
            guard let value = Int(text) else { throw self.error(name, "is no whole number") }
            return value
        default: throw self.error(name, "is no whole number")
        }
    }

    func boolean(_ name: String) throws(RecordError) -> Bool? {
        if let recorder {
            recorder.note(name, .boolean)
            return false
        }
        switch self.value(name) {
        case nil: return nil
        case .bool(let value): return value
        case .string("true"), .string("True"): return true
        case .string("false"), .string("False"): return false
        default: throw self.error(name, "is neither true nor false")
        }
    }

    /// A date, also when the server writes it with a midnight (`2020-08-01T00:00:00`).
    func date(_ name: String) throws(RecordError) -> CalendarDate? {
        if let recorder {
            recorder.note(name, .date)
            return CalendarDate(year: 2000, month: 1, day: 1)
        }
        guard let text = try self.text(name) else { return nil }
        if text.utf8.count == 10, let date = CalendarDate(text) { return date }
        let rest = text.dropFirst(10)
        guard rest.isEmpty || rest.hasPrefix("T00:00:00"), let date = CalendarDate(text.prefix(10)) else {
            throw self.error(name, "is no date of the form yyyy-MM-dd")
        }
        return date
    }

    /// A moment; one without an offset is taken as Swedish time.
    func moment(_ name: String) throws(RecordError) -> Moment? {
        if let recorder {
            recorder.note(name, .text, .moment)
            return Moment("2000-01-01T00:00:00Z")
        }
        guard let text = try self.text(name) else { return nil }
        guard let moment = Moment(text) else { throw self.error(name, "is no time of RFC 3339") }
        return moment
    }

    func timeOfDay(_ name: String) throws(RecordError) -> TimeOfDay? {
        if let recorder {
            recorder.note(name, .text, .timeOfDay)
            return TimeOfDay("00:00")
        }
        guard let text = try self.text(name) else { return nil }
        guard let time = TimeOfDay(text) else { throw self.error(name, "is no time of the form HH:mm") }
        return time
    }

    func code<Code: CodeSet>(_ name: String, _ type: Code.Type = Code.self) throws(RecordError) -> Code? {
        if let recorder {
            recorder.note(name, .text, Code.form)
            return Code.allCases.first
        }
        guard let text = try self.text(name) else { return nil }
        guard let code = Code(code: text) else { throw self.error(name, "is no value of \(Code.name)") }
        return code
    }

    func codes<Code: CodeSet>(_ name: String, _ type: Code.Type = Code.self) throws(RecordError) -> [Code]? {
        if let recorder {
            recorder.note(name, .list(.text), Code.form)
            return []
        }
        guard let elements = try self.elements(name) else { return nil }
        var codes: [Code] = []
        codes.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            guard case .string(let text) = element, let code = Code(code: text) else {
                throw self.error("\(name)[\(index)]", "is no value of \(Code.name)")
            }
            codes.append(code)
        }
        return codes
    }

    func texts(_ name: String) throws(RecordError) -> [String]? {
        if let recorder {
            recorder.note(name, .list(.text))
            return []
        }
        guard let elements = try self.elements(name) else { return nil }
        var texts: [String] = []
        for (index, element) in elements.enumerated() {
            guard case .string(let text) = element else { throw self.error("\(name)[\(index)]", "is no text") }
            texts.append(text)
        }
        return texts
    }

    func marking(_ name: String) -> SecurityMarking? {
        if let recorder {
            recorder.note(name, .text, .openCode(values: ["Ingen", "Sekretessmarkering", "Skyddad folkbokföring"]))
            return SecurityMarking.none
        }
        return self.value(name).map { SecurityMarking(json: $0) }
    }

    /// Four digits; a server that sends a number has lost the leading zero.
    func municipalityCode(_ name: String) throws(RecordError) -> String? {
        guard let text = try self.text(name) else { return nil }
        guard text.utf8.count < 4, !text.isEmpty, CalendarDate.number(text.utf8) != nil else { return text }
        return String(repeating: "0", count: 4 - text.utf8.count) + text
    }

    /// SS 12000: 0 to 10.
    func schoolYear(_ name: String) throws(RecordError) -> Int? { try self.integer(name, in: 0...10) }
}

extension CodeSet {
    fileprivate static var form: FieldForm { .code(name: Self.name, values: Self.allCases.map(\.rawValue)) }
}
