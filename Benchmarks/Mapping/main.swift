import Foundation
import Mapping
import SchoolRecords

// How many person records a second walk through the real mapping to Unikum, beside the same rows made by hand.
//
//     swift run -c release MappingBenchmark [records] [directory of mappings] [the one job to run, for a profiler]
//
// Writes the records to persons.jsonl in the directory that $BENCHMARK_RECORDS names, for pydantic.py.

let count = CommandLine.arguments.dropFirst().first.flatMap(Int.init) ?? 20_000
let directory = CommandLine.arguments.count > 2 ? CommandLine.arguments[2] : "Mappings"
let only = CommandLine.arguments.count > 3 ? CommandLine.arguments[3] : nil
let today = CalendarDate(year: 2026, month: 9, day: 1)
guard let mapping = MappingSet.load(directory: directory).set?.outbound(system: "unikum", entity: .person) else {
    print("\(directory) has no mapping of persons to unikum")
    exit(66)
}
let bodies = (0..<count).map { SamplePupil.body($0) }
let others = SamplePupil.others
let lookedUp = others.mapValues { LookedUp.found($0) }

if let place = ProcessInfo.processInfo.environment["BENCHMARK_RECORDS"] {
    try Data(bodies.joined(separator: Data("\n".utf8))).write(to: URL(fileURLWithPath: place + "/persons.jsonl"))
}

/// Seconds of a core that this thread has used: what else runs on the machine doesn't count.
func coreSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Records a second and core, the best of several rounds.
func measure(_ name: String, _ body: (Int) throws -> Int) rethrows -> Double {
    if let only, only != name { return 0 }
    var best = 0.0
    for _ in 0..<(only == nil ? 5 : 20) {
        let start = coreSeconds()
        var rows = 0
        for index in 0..<count { rows += try body(index) }
        precondition(rows >= count)
        best = max(best, Double(count) / (coreSeconds() - start))
    }
    print("\(name.padding(toLength: 34, withPad: " ", startingAt: 0)) \(Int(best)) records/s")
    return best
}

func mapped(_ document: JSONDocument) throws -> [OutputRow] {
    guard case .rows(let projection) = try mapping.apply(document, today: today, lookedUp: lookedUp) else { return [] }
    return projection.rows
}

func mappedByHand(_ document: JSONValue) -> [OutputRow] { ByHand.rows(document, today: today, lookedUp: others) }

// As many as fit into a cache: a record is mapped right after it was read.
let few = 256
let documents = try bodies.prefix(few).map { try JSONDocument(parsing: $0) }
let values = documents.map(\.value)
for (document, value) in zip(documents, values) {
    let (left, right) = (try mapped(document), mappedByHand(value))
    precondition(left.map(\.fields) == right.map(\.fields) && left.map(\.key) == right.map(\.key), "\(left)\n\(right)")
}
let decoder = JSONDecoder()
_ = try measure("parse, JSONDecoder") { index in
    try decoder.decode(JSONValue.self, from: bodies[index]).isNull ? 0 : 1
}
_ = try measure("parse to a value") { index in try JSONValue(parsing: bodies[index]).isNull ? 0 : 1 }
_ = try measure("parse") { index in
    _ = try JSONDocument(parsing: bodies[index])
    return 1
}
let map = try measure("map") { index in try mapped(documents[index % documents.count]).count }
let hand = measure("map, by hand") { index in mappedByHand(values[index % values.count]).count }
_ = try measure("parse and map") { index in try mapped(JSONDocument(parsing: bodies[index])).count }
_ = try measure("parse and map, by hand") { index in mappedByHand(try JSONValue(parsing: bodies[index])).count }
_ = try measure("parse, check and map") { index in
    try mapped(JSONDocument(SchoolRecord.validate(.person, JSONValue(parsing: bodies[index])))).count
}
if only == nil { print("map, against by hand: \((map / hand * 100).rounded() / 100)") }
