import SchoolAPI
import TestChance
import Testing

@Suite("A sorted walk longer than what is kept at once")
struct SortedRunTests {
    @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6]) func `is made of runs that follow each other`(seed: UInt64) {
        var chance = SeededRandom(seed: seed)
        let count = Int.random(in: 0...300, using: &chance)
        let isDescending = Bool.random(using: &chance)
        let all = (0..<count).map { number in
            let value = Int.random(in: 0..<40, using: &chance)
            return SortPlace(value: value == 0 ? nil : String(value), id: "id-\(number)")
        }.shuffled(using: &chance)
        var walked: [SortPlace] = []
        var runs = 0
        while true {
            var run = SortedRun(descending: isDescending, most: 17)
            let last = walked.last
            for place in all where last.map({ $0.isBefore(place, descending: isDescending) }) ?? true { run.add(place) }
            run.trim()
            #expect(run.places.count <= 17)
            #expect(run.hasMore == (walked.count + run.places.count < count))
            walked += run.places
            runs += 1
            guard run.hasMore, runs <= count else { break }
        }
        #expect(walked == all.sorted { $0.isBefore($1, descending: isDescending) }, "seed \(seed)")
        #expect(Set(walked).count == count)
    }
}
