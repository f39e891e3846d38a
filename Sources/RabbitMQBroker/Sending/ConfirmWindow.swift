/// What was published on one channel and has no answer yet, by its publisher tag (1, 2, 3 … since `confirm.select`).
///
/// Answers come singly and out of order, or for a whole prefix (`multiple`); both may mix.
struct ConfirmWindow<Element> {
    private var slots: [Element?] = []
    private var head = 0
    private var firstTag: UInt64 = 1
    /// Elements without an answer.
    private(set) var count = 0

    var isEmpty: Bool { self.count == 0 }

    /// Puts an element in under the next tag.
    mutating func append(_ element: Element) {
        self.slots.append(element)
        self.count += 1
    }

    /// Takes the elements out that an answer is about, in the order of publishing. Unknown tags give nothing.
    mutating func settle(_ tag: UInt64, multiple: Bool) -> [Element] {
        let next = self.firstTag + UInt64(self.slots.count - self.head)
        // Tag 0 with `multiple` means everything so far.
        let last = tag == 0 && multiple ? next - 1 : tag
        guard last >= self.firstTag, last < next else { return [] }
        let index = self.head + Int(last - self.firstTag)
        var settled: [Element] = []
        for slot in (multiple ? self.head : index)...index {
            guard let element = self.slots[slot] else { continue }
            settled.append(element)
            self.slots[slot] = nil
        }
        self.count -= settled.count
        self.dropAnswered()
        return settled
    }

    /// Changes the first element that fits; says whether there was one.
    @discardableResult
    mutating func updateFirst(where fits: (Element) -> Bool, _ change: (inout Element) -> Void) -> Bool {
        for index in self.slots[self.head...].indices {
            guard var element = self.slots[index], fits(element) else { continue }
            change(&element)
            self.slots[index] = element
            return true
        }
        return false
    }

    /// The channel is gone: everything without an answer, in order. Tags start at 1 again.
    mutating func removeAll() -> [Element] {
        let open = self.slots[self.head...].compactMap { $0 }
        self = ConfirmWindow()
        return open
    }

    private mutating func dropAnswered() {
        while self.head < self.slots.count, self.slots[self.head] == nil {
            self.head += 1
            self.firstTag += 1
        }
        if self.head == self.slots.count {
            self.slots.removeAll(keepingCapacity: true)
            self.head = 0
        } else if self.head > 4096 {
            self.slots.removeFirst(self.head)
            self.head = 0
        }
    }
}
