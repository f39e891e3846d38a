import Testing

@testable import RabbitMQBroker

@Suite struct ConfirmWindowTests {
    private func window(_ count: Int) -> ConfirmWindow<Int> {
        var window = ConfirmWindow<Int>()
        for number in 1...count { window.append(number) }
        return window
    }

    @Test func `single answers may come in any order`() {
        var window = self.window(5)
        #expect(window.settle(4, multiple: false) == [4])
        #expect(window.settle(1, multiple: false) == [1])
        #expect(window.settle(4, multiple: false) == [])
        #expect(window.count == 3)
        #expect(window.removeAll() == [2, 3, 5])
    }

    @Test func `a multiple answer takes a prefix without what was answered before`() {
        var window = self.window(10)
        #expect(window.settle(7, multiple: false) == [7])
        #expect(window.settle(8, multiple: true) == [1, 2, 3, 4, 5, 6, 8])
        #expect(window.settle(3, multiple: true) == [])
        #expect(window.settle(0, multiple: true) == [9, 10])
        #expect(window.isEmpty)
    }

    @Test func `unknown tags answer nothing`() {
        var window = self.window(2)
        #expect(window.settle(0, multiple: false) == [])
        #expect(window.settle(3, multiple: false) == [])
        #expect(window.settle(.max, multiple: true) == [])
        #expect(window.count == 2)
    }

    @Test func `tags start at one again after a lost channel`() {
        var window = self.window(3)
        _ = window.removeAll()
        window.append(30)
        #expect(window.settle(1, multiple: false) == [30])
    }

    @Test func `only the first that fits is changed`() {
        var window = self.window(4)
        let changed = window.updateFirst(where: { $0.isMultiple(of: 2) }, { $0 = 20 })
        let changedNone = window.updateFirst(where: { $0 > 100 }, { $0 = 0 })
        #expect(changed && !changedNone)
        #expect(window.removeAll() == [1, 20, 3, 4])
    }

    @Test func `random answers agree with a plain set`() {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        var state = seed
        func random(_ bound: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % bound
        }
        var window = ConfirmWindow<UInt64>()
        var open: Set<UInt64> = []
        var last: UInt64 = 0
        for _ in 0..<50_000 {
            if random(2) == 0 || last == 0 {
                last += 1
                window.append(last)
                open.insert(last)
            } else {
                let tag = last - min(random(600), last - 1)
                let multiple = random(8) == 0
                let expected = multiple ? open.filter { $0 <= tag }.sorted() : open.contains(tag) ? [tag] : []
                #expect(window.settle(tag, multiple: multiple) == expected)
                open.subtract(expected)
            }
            #expect(window.count == open.count)
        }
        #expect(window.removeAll() == open.sorted())
    }
}
