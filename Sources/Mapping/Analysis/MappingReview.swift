import SchoolRecords

/// Finds what is allowed and most likely not meant: rules that never apply, values that never come, codes without row.
struct MappingReview {
    let diagnostics: Diagnostics

    func review(_ mapping: OutboundMapping) {
        let finder = OriginFinder(mapping.frame)
        self.review(mapping.frame, finder)
        var isNamed = Set<Int>()
        for rule in mapping.frame.lets { Self.slots(of: rule.expression, &isNamed) }
        for row in mapping.rows {
            var inner = finder
            for each in row.each {
                self.review(each.path, inner, row.position)
                Self.slots(of: each.path, &isNamed)
                inner.add(each)
            }
            if let when = row.when {
                self.review(when, inner)
                Self.slots(of: when, &isNamed)
                if let file = mapping.frame.when { self.contradiction(file.parts + when.parts, inner) }
            }
            for (_, expression) in row.fields {
                self.review(expression, inner)
                Self.slots(of: expression, &isNamed)
            }
            self.purpose(row, mapping.frame, inner)
        }
        self.unused(mapping.frame, isNamed)
    }

    func review(_ mapping: InboundMapping) {
        let frame = mapping.frame
        self.review(frame, OriginFinder(frame))
        var isNamed = Set<Int>()
        for rule in frame.lets { Self.slots(of: rule.expression, &isNamed) }
        self.review(mapping.fields, &isNamed)
        self.unused(frame, isNamed)
        if mapping.fieldUses.contains(where: { $0.isPersonal && $0.purpose == nil }) {
            self.noPurpose("the file takes personal data", frame.position)
        }
    }

    private func review(_ fields: [(name: String, rule: FieldRule)], _ isNamed: inout Set<Int>) {
        for (_, rule) in fields { self.review(rule, &isNamed) }
    }

    private func review(_ rule: FieldRule, _ isNamed: inout Set<Int>) {
        switch rule {
        case .value(let expression):
            self.unreachable(expression)
            Self.slots(of: expression, &isNamed)
        case .object(let inner): self.review(inner, &isNamed)
        case .list(let each, let element):
            Self.slots(of: each.path, &isNamed)
            self.review(element, &isNamed)
        }
    }

    private func review(_ frame: MappingFrame, _ finder: OriginFinder) {
        if let when = frame.when {
            self.review(when, finder)
            self.contradiction(when.parts, finder)
        }
        for rule in frame.lets { self.review(rule.expression, finder) }
    }

    // MARK: Purposes

    private func purpose(_ row: RowRule, _ frame: MappingFrame, _ finder: OriginFinder) {
        guard row.purpose == nil, frame.purpose == nil else { return }
        let isPersonal = row.fields.contains { finder.origins(of: $0.expression).contains(where: \.isPersonal) }
        guard isPersonal, row.fields.contains(where: { $0.expression.purpose == nil }) else { return }
        self.noPurpose("rows of kind \(row.kind) give personal data", row.position)
    }

    private func noPurpose(_ text: String, _ position: Position) {
        self.diagnostics.warning(
            "\(text), and it says no purpose", at: position,
            hint: "write 'purpose: why the system needs it' at the file, the row or the field")
    }

    // MARK: Never reached

    private func unreachable(_ expression: Expression) {
        guard case .alternatives(let alternatives) = expression.source else { return }
        for alternative in alternatives { self.unreachable(alternative) }
        if let index = alternatives.firstIndex(where: \.alwaysGives), index + 1 < alternatives.count {
            self.diagnostics.warning(
                "this is never reached: the one before it always has a value", at: alternatives[index + 1].position)
        }
    }

    private func unused(_ frame: MappingFrame, _ isNamed: Set<Int>) {
        for rule in frame.lets where !isNamed.contains(rule.slot) {
            self.diagnostics.warning("nothing uses the name '\(rule.name)'", at: rule.expression.position)
        }
    }

    /// Two conditions on the same field that no value fulfils both.
    private func contradiction(_ parts: [WhenRule.Part], _ finder: OriginFinder) {
        var known: [Set<FieldUse.Origin>: (values: Set<String>, text: String)] = [:]
        for part in parts {
            guard let (path, values) = part.condition.allowed else { continue }
            // Elements of a list can fulfil one condition each.
            guard path.steps.allSatisfy({ if case .member = $0 { true } else { false } }), path.steps.count == 1 else { continue }
            let origins = finder.origins(of: path)
            if let (earlier, text) = known[origins], earlier.isDisjoint(with: values) {
                self.diagnostics.warning(
                    "this never holds together with '\(text)', so the rule is never reached", at: part.position)
            }
            known[origins] = (values, part.text)
        }
    }

