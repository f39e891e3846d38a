import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import SchoolRecords

/// What a request asks for, held against what its operation says of it.
extension APIDoor {
    static func key(_ request: Request, _ operation: APIOperation) throws -> String? {
        guard operation.isRepeatable, let name = HTTPField.Name("Idempotency-Key") else { return nil }
        let values = request.headers[values: name]
        guard let key = values.first else { return nil }
        guard values.count == 1, (1...200).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw APIProblem.badParameter(
                "Idempotency-Key", sv: "ska vara 1 till 200 synliga ASCII-tecken", en: "must be 1 to 200 visible ASCII characters"
            )
        }
        return key
    }

    /// Names and values of a query; a name may come once.
    static func pairs(_ query: String) throws -> [String: [String]] {
        var pairs: [String: [String]] = [:]
        for part in query.split(separator: "&") {
            let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            func decoded(_ text: Substring) -> String? { text.replacing("+", with: " ").removingPercentEncoding }
            guard let name = decoded(halves[0]), let value = halves.count > 1 ? decoded(halves[1]) : "" else {
                throw APIProblem.badParameter("?", sv: "är ingen UTF-8 i procentform", en: "is no UTF-8 in percent form")
            }
            pairs[name, default: []].append(value)
        }
        return pairs
    }

    static func values(
        _ given: [String: [String]], _ fields: [APIField], isPath: Bool
    ) throws -> [String: JSONValue] {
        var values: [String: JSONValue] = [:]
        var faults: [APIFault] = []
        let names = Set(fields.map(\.name))
        for name in given.keys.sorted() where !names.contains(name) {
            faults.append(
                APIFault(pointer: String(name.prefix(60)), sv: "finns inte här", en: "is no parameter of this operation"))
        }
        for field in fields {
            let texts = given[field.name] ?? []
            guard texts.count < 2 else {
                faults.append(APIFault(pointer: field.name, sv: "står två gånger", en: "stands there twice"))
                continue
            }
            guard let text = texts.first else {
                if field.isRequired { faults.append(APIFault(pointer: field.name, sv: "saknas", en: "is missing")) }
                continue
            }
            let value = field.kind.value(of: text) ?? .string(text)
            let wrong = field.kind.faults(in: value, at: field.name)
            // What there can't be isn't there.
            if isPath, !wrong.isEmpty { throw APIProblem.notFound }
            faults += wrong
            values[field.name] = value
        }
        guard faults.isEmpty else { throw APIProblem.badParameters(faults) }
        return values
    }

    func sent(_ request: Request, _ operation: APIOperation) async throws -> (body: JSONValue, records: APIRecords?) {
        let type = request.headers[.contentType]?.split(separator: ";").first?.trimmingCharacters(in: .whitespaces).lowercased()
        switch operation.body {
        case nil: return (.null, nil)
        case .fields(let fields):
            let data = try await Self.bytes(of: request, most: Self.mostBytes)
            let isAllOptional = !fields.contains(where: \.isRequired)
            if data.isEmpty, isAllOptional { return (.object([:]), nil) }
            guard type == "application/json" else { throw APIProblem.unsupportedMedia("application/json") }
            let body = try Self.parsed(data)
            let faults = APIField.faults(in: body, of: fields, at: "")
            guard faults.isEmpty else { throw APIProblem.badBody(faults) }
            return (body, nil)
        case .records:
            guard let type, ["application/json", "text/csv"].contains(type) else {
                throw APIProblem.unsupportedMedia("application/json, text/csv")
            }
            return (
                .null, APIRecords(data: try await Self.bytes(of: request, most: Self.mostRecordBytes), isCSV: type == "text/csv")
            )
        }
    }

    static func parsed(_ data: Data) throws -> JSONValue {
        if let fault = JSONPlace.fault(in: data) { throw APIProblem.malformed(fault) }
        do { return try JSONValue(parsing: data) } catch {
            throw APIProblem.malformed(
                APIFault(pointer: "", sv: "är inget helt JSON-dokument", en: "is no complete JSON document"))
        }
    }

    private static func bytes(of request: Request, most: Int) async throws -> Data {
        if let length = request.headers[.contentLength].flatMap(Int.init), length > most { throw APIProblem.tooLarge(most) }
        var data = Data()
        for try await part in request.body {
            guard data.count + part.readableBytes <= most else { throw APIProblem.tooLarge(most) }
            data.append(contentsOf: part.readableBytesView)
        }
        return data
    }
}
