import Foundation
import Hub
import SQLStores
import SQLiteDatabase
import SchoolRecords

// How long an operator waits with very many failures stored, and how fast a replay is beside normal delivery.
//
//     swift run -c release FailuresBenchmark [--stored N] [--replayed N] [--mappings DIRECTORY] [--check]
//
// --check ends with status 1 when an answer takes 200 ms or more, or the replay is slower than half of normal delivery.

var (stored, replayed, mappings, check) = (1_000_000, 10_000, "Mappings", false)
var arguments = CommandLine.arguments.dropFirst()
while let argument = arguments.popFirst() {
    switch argument {
    case "--stored": stored = arguments.popFirst().flatMap(Int.init) ?? stored
    case "--replayed": replayed = arguments.popFirst().flatMap(Int.init) ?? replayed
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

let slowest = try await Answers(store: openStore("many"), stored: stored).measure()
let ratio = try await ReplayRate(store: openStore("replay"), number: replayed, mappings: mappings).measure()
let missed = [slowest >= 200 ? "an answer took \(slowest) ms" : nil, ratio < 0.5 ? "the replay ran at \(ratio)" : nil]
for line in missed.compactMap({ $0 }) { print("below target: \(line)") }
if check, missed.contains(where: { $0 != nil }) { exit(1) }
