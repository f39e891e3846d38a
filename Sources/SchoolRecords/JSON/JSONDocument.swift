public import Foundation

/// A JSON document that is looked at where it stands: nothing of it is made before it is asked for.
///
/// For who looks at some fields of very many documents, as the mappings do. It takes two pieces of memory, whatever is in it,
/// and never changes. Who wants to change something, or to keep a part of it, takes it as a ``JSONValue``.
public final class JSONDocument: @unchecked Sendable {
    private let bytes: UnsafeMutablePointer<UInt8>
    private let nodes: UnsafeMutablePointer<JSONNode>

    /// Reads one document (RFC 8259, UTF-8).
    ///
    /// - Throws: ``JSONSyntaxError`` when the bytes are cut short or are no JSON.
    public convenience init(parsing data: Data) throws(JSONSyntaxError) {
        self.init(try Self.tape(data))
    }

    private static func tape(_ data: Data) throws(JSONSyntaxError) -> JSONTape {
        do throws(JSONParser.Stop) {
            return try JSONParser.read(data)
        } catch {
            return JSONTape(try JSONValue(data, after: error))
        }
    }

    /// The document that a value is.
    public convenience init(_ value: JSONValue) {
        self.init(JSONTape(value))
    }

    /// Takes what a tape holds.
    init(_ tape: consuming JSONTape) { (self.bytes, self.nodes) = tape.leave() }

    deinit {
        self.bytes.deallocate()
        self.nodes.deallocate()
    }

    /// The whole of it.
    public var value: JSONValue { self.root.value }

    /// Where it begins. What is looked at from there is there as long as the document is.
    package var root: JSONPlace { JSONPlace(bytes: self.bytes, nodes: self.nodes, index: 0) }
}

extension JSONDocument: Hashable {
    /// Whether both say the same, in whatever order and with whatever space.
    public static func == (left: JSONDocument, right: JSONDocument) -> Bool { left === right || left.value == right.value }

    public func hash(into hasher: inout Hasher) { hasher.combine(self.value) }
}
