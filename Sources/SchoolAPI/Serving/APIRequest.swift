import Foundation
import HTTPTypes
import Hummingbird
import Mapping
import NIOCore
import SchoolRecords

/// A request as it came, with whoever sent it.
struct APIRequest: Sendable {
    /// Bytes of a body.
    static let mostBytes = 1 << 20

    let method: HTTPRequest.Method
    /// What stands in the path below `/v2.0`, decoded.
    let steps: [String]
    let query: String?
    let body: Data

    /// A body as JSON.
    ///
    /// - Throws: ``APIError``.
    func json() throws(APIError) -> JSONValue {
        guard let json = try? JSONValue(parsing: self.body), json.objectValue != nil else {
            throw .badRequest(
                "bad-body", sv: "Kroppen är ett JSON-objekt i UTF-8.", en: "The body is a JSON object in UTF-8.")
        }
        return json
    }

    /// A request without parameters.
    ///
    /// - Throws: ``APIError``.
    func demandNoParameters() throws(APIError) {
        if let pair = try QueryPairs(self.query).pairs.first { throw .unknownParameter(pair.name, []) }
    }

    /// - Throws: ``APIError`` for one that is longer than ``mostBytes``; what the connection throws.
    static func body(of request: Request) async throws -> Data {
        let tooLong = APIError(
            413, "too-large", sv: "Kroppen är större än \(Self.mostBytes) byte. Dela upp frågan.",
            en: "The body is larger than \(Self.mostBytes) bytes. Ask in parts.")
        if let length = request.headers[.contentLength].flatMap(Int.init), length > Self.mostBytes { throw tooLong }
        var body = Data()
        for try await part in request.body {
            guard body.count + part.readableBytes <= Self.mostBytes else { throw tooLong }
            body.append(contentsOf: part.readableBytesView)
        }
        return body
    }
}
