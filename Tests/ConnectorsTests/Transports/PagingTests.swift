import ConnectorKit
import Connectors
import Foundation
import SchoolRecords
import Testing

@Suite("Paging and replies")
struct PagingTests {
    @Test func `a follow-up carries pageToken and limit alone`() async throws {
        try await ServerUnderTest.with({ request in
            request.parameter("pageToken") == nil
                ? .json(#"{"data":[{"id":"a"}],"pageToken":"x+/= &ö"}"#) : .json(#"{"pageToken":null,"data":[{"id":"b"}]}"#)
        }) { connector, server in
            let instant = Date(timeIntervalSince1970: 1_700_000_000.123)
            let ids = try await ServerUnderTest.ids(connector, .person, .modifiedAfter(instant)).ids
            #expect(ids == ["a", "b"])
            let lists = server.requests.filter { $0.path == "/api/persons" }
            #expect(
                lists.map(\.query) == [
                    ["meta.modified.after=2023-11-14T22:13:20.123Z", "limit=2"], ["pageToken=x+/= &ö", "limit=2"],
                ])
        }
    }

    @Test(arguments: [#"{"data":[]}"#, #"{"data":[],"pageToken":null}"#, #"{"data":[],"pageToken":""}"#])
    func `a page without a token is the last`(body: String) async throws {
        try await ServerUnderTest.with({ _ in .json(body) }) { connector, server in
            try await #expect(ServerUnderTest.ids(connector).ids.isEmpty)
            #expect(server.requests.count == 2)
        }
    }

    @Test func `a page that stays cut short names endpoint and page and is tried twice`() async throws {
        try await ServerUnderTest.with({ request in
            request.parameter("pageToken") == nil
                ? .json(#"{"data":[{"id":"a"}],"pageToken":"t"}"#) : .json(#"{"data":[{"id":"b","givenName":"Ann"#)
        }) { connector, server in
            let failure = await #expect(throws: ConnectorFailure.self) { _ = try await ServerUnderTest.ids(connector) }
            #expect(failure?.kind == .malformedReply)
            #expect(failure?.code == "page-truncated")
            #expect(failure?.message.contains("persons, page 2") == true)
            #expect(failure?.message.contains("Ann") == false)
            #expect(server.requests.count { $0.parameter("pageToken") == "t" } == 2)
        }
    }

    @Test func `a body that ends before its announced length is cut short too`() async throws {
        try await ServerUnderTest.with({ _ in
            ScriptedReply(body: #"{"data":[],"pageToken":null}"#, announcedLength: 500)
        }) { connector, _ in
            let failure = await #expect(throws: ConnectorFailure.self) { _ = try await ServerUnderTest.ids(connector) }
            #expect(failure?.code == "page-truncated")
        }
    }

    @Test func `tokens that go round in a circle end the read`() async throws {
        try await ServerUnderTest.with({ request in
            let next = request.parameter("pageToken") == "one" ? "two" : "one"
            return .json(#"{"data":[{"id":"a"}],"pageToken":"\#(next)"}"#)
        }) { connector, server in
            let failure = await #expect(throws: ConnectorFailure.self) { _ = try await ServerUnderTest.ids(connector) }
            #expect(failure?.code == "page-loop")
            #expect(server.requests.count < 6)
        }
    }

    @Test func `empty pages with ever new tokens end the read`() async throws {
        let count = TokenTests.Counting()
        try await ServerUnderTest.with({ _ in .json(#"{"data":[],"pageToken":"t\#(count.next())"}"#) }) { connector, _ in
            let failure = await #expect(throws: ConnectorFailure.self) { _ = try await ServerUnderTest.ids(connector) }
            #expect(failure?.code == "page-loop")
        }
    }

    @Test(arguments: [
        (ScriptedReply(headers: ["Content-Type": "text/html; charset=utf-8"], body: "<html>Anna</html>"), "not-json"),
        (ScriptedReply.json("[]"), "wrong-shape"), (ScriptedReply.json(#"{"data":7}"#), "wrong-shape"),
        (ScriptedReply.json(#"{"data":{}}"#), "wrong-shape"), (ScriptedReply.json(#"{"data":[],"pageToken":{}}"#), "wrong-shape"),
        (ScriptedReply.json("", status: 204), "unexpected-status"), (ScriptedReply.json("{}", status: 418), "unexpected-status"),
    ])
    func `a reply that is no page is told as such`(reply: ScriptedReply, code: String) async throws {
        try await ServerUnderTest.with({ _ in reply }) { connector, _ in
            let failure = await #expect(throws: ConnectorFailure.self) { _ = try await ServerUnderTest.ids(connector) }
            #expect(failure?.kind == .malformedReply)
            #expect(failure?.code == code)
            #expect(failure?.message.contains("Anna") == false)
        }
    }

    @Test func `a reply above the bound is refused without being kept`() async throws {
        let long = #"{"data":[{"id":"a","x":""# + String(repeating: "x", count: 3 << 20) + #""}]}"#
        try await ServerUnderTest.with({ _ in .json(long) }, settings: { $0["maximum_reply_mebibytes"] = 1 }) { connector, _ in
            let failure = await #expect(throws: ConnectorFailure.self) { _ = try await ServerUnderTest.ids(connector) }
            #expect(failure?.code == "reply-too-large")
            #expect(failure?.message.contains("page_limit") == true)
        }
    }

    @Test(arguments: [404, 405])
    func `a list that isn't there names the settings that say where it is`(status: Int) async throws {
        try await ServerUnderTest.with({ _ in ScriptedReply(status: status) }) { connector, _ in
            let failure = await #expect(throws: ConnectorFailure.self) { _ = try await ServerUnderTest.ids(connector) }
            #expect(failure?.kind == .misconfigured)
            #expect(failure?.message.contains("connection.api_path") == true)
            #expect(failure?.message.contains("endpoints.person") == true)
        }
    }

    @Test func `a refused filter names the parameters, never a value nor the server's words`() async throws {
        try await ServerUnderTest.with({ _ in
            .json(#"{"code":"bad-filter","message":"20130101TF01 is Anna"}"#, status: 400)
        }) { connector, _ in
            let failure = await #expect(throws: ConnectorFailure.self) {
                _ = try await ServerUnderTest.ids(connector, .person, .modifiedAfter(Date()))
            }
            #expect(failure?.kind == .misconfigured)
            #expect(failure?.message.contains("bad-filter") == true)
            #expect(failure?.message.contains("meta.modified.after") == true)
            #expect(failure?.message.contains("Anna") == false)
        }
    }

    @Test func `a code that could be a number of a person is not shown`() async throws {
        try await ServerUnderTest.with({ _ in .json(#"{"code":"20130101TF01","message":""}"#, status: 400) }) { connector, _ in
            let failure = await #expect(throws: ConnectorFailure.self) { _ = try await ServerUnderTest.ids(connector) }
            #expect(failure?.message.contains("2013") == false)
        }
    }

    @Test func `a page token that is no longer good is for the next read`() async throws {
        try await ServerUnderTest.with({ request in
            request.parameter("pageToken") == nil
                ? .json(#"{"data":[{"id":"a"}],"pageToken":"t"}"#) : .json(#"{"code":"x","message":""}"#, status: 400)
        }) { connector, _ in
            let failure = await #expect(throws: ConnectorFailure.self) { _ = try await ServerUnderTest.ids(connector) }
            #expect(failure?.kind == .transient)
        }
    }

    @Test func `elements without a usable id are told one by one and the rest goes on`() async throws {
        let long = String(repeating: "x", count: 201)
        let body = """
            {"data":[{"id":"A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"},{"givenName":"Anna"},42,null,{"id":""},{"id":[1]},
            {"id":"{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12}"},{"id":17},{"id":"a b"},{"id":"\(long)"}]}
            """
        try await ServerUnderTest.with({ _ in .json(body) }) { connector, _ in
            let (ids, broken) = try await ServerUnderTest.ids(connector)
            #expect(ids == ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12", "17"])
            #expect(broken.count == 7)
            #expect(broken.first?.failure.message == "element 2 of persons, page 1, has no usable id")
            #expect(broken.allSatisfy { $0.key == nil && $0.failure.code == "record-without-id" })
        }
    }

    @Test func `deleted entities are read page by page, with the standard's slips of the pen`() async throws {
        try await ServerUnderTest.with({ request in
            request.parameter("pageToken") == nil
                ? .json(#"{"data":{"persons":["P1","p2"],"activitites":["x"],"dutys":["d1"]},"pageToken":"n"}"#)
                : .json(#"{"data":{"Person":["p2","p3"],"duties":["d2",7],"groups":[],"placement":[{"id":"l1"}],"rooms":null}}"#)
        }) { connector, server in
            let keys = try await connector.deletions(after: Date(timeIntervalSince1970: 0))
            #expect(
                Set(keys) == [
                    RecordKey(.person, "P1"), RecordKey(.person, "p2"), RecordKey(.person, "p3"), RecordKey(.duty, "d1"),
                    RecordKey(.duty, "d2"), RecordKey(.duty, "7"), RecordKey(.placement, "l1"),
                ])
            #expect(keys.count == 7)
            let first = try #require(server.requests.first { $0.path == "/api/deletedEntities" })
            #expect(
                first.query == [
                    "after=1970-01-01T00:00:00.000Z", "entities=Organisation", "entities=Person", "entities=Group",
                    "entities=Duty",
                    "entities=Placement", "limit=2",
                ])
        }
    }

    @Test func `a server without deleted entities is not asked for them`() async throws {
        try await ServerUnderTest.with(
            { _ in ScriptedReply(status: 404) },
            settings: {
                var connection = $0["connection"]
                connection?["deleted_entities_path"] = false
                $0["connection"] = connection
            }
        ) { connector, server in
            try await #expect(connector.deletions(after: Date()).isEmpty)
            #expect(server.requests.isEmpty)
        }
    }

    @Test func `a record that isn't there is told from a path that isn't there`() async throws {
        try await ServerUnderTest.with({ _ in ScriptedReply(status: 404) }) { connector, _ in
            let failure = await #expect(throws: ConnectorFailure.self) { _ = try await connector.read(RecordKey(.person, "a")) }
            #expect(failure?.kind == .misconfigured)
        }
        try await ServerUnderTest.with({ request in
            request.path == "/api/persons" ? .json(#"{"data":[]}"#) : ScriptedReply(status: 404)
        }) { connector, _ in
            try await #expect(connector.read(RecordKey(.person, "a")) == nil)
        }
    }

    @Test func `another record than was asked for is not taken`() async throws {
        try await ServerUnderTest.with({ _ in .json(#"{"id":"b"}"#) }) { connector, _ in
            let failure = await #expect(throws: ConnectorFailure.self) { _ = try await connector.read(RecordKey(.person, "a")) }
            #expect(failure?.code == "another-record")
        }
    }

    @Test func `an id is encoded in a path`() async throws {
        try await ServerUnderTest.with({ _ in .json(#"{"id":"a/b?c#å"}"#) }) { connector, server in
            try await #expect(connector.read(RecordKey(.person, "a/b?c#å")) != nil)
            #expect(server.requests.last?.target == "/api/persons/a%2Fb%3Fc%23%C3%A5")
        }
    }
}
