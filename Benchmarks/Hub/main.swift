// The hub as a whole, by the figures that it holds itself to; Benchmarks/run starts brokers for it and makes the table.
//
//     HubBenchmark broker HOST PORT SCALE MAPPINGS
//     HubBenchmark hub HOST PORT SCALE MAPPINGS EXECUTABLE DIRECTORY
//     HubBenchmark compare PERSONS
//
// Prints a line of JSON for each job.

import Foundation
import StandIns

let arguments = Array(CommandLine.arguments.dropFirst())

func usage() -> Never {
    FileHandle.standardError.write(
        Data(
            """
            usage: HubBenchmark broker HOST PORT SCALE MAPPINGS
                   HubBenchmark hub HOST PORT SCALE MAPPINGS EXECUTABLE DIRECTORY
                   HubBenchmark compare PERSONS

            """.utf8))
    exit(64)
}

/// `small`, `lulea`, or a number of children.
func scale(_ text: String) -> SyntheticMunicipality.Scale {
    switch text {
    case "small": return .small
    case "lulea": return .lulea
    default:
        guard let children = Int(text), children > 0 else { usage() }
        return .custom(children: children)
    }
}

switch arguments.first {
case "broker" where arguments.count == 5:
    try await BrokerAlone(
        url: "amqp://guest:guest@\(arguments[1]):\(arguments[2])/", scale: scale(arguments[3]), mappings: arguments[4]
    ).measure()
case "hub" where arguments.count == 7:
    try await WholeHub(
        url: "amqp://guest:guest@\(arguments[1]):\(arguments[2])/", scale: scale(arguments[3]), mappings: arguments[4],
        executable: arguments[5], directory: arguments[6]
    ).measure()
case "compare" where arguments.count == 2:
    guard let persons = Int(arguments[1]), persons > 0 else { usage() }
    try Comparing(persons: persons, directory: FileManager.default.temporaryDirectory.path).measure()
default: usage()
}
