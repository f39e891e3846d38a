public import SchoolRecords

/// Which fields of a record somebody gets: all below a name, or only some of them.
public indirect enum ProvidedFields: Sendable, Hashable {
    case whole
    case parts([String: ProvidedFields])

    /// Nothing.
    public static let none = ProvidedFields.parts([:])

    /// With one more field.
    ///
    /// - Parameter path: names with dots, e.g. `enrolments.schoolType`.
    public mutating func add(_ path: String) { self.add(path.split(separator: ".")[...]) }

    private mutating func add(_ path: ArraySlice<Substring>) {
        guard case .parts(var parts) = self else { return }
        guard let name = path.first.map(String.init) else {
            self = .whole
            return
        }
        var inner = parts[name] ?? .none
        inner.add(path.dropFirst())
        parts[name] = inner
        self = .parts(parts)
    }

    /// What is got below a name; `nil` for a name that isn't got.
    public subscript(name: String) -> ProvidedFields? {
        switch self {
        case .whole: .whole
        case .parts(let parts): parts[name]
        }
    }

    /// Whether a field is got with everything below it.
    ///
    /// - Parameter path: names with dots. A reference's `id` is got when the reference is.
    public func has(_ path: String, of shape: RecordShape) -> Bool { self.has(path.split(separator: ".")[...], .object(shape)) }

    private func has(_ path: ArraySlice<Substring>, _ shape: FieldShape?) -> Bool {
        if case .list(let element)? = shape { return self.has(path, element) }
        if case .reference? = shape { return true }
        guard let name = path.first.map(String.init) else { return self == .whole }
        guard let inner = self[name] else { return false }
        return inner.has(path.dropFirst(), shape?.fields?.fields[name])
    }

    /// The paths that were named, in their order.
    public var paths: [String] { self.paths("").sorted() }

    private func paths(_ prefix: String) -> [String] {
        switch self {
        case .whole: [prefix]
        case .parts(let parts):
            parts.flatMap { name, inner in inner.paths(prefix.isEmpty ? name : "\(prefix).\(name)") }
        }
    }
}
