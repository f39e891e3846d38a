import Foundation

/// One element of a document with everything in it. Names are local: a prefix is cut off.
struct XMLTree: Sendable, Hashable {
    let name: String
    var attributes: [String: String] = [:]
    /// The text of a leaf, as it came; of an element with children it is white space at most.
    var text = ""
    var children: [XMLTree] = []

    init(_ name: String, attributes: [String: String] = [:], text: String = "", children: [XMLTree] = []) {
        self.name = name
        self.attributes = attributes
        self.text = text
        self.children = children
    }

    /// The first child of a name.
    subscript(name: String) -> XMLTree? { self.children.first { $0.name == name } }

    /// The children of a name, in order.
    func all(_ name: String) -> [XMLTree] { self.children.filter { $0.name == name } }

    /// The text below a path of names, without the white space around it; `nil` when there is none.
    func value(_ path: String...) -> String? {
        var tree = self
        for name in path {
            guard let next = tree[name] else { return nil }
            tree = next
        }
        let text = tree.text.trimmingCharacters(in: .whitespacesAndNewlines)
        return text.isEmpty ? nil : text
    }
}
