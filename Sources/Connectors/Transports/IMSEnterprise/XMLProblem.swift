/// Why bytes are not the document that was asked for. Holds nothing of the document.
enum XMLProblem: Error, Sendable, Hashable {
    /// The bytes are text in no encoding that they could be in.
    case wrongEncoding
    /// The document ends before its end, or is none.
    case notWhole
    /// It isn't well-formed at this line.
    case notWellFormed(line: Int)
    /// It declares entities or a document type, which no document of these systems does.
    case declaresType
    /// It is another document: its root or name space is another one.
    case anotherDocument
    /// It is well-formed, and its parts are not as the schema has them.
    case wrongShape

    /// What to say of a reply that is this.
    var words: String {
        switch self {
        case .wrongEncoding: "is in another encoding than it says"
        case .notWhole: "ends before its end"
        case .notWellFormed(let line): "is not well-formed XML (line \(line))"
        case .declaresType: "declares a document type, which is not read"
        case .anotherDocument: "is another document than was asked for; check the version in connection.path"
        case .wrongShape: "has its parts in another order or form than the schema"
        }
    }
}
