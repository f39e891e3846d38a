import Foundation

/// A form with files (`multipart/form-data`, RFC 7578).
struct MultipartForm: Sendable {
    struct File: Sendable {
        let name: String
        let content: Data
    }

    private var texts: [String: String] = [:]
    private var files: [String: File] = [:]

    /// - Returns: `nil` when it is none.
    init?(_ body: Data, type: String) {
        guard let boundary = Self.parameter("boundary", of: type), (1...70).contains(boundary.utf8.count) else { return nil }
        let mark = Data("--\(boundary)".utf8)
        guard var place = body.range(of: mark, in: body.startIndex..<body.endIndex)?.upperBound else { return nil }
        while !body[place...].starts(with: Data("--".utf8)) {
            guard body[place...].starts(with: Data("\r\n".utf8)),
                let end = body.range(of: Data("\r\n".utf8) + mark, in: place..<body.endIndex),
                let heads = body.range(of: Data("\r\n\r\n".utf8), in: place..<end.lowerBound)
            else { return nil }
            let lines = String(decoding: body[place..<heads.lowerBound], as: UTF8.self).split(separator: "\r\n")
            guard let disposition = lines.first(where: { $0.lowercased().hasPrefix("content-disposition:") }),
                let name = Self.parameter("name", of: String(disposition))
            else { return nil }
            let content = Data(body[heads.upperBound..<end.lowerBound])
            if let file = Self.parameter("filename", of: String(disposition)) {
                self.files[name] = File(name: file, content: content)
            } else {
                self.texts[name] = String(decoding: content, as: UTF8.self)
            }
            place = end.upperBound
        }
    }

    /// A field, without spaces around it; `nil` when it is empty or not there.
    subscript(_ name: String) -> String? {
        guard let text = self.texts[name]?.trimmingCharacters(in: .whitespacesAndNewlines), !text.isEmpty else { return nil }
        return text
    }

    func file(_ name: String) -> File? { self.files[name] }

    /// A parameter of a header, with or without quotes.
    private static func parameter(_ name: String, of header: String) -> String? {
        for part in header.split(separator: ";").dropFirst() {
            let halves = part.split(separator: "=", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            guard halves.count == 2, halves[0].lowercased() == name else { continue }
            let value = halves[1]
            return value.hasPrefix("\"") && value.hasSuffix("\"") && value.count > 1
                ? String(value.dropFirst().dropLast()) : value
        }
        return nil
    }
}
