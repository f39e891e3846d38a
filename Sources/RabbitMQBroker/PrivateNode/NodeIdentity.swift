/// A node's name in Erlang, and the loopback address at which other nodes find it.
struct NodeIdentity: Sendable {
    let name: String
    let address: String

    /// The same for every node: without epmd a name need not be unique, and the data outlives a lost state file.
    static let alone = NodeIdentity(name: "knutpunkt@localhost", address: "127.0.0.1")

    /// One of several that find each other without epmd: each has an address of its own, all the same port.
    static func member(_ number: Int) -> NodeIdentity {
        NodeIdentity(name: "knutpunkt@127.0.0.\(number)", address: "127.0.0.\(number)")
    }

    /// A host with dots in it is a long name for Erlang.
    var hasLongName: Bool { self.name.contains(".") }
}
