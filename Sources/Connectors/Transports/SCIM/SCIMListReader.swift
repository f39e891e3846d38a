import ConnectorKit
import Foundation
import SchoolRecords

/// Reads a list of objects page by page (RFC 7644, 3.4.2.4). A page that came incomplete is asked for once more; a list whose length
/// changes while it is read is read anew, since its pages then overlap or have gaps.
struct SCIMListReader: Sendable {
    struct Page: Sendable {
        let objects: [JSONValue]
        let total: Int
    }

    private static let mostReadings = 5

    let client: SCIMClient
    let path: String

    /// - Parameter handle: called for each page, for some objects more than once when the list is read anew.
    /// - Throws: ``ConnectorFailure``; `CancellationError`; whatever `handle` throws.
    func forEachPage(_ handle: ([JSONValue]) async throws -> Void) async throws {
        for reading in 1...Self.mostReadings {
            if try await self.readAll(handle, isLast: reading == Self.mostReadings) { return }
        }
    }

    /// Returns whether the list had one length all the time.
    private func readAll(_ handle: ([JSONValue]) async throws -> Void, isLast: Bool) async throws -> Bool {
        var start = 1
        var number = 1
        var total: Int?
        repeat {
            let page = try await self.page(start: start, count: self.client.settings.pageLimit, number: number)
            if let total, total != page.total {
                guard isLast else { return false }
                throw self.failure(.pageTruncated, number, "says another length each time: read it when less is changed there")
            }
            total = page.total
            if page.objects.isEmpty, start <= page.total {
                throw self.failure(
                    .pageTruncated, number, "is empty though more is said to come: report it to the system's vendor")
            }
            try await handle(page.objects)
            // One that comes twice takes no place of its own.
            let keys = page.objects.compactMap { ($0["id"] ?? $0["externalId"])?.stringValue }
            start += keys.count < page.objects.count ? page.objects.count : Set(keys).count
            number += 1
        } while start <= total ?? 0
        return true
    }

    /// The objects that a filter finds.
    func find(_ filter: String) async throws -> Page {
        try await self.page(query: [("filter", filter), ("count", "2")], number: 1)
    }

    /// A page of the list.
    ///
    /// - Parameter start: the place of its first object; the list's first is 1.
    func page(start: Int, count: Int, number: Int) async throws -> Page {
        try await self.page(query: [("startIndex", String(start)), ("count", String(count))], number: number)
    }

    private func page(query: [(name: String, value: String)], number: Int) async throws -> Page {
        var isSecondTry = false
        while true {
            do {
                let reply = try await self.client.send(
                    .get, "\(self.path)?\(Percent.query(query))", name: "\(self.path), page \(number)")
                guard reply.status == 200 else { throw self.refused(reply, number) }
                return try self.content(reply, number)
            } catch let failure as ConnectorFailure where failure.kind == .malformedReply {
                guard !isSecondTry, failure.word != .replyTooLarge else { throw failure }
            } catch is CutShort {
                guard !isSecondTry else { throw self.failure(.pageTruncated, number, "came cut short twice") }
            }
            isSecondTry = true
        }
    }

    private func content(_ reply: HTTPReply, _ number: Int) throws(ConnectorFailure) -> Page {
        guard let document = try? JSONValue(parsing: reply.body) else {
            let isJSON = reply.contentType.hasSuffix("json") || reply.contentType.isEmpty
            throw isJSON
                ? self.failure(.pageTruncated, number, "ends before its end: a proxy or the server cuts replies")
                : self.failure(.notJSON, number, "is no JSON: check connection.base_url")
        }
        let objects = document["Resources"]
        guard let total = document["totalResults"]?.integerValue, total >= 0,
            objects?.arrayValue != nil || objects == nil || objects == .null
        else {
            throw self.failure(
                .wrongShape, number,
                "is no list of SCIM 2.0 (totalResults, Resources): check connection.base_url and the path in resources")
        }
        return Page(objects: objects?.arrayValue ?? [], total: Int(clamping: total))
    }

    private func failure(_ code: ConnectorFailure.Code, _ number: Int, _ text: String) -> ConnectorFailure {
        ConnectorFailure(.malformedReply, code: code, message: "\(self.path), page \(number), \(text)")
    }

    private func refused(_ reply: HTTPReply, _ number: Int) -> ConnectorFailure {
        let type = SCIMErrorType(reply.body)
        let said = "\(reply.status)\(type.map { " \($0.rawValue)" } ?? "")"
        if reply.status == 404 {
            return ConnectorFailure(
                .misconfigured, code: .endpointNotFound,
                message: "\(self.path) is not there (\(said)): check connection.base_url and the path in resources")
        }
        return ConnectorFailure(
            .misconfigured, code: .requestRefused,
            message: "\(self.path), page \(number), was refused (\(said)): \(type?.remedy ?? "check connection.base_url")")
    }
}
