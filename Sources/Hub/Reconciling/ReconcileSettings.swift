public import Mapping
public import Reconciliation
public import SchoolRecords

/// What a system's `reconcile` block says: how its rows hang together, and how it is read.
///
/// ```yaml
/// reconcile:
///   same: {child: [{by: [number], confidence: 1}, {by: [givenName, familyName], confidence: 0.6}]}
///   names: {placement: {child: child, unit: unit}}
///   pages_per_second: 10
/// ```
public struct ReconcileSettings: Sendable, Hashable {
    /// By what rows with different keys are taken for the same.
    public var sameness = SamenessRules([:])
    /// Which fields name other rows.
    public var references = RowReferences([:])
    /// At most so many pages of rows are asked for in a second; `nil` when nothing holds it back.
    public var pagesPerSecond: Double?

    public init() {}

    /// - Parameter settings: everything in `system.yaml`.
    /// - Throws: ``ReconcileSettingsError`` with everything that is wrong in it.
    public init(_ description: SystemDescription) throws {
        guard let block = description.settings["reconcile"] else { return }
        var problems: [String] = []
        func problem(_ place: String, _ text: String) {
            let line = description.line(of: place).map { ":\($0)" } ?? ""
            problems.append("\(description.file)\(line): \(place) \(text)")
        }
        if block.objectValue == nil { problem("reconcile", "needs same, names or pages_per_second.") }
        for part in ["same", "names"] where block[part].map({ $0.objectValue == nil }) ?? false {
            problem("reconcile.\(part)", "needs kinds of rows.")
        }
        for name in (block.objectValue ?? [:]).keys.sorted() where !["same", "names", "pages_per_second"].contains(name) {
            problem("reconcile.\(name)", "isn't known. Known are same, names and pages_per_second.")
        }
        var rules: [String: [SamenessRules.Rule]] = [:]
        for (kind, value) in block["same"]?.objectValue ?? [:] {
            // One that is no list is a rule that says nothing.
            for rule in value.arrayValue ?? [value] {
                let fields = rule["by"]?.arrayValue?.compactMap(\.stringValue) ?? []
                let confidence = rule["confidence"].flatMap(Self.number) ?? 0
                if fields.isEmpty || confidence <= 0 || confidence > 1 {
                    problem("reconcile.same.\(kind)", "needs `by`, a list of fields, and `confidence`, above 0 and at most 1.")
                } else {
                    rules[kind, default: []].append(.init(fields: fields, confidence: confidence))
                }
            }
        }
        self.sameness = SamenessRules(rules)
        var names: [String: [String: String]] = [:]
        for (kind, value) in block["names"]?.objectValue ?? [:] {
            guard let fields = value.objectValue else {
                problem("reconcile.names.\(kind)", "needs fields with the kinds of rows that they name.")
                continue
            }
            for (field, target) in fields {
                if let target = target.stringValue {
                    names[kind, default: [:]][field] = target
                } else {
                    problem("reconcile.names.\(kind).\(field)", "needs a kind of row.")
                }
            }
        }
        self.references = RowReferences(names)
        if let pages = block["pages_per_second"] {
            self.pagesPerSecond = Self.number(pages)
            if (self.pagesPerSecond ?? 0) <= 0 { problem("reconcile.pages_per_second", "needs a number above 0.") }
        }
        if !problems.isEmpty { throw ReconcileSettingsError(problems: problems.sorted()) }
    }

    private static func number(_ value: JSONValue) -> Double? {
        if case .number(let number) = value { return number }
        return value.integerValue.map(Double.init)
    }
}

/// A `reconcile` block can't be understood.
public struct ReconcileSettingsError: DocumentedError, Sendable, CustomStringConvertible {
    public let problems: [String]

    public var description: String { self.problems.joined(separator: "\n") }
    public var code: String { "reconcile-settings" }
    public var section: String { "mappings" }
    public var page: Runbook.Page { .program }
}
