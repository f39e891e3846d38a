import AsyncHTTPClient
import Foundation
import Hub
import NIOCore
import NIOHTTP1
import SchoolRecords
import Testing

@testable import Console

@Suite("An operator hands in a file on a page")
struct UploadPageTests {
    private static let file =
        #"[{"id": "pupil-1", "givenName": "Prov", "familyName": "Provsson"}, {"id": "pupil-2", "givenName": "Prov"}]"#

    private static func form(_ fields: KeyValuePairs<String, String>, file: (name: String, text: String)?) -> String {
        var parts = fields.map { "--MARK\r\nContent-Disposition: form-data; name=\"\($0)\"\r\n\r\n\($1)\r\n" }
        if let file {
            parts.append(
                "--MARK\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\(file.name)\"\r\nContent-Type: text/plain\r\n\r\n\(file.text)\r\n"
            )
        }
        return parts.joined() + "--MARK--\r\n"
    }

    private static func send(
        _ world: ConsoleWorld, _ body: String, as cookie: String? = ConsoleWorld.asAda,
        type: String = "multipart/form-data; boundary=MARK"
    ) async throws -> (status: UInt, body: String) {
        var request = HTTPClientRequest(url: world.url + "/upload")
        request.method = .POST
        if let cookie { request.headers.add(name: "Cookie", value: cookie) }
        request.headers.add(name: "Content-Type", value: type)
        request.headers.add(name: "Accept-Language", value: "en")
        request.body = .bytes(ByteBuffer(string: body))
        let answer = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        return (answer.status.code, String(buffer: try await answer.body.collect(upTo: 1 << 20)))
    }

    @Test func `it is tried, then taken, and tells the rows that can't be used`() async throws {
        try await ConsoleWorld.with { world in
            let page = try await world.get("/upload", headers: [("Accept-Language", "en")])
            #expect(page.status == 200 && page.body.contains("edlevo/person") && page.body.contains("multipart/form-data"))
            let tried = try await Self.send(
                world, Self.form(["csrf": "form-of-ada", "what": "edlevo/person", "do": "try"], file: ("a.json", Self.file)))
            #expect(tried.status == 200 && tried.body.contains("nothing was taken") && tried.body.contains("familyName"))
            let before = try await world.store.liveIDs(of: .person, source: "edlevo")
            #expect(before.isEmpty)
            let taken = try await Self.send(
                world, Self.form(["csrf": "form-of-ada", "what": "edlevo/person", "do": "send"], file: ("a.json", Self.file)))
            #expect(taken.status == 200 && taken.body.contains("1 new"))
            let after = try await world.store.liveIDs(of: .person, source: "edlevo")
            #expect(after == ["pupil-1"])
            let whole = try await Self.send(
                world,
                Self.form(
                    ["csrf": "form-of-ada", "what": "edlevo/person", "do": "send", "complete": "yes"], file: ("a.json", Self.file)
                ))
            #expect(whole.status == 200 && whole.body.contains("taken as a whole alone"))
        }
    }

    @Test func `what isn't the visitor's own, no form, no file, or for others is refused`() async throws {
        try await ConsoleWorld.with { world in
            func form(_ csrf: String, _ what: String = "edlevo/person", _ name: String = "a.json") -> String {
                Self.form(["csrf": csrf, "what": what, "do": "send"], file: (name, Self.file))
            }
            for (body, cookie, status) in [
                (form("form-of-grace"), "session=ada", 403), (form(""), "session=ada", 403),
                (form("form-of-role-viewer"), "session=role-viewer", 403),
                (form("form-of-role-approver"), "session=role-approver", 403),
                (form("form-of-ada", "nothing"), "session=ada", 422), (form("form-of-ada", "nothing/person"), "session=ada", 422),
                (form("form-of-ada", "edlevo/person", "a.exe"), "session=ada", 422),
                (Self.form(["csrf": "form-of-ada", "what": "edlevo/person"], file: nil), "session=ada", 422),
                ("--MARK\r\nnothing", "session=ada", 422), ("", "session=ada", 422), ("--MARK--", "session=ada", 403),
                (String(form("form-of-ada").dropLast(8)), "session=ada", 422), (form("form-of-nobody"), "session=nobody", 401),
            ] as [(String, String, UInt)] {
                let answer = try await Self.send(world, body, as: cookie)
                #expect(answer.status == status, "\(cookie) \(answer.status) \(body.prefix(60))")
            }
            let plain = try await Self.send(world, "a=b", type: "application/x-www-form-urlencoded")
            #expect(plain.status == 422)
            let operating = try await Self.send(world, form("form-of-role-operator"), as: "session=role-operator")
            #expect(operating.status == 200)
        }
    }
}
