import ConnectorKit
import Foundation
import SchoolRecords

/// One page of a list: its `data` as it came.
struct ListPage: Sendable {
    /// The first is 1.
    let number: Int
    let data: JSONValue
}

/// Reads a list page by page to its end: the follow-up request carries only `pageToken` and `limit`, which is what the
/// standard allows. A page that came incomplete is asked for once more.
struct ListReader: Sendable {
    private static let mostEmptyPages = 1000

    let client: SS12000Client
    /// Below the API's path.
    let path: String
    /// The setting that says the path.
    let setting: String
    let query: [(name: String, value: String)]
    let limit: Int?

    /// - Parameter handle: called for each page in order.
    /// - Throws: ``ConnectorFailure``; `CancellationError`; whatever `handle` throws.
    func forEachPage(_ handle: (ListPage) async throws -> Void) async throws {
        var token: String?
        var seen: Set<String> = []
        var emptyPages = 0
        var number = 0
        repeat {
            number += 1
            let (page, next) = try await self.page(number, token: token)
            emptyPages = page.isEmpty ? emptyPages + 1 : 0
            if let next, !seen.insert(next).inserted || emptyPages > Self.mostEmptyPages {
                throw ConnectorFailure(
                    .malformedReply, code: .pageLoop,
                    message: "\(self.name(number)) leads back to a page that was read before; the server would never end. "
                        + "Report it to the system's vendor")
            }
            try await handle(ListPage(number: number, data: page.data))
            token = next
        } while token != nil
    }

    /// The first page only.
    func firstPage() async throws -> ListPage {
        ListPage(number: 1, data: try await self.page(1, token: nil).page.data)
    }

    private func name(_ number: Int) -> String { "\(self.path), page \(number)," }

    // MARK: One page

    private struct Content {
        let data: JSONValue
        let isEmpty: Bool
    }

    private func page(_ number: Int, token: String?) async throws -> (page: Content, next: String?) {
        var pairs = token.map { [("pageToken", $0)] } ?? self.query
        if let limit { pairs.append(("limit", String(limit))) }
        var isSecondTry = false
        while true {
            do {
                let reply = try await self.client.get(self.path, pairs, name: "\(self.path), page \(number)")
                guard reply.status == 200 else { throw self.failure(reply, number, isFirst: token == nil) }
                return try self.content(reply, number)
            } catch let failure as ConnectorFailure where failure.kind == .malformedReply {
                // Once more for a page that came incomplete or as something else.
                guard !isSecondTry, failure.word != .replyTooLarge else { throw failure }
            } catch is CutShort {
                guard !isSecondTry else { throw self.truncated(number, nil) }
            }
            isSecondTry = true
        }
    }

    private func content(_ reply: HTTPReply, _ number: Int) throws(ConnectorFailure) -> (Content, next: String?) {
        let document: JSONValue
        do {
            document = try JSONValue(parsing: reply.body)
        } catch {
            let isJSON = reply.contentType.hasSuffix("json") || reply.contentType.isEmpty
            throw isJSON ? self.truncated(number, reply.body.count) : self.notJSON(reply, number)
        }
        guard let data = document["data"], data.arrayValue != nil || data.objectValue != nil else {
            throw self.wrongShape(number, "has no data")
        }
        switch document["pageToken"] ?? .null {
        case .null: return (self.content(data), nil)
        case .string(let text): return (self.content(data), text.isEmpty ? nil : text)
        case .integer(let value): return (self.content(data), String(value))
        default: throw self.wrongShape(number, "has a pageToken that is no text")
        }
    }

    private func content(_ data: JSONValue) -> Content {
        let lists = data.objectValue.map { $0.values.compactMap(\.arrayValue) } ?? [data.arrayValue ?? []]
        return Content(data: data, isEmpty: lists.allSatisfy(\.isEmpty))
    }

    // MARK: Failures

    private func truncated(_ number: Int, _ bytes: Int?) -> ConnectorFailure {
        ConnectorFailure(
            .malformedReply, code: .pageTruncated,
            message: "\(self.name(number)) came cut short\(bytes.map { " (\($0) bytes)" } ?? "") twice; nothing of this reading "
                + "counts as the whole. Lower page_limit, or look for a proxy that cuts replies")
    }

    private func notJSON(_ reply: HTTPReply, _ number: Int) -> ConnectorFailure {
        ConnectorFailure(
            .malformedReply, code: .notJSON,
            message: "\(self.name(number)) came as \(Self.shown(reply.contentType)) instead of JSON, as a log-in or error page "
                + "does: check connection.base_url and connection.api_path")
    }

    private func wrongShape(_ number: Int, _ what: String) -> ConnectorFailure {
        ConnectorFailure(
            .malformedReply, code: .wrongShape,
            message: "\(self.name(number)) \(what); SS 12000 says {\"data\": […], \"pageToken\": …}. Check "
                + "connection.api_path and \(self.setting)")
    }

    private func failure(_ reply: HTTPReply, _ number: Int, isFirst: Bool) -> ConnectorFailure {
        let code = ServerErrorCode(reply.body).map { " (\($0.text))" } ?? ""
        let name = self.name(number)
        switch reply.status {
        case 404, 405:
            return ConnectorFailure(
                .misconfigured, code: .endpointNotFound,
                message: "\(name) is not there (\(reply.status)): check connection.api_path and \(self.setting)")
        case 400 where !isFirst:
            return ConnectorFailure(
                .transient, code: .pageTokenRefused,
                message: "\(name) was refused (400\(code)): its pageToken is no longer good. The next reading begins anew")
        case 400:
            return ConnectorFailure(
                .misconfigured, code: .requestRefused,
                message: "\(name) was refused (400\(code)): the server takes no \(self.parameters) here; see its documentation")
        default:
            return ConnectorFailure(
                .malformedReply, code: .unexpectedStatus,
                message: "\(name) was answered with \(reply.status)\(code), which SS 12000 does not know")
        }
    }

    /// The names of the query's parameters, never their values.
    private var parameters: String {
        (self.query.map(\.name) + (self.limit == nil ? [] : ["limit"])).reduce(into: [String]()) { names, name in
            if !names.contains(name) { names.append(name) }
        }.joined(separator: ", ")
    }

    /// A media type comes from outside; only its plain characters are shown.
    private static func shown(_ type: String) -> String {
        let shown = type.prefix(40).filter { $0.isASCII && ($0.isLetter || "/.+-".contains($0)) }
        return shown.isEmpty ? "something" : shown
    }
}
