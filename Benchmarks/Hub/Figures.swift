import Foundation

/// Resident memory now, in MiB.
func memory() -> Double {
    let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ").dropFirst().first
    return Double(Int(pages ?? "0") ?? 0) * Double(sysconf(Int32(_SC_PAGESIZE))) / 1_048_576
}

/// Seconds that something takes.
func seconds(_ body: () async throws -> Void) async rethrows -> Double {
    let began = ContinuousClock.now
    try await body()
    return (ContinuousClock.now - began) / .seconds(1)
}

/// A line of JSON on standard output.
func report(_ job: String, _ figures: KeyValuePairs<String, Double>) {
    let fields = figures.map { "\"\($0.key)\":\(($0.value * 1000).rounded() / 1000)" }
    print("{\"peer\":\"hub\",\"job\":\"\(job)\",\(fields.joined(separator: ","))}")
    fflush(nil)
}
