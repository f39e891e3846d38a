import SchoolRecords

/// A value that a path leads to.
enum Found: Sendable {
    /// In a document.
    case place(JSONPlace)
    /// Made by the mapping: what `let` names, a part of a text. Has nothing in it.
    case made(JSONValue)

    /// A scalar as text; `nil` for what is none, and for an empty text.
    var text: String? {
        switch self {
        case .place(let place):
            guard let text = place.string else { return Evaluation.text(place.scalar) }
            return text.isEmpty ? nil : text
        case .made(let value): return Evaluation.text(value)
        }
    }

    /// The value itself, without what is in it.
    var scalar: JSONValue {
        switch self {
        case .place(let place): place.scalar
        case .made(let value): value
        }
    }

    /// Whether it is no list and no object.
    var isScalar: Bool {
        switch self {
        case .place(let place): !place.isArray && !place.isObject
        case .made: true
        }
    }

    /// Whether it is one value, and not null or an empty text.
    var isGivenScalar: Bool {
        switch self {
        case .place(let place): place.kind == .scalar && !place.isEmptyString
        case .made(let value): Evaluation.text(value) != nil
        }
    }

    var isEmptyText: Bool {
        switch self {
        case .place(let place): place.isEmptyString
        case .made(let value): value == ""
        }
    }
}

extension JSONPlace {
    /// The value; of a list or an object an empty one.
    var scalar: JSONValue {
        switch self.kind {
        case .null, .scalar: self.value
        case .array: .array([])
        case .object: .object(JSONObject())
        }
    }
}
