import Foundation
import Hub
import Mapping
import SQLStores
import SQLiteDatabase
import SchoolRecords

// How long an operator waits with very many failures stored, at the store and in the console's pages, how fast a replay is beside
// normal delivery, and what people who look at live pages cost delivery.
//
//     swift run -c release FailuresBenchmark [--stored N] [--replayed N] [--viewers N] [--mappings DIRECTORY] [--check]
//
// --check ends with status 1 when an answer takes 200 ms or more, a page 100 ms, the replay is slower than half of normal delivery, or
// delivery loses a fifth or more to the viewers.

var (stored, replayed, viewers, mappings, check) = (1_000_000, 10_000, 200, "Mappings", false)
var arguments = CommandLine.arguments.dropFirst()
while let argument = arguments.popFirst() {
    switch argument {
    case "--stored": stored = arguments.popFirst().flatMap(Int.init) ?? stored
    case "--replayed": replayed = arguments.popFirst().flatMap(Int.init) ?? replayed
    case "--viewers": viewers = arguments.popFirst().flatMap(Int.init) ?? viewers
    case "--mappings": mappings = arguments.popFirst() ?? mappings
    case "--check": check = true
    default:
        print("Unknown argument \(argument). See the head of Benchmarks/Failures/main.swift.")
        exit(64)
    }
}

let directory = FileManager.default.temporaryDirectory.path + "/knutpunkt-failures-\(UUID().uuidString)"
try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
defer { try? FileManager.default.removeItem(atPath: directory) }

func openStore(_ name: String) async throws -> any HubStore {
    try await SQLStore.open(
        database: SQLiteDatabase.open(path: "\(directory)/\(name).sqlite"), key: HubKey(material: Data(repeating: 7, count: 32)))
}

guard let set = MappingSet.load(directory: mappings).set else {
    print("\(mappings) holds no mappings")
    exit(66)
}
let many = try await openStore("many")
let slowest = try await Answers(store: many, stored: stored).measure()
let page = try await Pages(store: many, mappings: set).measure()
let rate = ReplayRate(store: try await openStore("replay"), number: replayed)
let ratio = try await rate.measure(set)
let loss = try await rate.slowdown(viewers: viewers, in: set)
let missed = [
    slowest >= 200 ? "an answer took \(slowest) ms" : nil, page >= 100 ? "a page took \(page) ms" : nil,
    ratio < 0.5 ? "the replay ran at \(ratio)" : nil, loss >= 0.2 ? "\(viewers) viewers cost \(loss) of delivery" : nil,
]
for line in missed.compactMap({ $0 }) { print("below target: \(line)") }
if check, missed.contains(where: { $0 != nil }) { exit(1) }
