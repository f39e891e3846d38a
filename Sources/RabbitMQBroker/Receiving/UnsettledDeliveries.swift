/// The delivery tags of one channel that are not settled yet, in the order of delivery.
///
/// Turns a set of tags into as few settling frames as possible: one for a prefix (`multiple`) and single ones for the
/// rest. A prefix frame never covers a tag that was not asked for.
struct UnsettledDeliveries {
    struct Frame: Equatable {
        var tag: UInt64
        var multiple: Bool
    }

    /// Ascending; settled ones are marked and dropped from the front.
    private var tags: [(tag: UInt64, isOpen: Bool)] = []
    private var head = 0
    private(set) var count = 0

    mutating func add(_ tag: UInt64) {
        self.tags.append((tag, true))
        self.count += 1
    }

    /// The frames that settle these tags. Tags that are unknown or settled before are left out: the broker closes the
    /// channel when it hears one twice.
    mutating func settle(_ wanted: [UInt64]) -> [Frame] {
        var indices: [Int] = []
        for tag in wanted {
            guard let index = self.index(of: tag), self.tags[index].isOpen else { continue }
            self.tags[index].isOpen = false
            indices.append(index)
        }
        self.count -= indices.count
        guard !indices.isEmpty else { return [] }
        // Everything before the first open one is settled, some of it by this call.
        let firstOpen = self.tags[self.head...].firstIndex(where: \.isOpen) ?? self.tags.endIndex
        var frames: [Frame] = []
        let prefix = indices.filter { $0 < firstOpen }
        if let last = prefix.max() { frames.append(Frame(tag: self.tags[last].tag, multiple: prefix.count > 1)) }
        frames += indices.filter { $0 >= firstOpen }.sorted().map { Frame(tag: self.tags[$0].tag, multiple: false) }
        self.head = firstOpen
        if self.head > 1024 || self.head == self.tags.count {
            self.tags.removeFirst(self.head)
            self.head = 0
        }
        return frames
    }

    mutating func removeAll() { self = UnsettledDeliveries() }

    private func index(of tag: UInt64) -> Int? {
        var (low, high) = (self.head, self.tags.count)
        while low < high {
            let middle = (low + high) / 2
            if self.tags[middle].tag < tag { low = middle + 1 } else { high = middle }
        }
        return low < self.tags.count && self.tags[low].tag == tag ? low : nil
    }
}
