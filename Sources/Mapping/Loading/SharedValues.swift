/// Gives out places for what a file asks for in the same words more than once, so that it is computed once for a record.
///
/// Only what depends on nothing but the record and the day has a place: see ``RecordPath/isSelfContained``.
final class SharedValues {
    private var places: [[String]: Int] = [:]

    var count: Int { self.places.count }

    /// The place of what is asked for in these words.
    private func place(_ words: [String]) -> Int {
        if let place = self.places[words] { return place }
        self.places[words] = self.places.count
        return self.places.count - 1
    }

    /// The value of a path after transforms. A path alone is found as quickly as a place.
    func place(_ source: Expression.Source, _ transforms: [TransformRule]) -> Int? {
        guard case .path(let path) = source, path.isSelfContained, path.hasFilter || !transforms.isEmpty,
            transforms.allSatisfy(\.isWrittenOut)
        else { return nil }
        return self.place(["value", path.text] + transforms.map(\.text))
    }

    /// Whether conditions hold.
    func place(_ parts: [WhenRule.Part]) -> Int? {
        guard parts.allSatisfy({ $0.isWrittenOut && $0.condition.paths.allSatisfy(\.isSelfContained) }) else { return nil }
        return self.place(["when"] + parts.map(\.text))
    }
}