    // MARK: Values and codes of the standard

    private func review(_ expression: Expression, _ finder: OriginFinder) {
        self.unreachable(expression)
        for when in expression.conditions { self.review(when, finder) }
        for path in expression.paths { self.review(path, finder, expression.position) }
        for inner in expression.inner { self.review(inner, finder) }
        guard let lookup = expression.lookup, case .fail = lookup.otherwise, expression.transforms.isEmpty,
            case .path(let path) = expression.source
        else { return }
        for origin in finder.origins(of: path).sorted() {
            let missing = (StandardCodes.codes(of: origin) ?? []).filter { lookup.codes[$0] == nil }
            guard !missing.isEmpty else { continue }
            self.diagnostics.warning(
                "\(lookup.file) has no row in column \(lookup.find) for \(missing.count) values that \(origin.path) can have: "
                    + missing.sorted().joined(separator: ", "), at: expression.position,
                hint: "add rows, or say what to do without one: 'otherwise'")
        }
    }

    private func review(_ when: WhenRule, _ finder: OriginFinder) {
        for part in when.parts { self.review(part.condition, finder, part.position, []) }
    }

    private func review(_ path: RecordPath, _ finder: OriginFinder, _ position: Position) {
        for (index, step) in path.steps.enumerated() {
            guard case .filter(let conditions) = step else { continue }
            let prefix = RecordPath(root: path.root, steps: Array(path.steps[..<index]), text: "")
            for condition in conditions { self.review(condition, finder, position, finder.origins(of: prefix)) }
        }
    }

    /// - Parameter element: where paths of the condition begin, in a filter.
    private func review(
        _ condition: Condition, _ finder: OriginFinder, _ position: Position, _ element: Set<FieldUse.Origin>
    ) {
        switch condition {
        case .all(let parts), .any(let parts): for part in parts { self.review(part, finder, position, element) }
        case .not(let part): self.review(part, finder, position, element)
        case .exists(let path), .period(let path, _, _), .holdsText(let path, _, _): self.review(path, finder, position)
        case .isIn(let path, let texts): self.values(texts, of: path, finder, position, element)
        case .compare(let path, let comparison, .text(let text)) where comparison == .equal || comparison == .notEqual:
            self.values([text], of: path, finder, position, element)
        case .compare(let path, _, _): self.review(path, finder, position)
        }
    }

    private func values(
        _ texts: Set<String>, of path: RecordPath, _ finder: OriginFinder, _ position: Position,
        _ element: Set<FieldUse.Origin>
    ) {
        self.review(path, finder, position)
        var origins = finder.origins(of: path)
        if !element.isEmpty, case .record = path.root, case .member(let name)? = path.steps.first, path.steps.count == 1 {
            origins = Set(element.map { .init(entity: $0.entity, path: $0.path.isEmpty ? name : "\($0.path).\(name)") })
        }
        guard origins.count == 1, let origin = origins.first, let codes = StandardCodes.codes(of: origin) else { return }
        for text in texts.sorted() where !codes.contains(text) {
            let nearest = Diagnostics.nearest(to: text, in: codes)
            self.diagnostics.warning(
                "\(origin.path) is never '\(text)' in the standard", at: position,
                hint: nearest.map { "did you mean '\($0)'?" } ?? "known: \(codes.sorted().joined(separator: ", "))")
        }
    }

    // MARK: Names

    private static func slots(of path: RecordPath, _ slots: inout Set<Int>) {
        if case .slot(let slot) = path.root { slots.insert(slot) }
        for step in path.steps {
            if case .filter(let conditions) = step { for condition in conditions { Self.slots(of: condition, &slots) } }
        }
    }

    private static func slots(of when: WhenRule, _ slots: inout Set<Int>) {
        for part in when.parts { Self.slots(of: part.condition, &slots) }
    }

    private static func slots(of condition: Condition, _ slots: inout Set<Int>) {
        for path in condition.paths { Self.slots(of: path, &slots) }
    }

    private static func slots(of expression: Expression, _ slots: inout Set<Int>) {
        for when in expression.conditions { Self.slots(of: when, &slots) }
        for path in expression.paths { Self.slots(of: path, &slots) }
        for inner in expression.inner { Self.slots(of: inner, &slots) }
    }
}

extension Condition {
    /// The values that a field must have one of, when the condition says just that.
    fileprivate var allowed: (path: RecordPath, values: Set<String>)? {
        switch self {
        case .isIn(let path, let texts): (path, texts)
        case .compare(let path, .equal, .text(let text)): (path, [text])
        default: nil
        }
    }
}
