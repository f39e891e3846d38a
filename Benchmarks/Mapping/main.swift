import Foundation
import Mapping
import SchoolRecords

// How many person records a second walk through the real mapping to Unikum, beside the same rows made by hand.
//
//     swift run -c release MappingBenchmark [records] [directory of mappings] [the one job to run, for a profiler]
//
// Prints a JSON line for each job. Writes the records and their rows into the directory that $BENCHMARK_RECORDS names, for
// pydantic_mapping.py.

let count = CommandLine.arguments.dropFirst().first.flatMap(Int.init) ?? 20_000
let directory = CommandLine.arguments.count > 2 ? CommandLine.arguments[2] : "Mappings"
let only = CommandLine.arguments.count > 3 ? CommandLine.arguments[3] : nil
let today = CalendarDate(year: 2026, month: 9, day: 1)
let load = MappingSet.load(directory: directory)
guard let mapping = load.set?.outbound(system: "unikum", entity: .person) else {
    for diagnostic in load.diagnostics { print(diagnostic) }
    print("\(directory) has no mapping of persons to unikum")
    exit(66)
}
let bodies = (0..<count).map { SamplePupil.body($0) }
let others = SamplePupil.others
let lookedUp = others.mapValues { LookedUp.found($0) }

func mapped(_ document: JSONDocument) throws -> [OutputRow] {
    guard case .rows(let projection) = try mapping.apply(document, today: today, lookedUp: lookedUp) else { return [] }
    return projection.rows
}

func mappedByHand(_ document: JSONValue) -> [OutputRow] { ByHand.rows(document, today: today, lookedUp: others) }

if let place = ProcessInfo.processInfo.environment["BENCHMARK_RECORDS"] {
    let rows = try bodies.map { body in
        JSONValue.array(
            try mapped(JSONDocument(parsing: body)).map { row in
                ["kind": .string(row.kind), "key": .string(row.key), "fields": .object(row.fields.mapValues(JSONValue.string))]
            }
        ).canonicalData
    }
    for (name, lines) in [("persons", bodies), ("rows", rows)] {
        try Data(lines.joined(separator: Data("\n".utf8))).write(to: URL(fileURLWithPath: "\(place)/\(name).jsonl"))
    }
}

/// Seconds of a core that this thread has used: what else runs on the machine doesn't count.
func coreSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Records a second and core, the best of several rounds.
func measure(_ job: String, _ peer: String = "swift", _ body: (Int) throws -> Int) rethrows {
    if let only, only != "\(peer): \(job)" { return }
    var best = 0.0
    for _ in 0..<(only == nil ? 5 : 20) {
        let start = coreSeconds()
        var rows = 0
        for index in 0..<count { rows += try body(index) }
        precondition(rows >= count)
        best = max(best, Double(count) / (coreSeconds() - start))
    }
    let line: JSONValue = ["job": .string(job), "peer": .string(peer), "per_second": .integer(Int64(best))]
    print(String(decoding: line.canonicalData, as: UTF8.self))
}

// As many as fit into a cache: a record is mapped right after it was read.
let documents = try bodies.prefix(256).map { try JSONDocument(parsing: $0) }
let values = documents.map(\.value)
for (document, value) in zip(documents, values) {
    let (left, right) = (try mapped(document), mappedByHand(value))
    precondition(left.map(\.fields) == right.map(\.fields) && left.map(\.key) == right.map(\.key), "\(left)\n\(right)")
}
let decoder = JSONDecoder()
try measure("parse", "JSONDecoder") { index in try decoder.decode(JSONValue.self, from: bodies[index]).isNull ? 0 : 1 }
try measure("parse", "by hand") { index in try JSONValue(parsing: bodies[index]).isNull ? 0 : 1 }
try measure("parse") { index in
    _ = try JSONDocument(parsing: bodies[index])
    return 1
}
try measure("parse, check") { index in
    try SchoolRecord.validate(.person, JSONValue(parsing: bodies[index])).isNull ? 0 : 1
}
try measure("map") { index in try mapped(documents[index % documents.count]).count }
measure("map", "by hand") { index in mappedByHand(values[index % values.count]).count }
try measure("parse, map") { index in try mapped(JSONDocument(parsing: bodies[index])).count }
try measure("parse, map", "by hand") { index in mappedByHand(try JSONValue(parsing: bodies[index])).count }
try measure("parse, check, map") { index in
    try mapped(JSONDocument(SchoolRecord.validate(.person, JSONValue(parsing: bodies[index])))).count
}
try measure("parse, check, map", "by hand") { index in
    mappedByHand(try SchoolRecord.validate(.person, JSONValue(parsing: bodies[index]))).count
}
