/// Goes through a list; what it is at has a name.
struct EachRule: Sendable {
    let name: String
    let slot: Int
    let path: RecordPath
}
