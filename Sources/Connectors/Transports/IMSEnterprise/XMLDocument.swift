import Foundation
import FoundationXML

/// Reads a document child by child of its root, so that no more than one of them is in memory.
enum XMLDocument {
    /// Hands over each child of the root, in order; text between them is passed over.
    ///
    /// - Parameters:
    ///   - root: the name that the root must have.
    ///   - nameSpace: the name space that the root must declare; `nil` where documents come with one and without.
    ///   - isOneByteUndeclared: see ``XMLBytes/utf8(_:isOneByteUndeclared:)``.
    ///   - handle: called for each child; what it was given counts only after the return.
    /// - Throws: ``XMLProblem``; what `handle` throws.
    static func read(
        _ data: Data, root: String, nameSpace: String?, isOneByteUndeclared: Bool = false,
        _ handle: (XMLTree) throws(XMLProblem) -> Void
    ) throws(XMLProblem) {
        let bytes = try XMLBytes.utf8(data, isOneByteUndeclared: isOneByteUndeclared)
        try self.refuseTypes(bytes)
        let result: Result<Void, XMLProblem> = withoutActuallyEscaping(handle) { handle in
            // From a stream: given whole, what is longer than ten million bytes is refused by the library below.
            let parser = XMLParser(stream: InputStream(data: bytes))
            let reader = Reader(root: root, nameSpace: nameSpace, handle: handle)
            parser.delegate = reader
            // Whether it was a document is not what this returns: it is true of one that was cut off.
            _ = parser.parse()
            parser.delegate = nil
            if let problem = reader.problem { return .failure(problem) }
            return reader.isWhole ? .success(()) : .failure(.notWhole)
        }
        try result.get()
    }

    /// The whole document as one tree; for small ones.
    static func tree(
        _ data: Data, root: String, nameSpace: String?, isOneByteUndeclared: Bool = false
    ) throws(XMLProblem) -> XMLTree {
        var tree = XMLTree(root)
        try self.read(data, root: root, nameSpace: nameSpace, isOneByteUndeclared: isOneByteUndeclared) {
            child throws(XMLProblem) in tree.children.append(child)
        }
        return tree
    }

    /// Entities that are declared can grow beyond all bounds, and name files.
    private static func refuseTypes(_ bytes: Data) throws(XMLProblem) {
        var rest = bytes[...]
        while let open = rest.firstIndex(of: UInt8(ascii: "<")) {
            rest = rest[open...].dropFirst()
            guard let next = rest.first else { throw .notWhole }
            if rest.starts(with: Array("!--".utf8)) {
                guard let end = rest.firstRange(of: Data("-->".utf8)) else { throw .notWhole }
                rest = rest[end.upperBound...]
            } else if next == UInt8(ascii: "?") {
                guard let end = rest.firstRange(of: Data("?>".utf8)) else { throw .notWhole }
                rest = rest[end.upperBound...]
            } else if next == UInt8(ascii: "!") {
                throw .declaresType
            } else {
                return
            }
        }
        throw .notWhole
    }

    private final class Reader: NSObject, XMLParserDelegate {
        private let root: String
        private let nameSpace: String?
        private let handle: (XMLTree) throws(XMLProblem) -> Void
        private var open: [XMLTree] = []
        private(set) var problem: XMLProblem?
        private(set) var isWhole = false

        init(root: String, nameSpace: String?, handle: @escaping (XMLTree) throws(XMLProblem) -> Void) {
            self.root = root
            self.nameSpace = nameSpace
            self.handle = handle
        }

        private func stop(_ parser: XMLParser, _ problem: XMLProblem) {
            if self.problem == nil { self.problem = problem }
            parser.abortParsing()
        }

        private static func local(_ name: String) -> String {
            name.utf8.firstIndex(of: UInt8(ascii: ":")).map { String(name[name.index(after: $0)...]) } ?? name
        }

        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
            attributes: [String: String]
        ) {
            guard self.problem == nil else { return }
            let tree = XMLTree(
                Self.local(name), attributes: attributes.filter { !$0.key.hasPrefix("xmlns") && !$0.key.contains(":") })
            if self.open.isEmpty {
                let prefix = name.split(separator: ":").count == 2 ? name.prefix { $0 != ":" } : ""
                let declared = attributes[prefix.isEmpty ? "xmlns" : "xmlns:\(prefix)"]
                guard tree.name == self.root, self.nameSpace == nil || declared == self.nameSpace, !self.isWhole else {
                    return self.stop(parser, .anotherDocument)
                }
            }
            self.open.append(tree)
        }

        func parser(_ parser: XMLParser, foundCharacters text: String) {
            guard self.open.count > 1 else { return }
            self.open[self.open.count - 1].text += text
        }

        func parser(_ parser: XMLParser, foundCDATA data: Data) {
            guard self.open.count > 1 else { return }
            self.open[self.open.count - 1].text += String(decoding: data, as: UTF8.self)
        }

        func parser(
            _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
        ) {
            guard self.problem == nil, let tree = self.open.popLast() else { return }
            switch self.open.count {
            case 0: self.isWhole = true
            case 1:
                do throws(XMLProblem) { try self.handle(tree) } catch { self.stop(parser, error) }
            default: self.open[self.open.count - 1].children.append(tree)
            }
        }

        func parser(_ parser: XMLParser, parseErrorOccurred error: any Error) {
            guard self.problem == nil else { return }
            // 5 is a document that ends before its end.
            self.problem = (error as NSError).code == 5 && !self.isWhole ? .notWhole : .notWellFormed(line: parser.lineNumber)
        }
    }
}
