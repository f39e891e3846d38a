import Foundation
import SchoolRecords
import StandIns
import Testing

@Suite struct `The Edlevo stand-in` {
    static func standIn(_ dialect: ServerDialect = .edlevo) throws -> EdlevoStandIn {
        EdlevoStandIn(municipality: try `A synthetic municipality`.small(), dialect: dialect)
    }

    @Test func `serves every record page by page to whom it gave a token`() async throws {
        let municipality = try `A synthetic municipality`.small()
        try await withEdlevoStandIn(EdlevoStandIn(municipality: municipality)) { standIn in
            let client = try await EdlevoClient(standIn)
            for entity in Entity.roster {
                let pages = try await client.pages(of: entity, query: "?limit=13")
                let served = pages.flatMap { $0["data"]?.arrayValue ?? [] }
                #expect(served == (try municipality.documents(of: entity)))
                #expect(pages.count == (served.count + 12) / 13)
                #expect(pages.last?["pageToken"] == .null)
            }
        }
    }

    @Test func `answers with a page of its own size when no limit is asked, and never with more than its most`()
        async throws
    {
        var dialect = ServerDialect.edlevo
        dialect.pageSize = 20
        dialect.maximumPageSize = 30
        try await withEdlevoStandIn(try Self.standIn(dialect)) { standIn in
            let client = try await EdlevoClient(standIn)
            try await #expect(client.get("persons").json?["data"]?.arrayValue?.count == 20)
            try await #expect(client.get("persons?limit=9999").json?["data"]?.arrayValue?.count == 30)
            try await #expect(client.get("persons?limit=0").status == 400)
        }
    }

    @Test func `gives tokens to its client only, and lets nobody in without one`() async throws {
        try await withEdlevoStandIn(try Self.standIn()) { standIn in
            let good = try await EdlevoClient.token(standIn)
            #expect(good.status == 200)
            #expect(good.json?["token_type"] == "Bearer")
            #expect(good.json?["expires_in"] == 3600)
            let wrong = try await EdlevoClient.token(standIn, secret: "guess")
            #expect(wrong.status == 400)
            #expect(wrong.json == ["error": "invalid_client"])
            try await #expect(
                EdlevoClient.token(standIn, grant: "password").json == ["error": "unsupported_grant_type"])
            let asJSON = try await EdlevoClient.send(
                standIn.tokenURL, method: "POST", contentType: "application/json", body: Data("{}".utf8))
            #expect(asJSON.status == 400)
            let client = try await EdlevoClient(standIn)
            try await #expect(client.get("persons", token: "made-up").status == 401)
            try await #expect(EdlevoClient.send(client.apiURL + "/persons").status == 401)
        }
    }

    @Test func `lets tokens die by the clock, by use and when they are revoked`() async throws {
        let clock = SettableClock()
        let standIn = EdlevoStandIn(
            municipality: try `A synthetic municipality`.small(), clock: { clock.now })
        try await withEdlevoStandIn(standIn) { standIn in
            let client = try await EdlevoClient(standIn)
            try await #expect(client.get("duties").status == 200)
            clock.advance(3601)
            try await #expect(client.get("duties").status == 401)
            let second = try await EdlevoClient(standIn)
            await standIn.revokeTokens()
            try await #expect(second.get("duties").status == 401)
            try await standIn.setFaults(EdlevoFaults { $0.tokenUses = 2 })
            let third = try await EdlevoClient(standIn)
            try await #expect(third.get("duties").status == 200)
            try await #expect(third.get("duties").status == 200)
            try await #expect(third.get("duties").status == 401)
        }
    }

    @Test func `takes names of parameters in any case, and refuses those it doesn't know`() async throws {
        try await withEdlevoStandIn(try Self.standIn()) { standIn in
            let client = try await EdlevoClient(standIn)
            let classes = try await client.ids(of: .group, query: "?GroupType=Klass")
            try await #expect(client.ids(of: .group, query: "?groupType=Klass") == classes)
            #expect(!classes.isEmpty)
            let both = try await client.ids(of: .group, query: "?groupType=Klass&groupType=Avdelning")
            #expect(both.count > classes.count)
            for bad in [
                "groups?grouptyp=Klass", "persons?expand=duties", "persons?meta.modified.after=igår",
                "persons?relationship.organisation=x", "groups?sortkey=DisplayNameAsc",
                "groups?expandReferenceNames=true",
            ] {
                let reply = try await client.get(bad)
                #expect(reply.status == 400)
                #expect(reply.json?["code"]?.stringValue != nil && reply.json?["message"]?.stringValue != nil)
            }
        }
    }

    @Test func `carries the filters in the page token, and takes the token with a limit alone`() async throws {
        try await withEdlevoStandIn(try Self.standIn()) { standIn in
            let client = try await EdlevoClient(standIn)
            let all = try await client.ids(of: .group, query: "?groupType=Undervisning")
            try await #expect(client.ids(of: .group, query: "?groupType=Undervisning&limit=2") == all)
            let token = try await #require(client.get("groups?groupType=Klass&limit=2").json?["pageToken"]?.stringValue)
            try await #expect(client.get("groups?pageToken=\(token)&limit=3").json?["data"]?.arrayValue?.count == 3)
            try await #expect(client.get("groups?pageToken=\(token)&groupType=Klass").status == 400)
            try await #expect(client.get("persons?pageToken=\(token)").status == 400)
            for token in ["made-up", "", "e30", Self.forged(place: Int64.max), Self.forged(place: -1)] {
                try await #expect(client.get("groups?pageToken=\(token)").status == 400)
            }
            let far = try await client.get("groups?pageToken=\(Self.forged(place: 1_000_000))")
            #expect(far.json?["data"] == [])
        }
    }

    /// A token as somebody might put it together who has seen one.
    static func forged(place: Int64) -> String {
        let value: JSONValue = ["e": "groups", "q": [], "l": 5, "p": .integer(place), "m": .null]
        return value.canonicalData.base64EncodedString().filter { $0 != "=" }
    }

    @Test func `takes bad requests without falling over`() async throws {
        try await withEdlevoStandIn(try Self.standIn()) { standIn in
            let client = try await EdlevoClient(standIn)
            try await #expect(client.post("persons/lookup", "text").status == 400)
            try await #expect(client.post("persons/lookup", ["ids": 4]).json == [])
            try await #expect(client.post("persons", [:]).status == 405)
            try await #expect(client.get("persons/a/b").status == 404)
            try await #expect(client.get("").status == 404)
            try await #expect(client.get("persons?limit=99999999999999999999").status == 400)
            try await #expect(client.get("persons?&&limit=1&").status == 200)
            try await #expect(client.get("persons?meta.modified.after=9999-12-31T23:59:59Z").status == 200)
            try await #expect(client.get("deletedentities?entities=Nobody").status == 400)
            try await #expect(client.get("deletedentities?after=yesterday").status == 400)
            try await #expect(client.get("deletedentities?entities=Absence").json?["data"] == [:])
            let elsewhere = try await EdlevoClient.send(standIn.serverURL + "/")
            #expect(elsewhere.status == 404)
        }
    }

    @Test func `leaves the instant after which out and the instant before which in`() async throws {
        try await withEdlevoStandIn(try Self.standIn()) { standIn in
            let client = try await EdlevoClient(standIn)
            let first = try await standIn.renamePerson()
            let second = try await standIn.renamePerson()
            let renamed = try #require(first.person)
            let document = try await #require(standIn.document(renamed))
            let stamp = try #require(document["meta"]?["modified"]?.stringValue)
            try await #expect(
                client.ids(of: .person, query: "?meta.modified.after=\(stamp)") == second.upserted.map(\.id))
            let before = try await client.ids(of: .person, query: "?Meta.Modified.Before=\(stamp)&limit=50")
            #expect(before.contains(first.upserted[0].id) && !before.contains(second.upserted[0].id))
            try await #expect(client.ids(of: .person, query: "?meta.created.after=\(stamp)").isEmpty)
            let newestFirst = try await client.ids(of: .person, query: "?sortkey=ModifiedDesc&limit=7")
            #expect(newestFirst.prefix(2) == [second.upserted[0].id, first.upserted[0].id])
            #expect(Set(newestFirst) == Set(try await client.ids(of: .person)))
        }
    }

    @Test func `answers for one id, 404 without a body for none, and look-ups with a bare array`() async throws {
        try await withEdlevoStandIn(try Self.standIn()) { standIn in
            let client = try await EdlevoClient(standIn)
            let record = try #require(await standIn.records(of: .person).first)
            let document = try record.document()
            try await #expect(client.get("persons/\(record.key.id)").json == document)
            try await #expect(client.get("persons/\(record.key.id.uppercased())").json == document)
            let none = try await client.get("persons/00000000-0000-4000-8000-000000000000")
            #expect(none.status == 404 && none.body.isEmpty)
            let number = try #require(document["civicNo"]?["value"])
            try await #expect(client.post("persons/lookup", ["civicNos": [number]]).json == [document])
            try await #expect(client.post("persons/lookup", ["ids": [.string(record.key.id), "x"]]).json == [document])
            try await #expect(client.get("studyplans").status == 404)
        }
    }

    @Test func `tells what was deleted, since when and of which kind`() async throws {
        try await withEdlevoStandIn(try Self.standIn()) { standIn in
            let client = try await EdlevoClient(standIn)
            let change = try await standIn.removePupil()
            let duty = try #require(await standIn.records(of: .duty).first?.key)
            await #expect(standIn.delete(duty))
            await #expect(!standIn.delete(duty))
            let reply = try await #require(client.get("deletedentities?after=2020-01-01T00:00:00Z").json)
            let person = try #require(change.person)
            #expect(reply["data"]?["persons"] == [.string(person.id)])
            #expect(reply["data"]?["duties"] == [.string(duty.id)])
            let duties = try await client.get("deletedentities?after=2020-01-01T00:00:00%2B02:00&entities=Duty").json
            #expect(duties?["data"]?.objectValue?.keys.sorted() == ["duties"])
            let first = try await client.get("deletedentities?limit=1").json
            let token = try #require(first?["pageToken"]?.stringValue)
            let second = try await client.get("deletedentities?pageToken=\(token)").json
            let ids = [first, second].flatMap { page in
                (page?["data"]?.objectValue ?? [:]).values.flatMap { $0.arrayValue ?? [] }
            }
            #expect(ids.count == 1 + change.deleted.count)
            try await #expect(client.get("persons/\(person.id)").status == 404)
            await #expect(standIn.history(of: person).last == .some(nil))
        }
    }

    @Test func `logs what was asked without any value`() async throws {
        try await withEdlevoStandIn(try Self.standIn()) { standIn in
            let client = try await EdlevoClient(standIn)
            _ = try await client.get("persons?nameContains=Hemlig&limit=1")
            _ = try await client.get("persons/secret-id")
            let log = await standIn.requests
            #expect(log.count(path: "token", status: 200) == 1)
            #expect(log.count(path: "persons", parameter: "nameContains") == 1)
            #expect(log.count(path: "persons/{id}", status: 404) == 1)
            #expect(log.total == 3)
            #expect(!"\(log)".lowercased().contains("hemlig") && !"\(log)".contains("secret-id"))
        }
    }

    @Test func `in another dialect serves the same records in another guise`() async throws {
        let municipality = try `A synthetic municipality`.small()
        var dialect = ServerDialect.other
        dialect.throttlesEvery = nil
        dialect.tokenUses = nil
        try await withEdlevoStandIn(EdlevoStandIn(municipality: municipality, dialect: dialect)) { standIn in
            let client = try await EdlevoClient(standIn)
            try await #expect(EdlevoClient.token(standIn).json?["expires_in"] == "300")
            let pages = try await client.pages(of: .person)
            #expect(pages.count > 5)
            #expect(pages.last?["pageToken"] == nil)
            let served = pages.flatMap { $0["data"]?.arrayValue ?? [] }
            for (one, plain) in zip(served, try municipality.documents(of: .person)) {
                var (one, plain) = (one, plain)
                #expect(one["meta"]?["modified"]?.stringValue?.hasSuffix("+02:00") ?? false)
                one["meta"] = nil
                plain["meta"] = nil
                #expect(one == plain)
            }
            try await #expect(client.get("Persons").status == 404)
            try await #expect(client.get("deletedEntities").status == 200)
        }
    }

    @Test func `in another dialect throttles and lets tokens die in the middle of a read`() async throws {
        try await withEdlevoStandIn(try Self.standIn(.other)) { standIn in
            let client = try await EdlevoClient(standIn)
            var statuses: [Int] = []
            for _ in 0..<6 {
                let reply = try await client.get("duties")
                statuses.append(reply.status)
                if reply.status == 429 { #expect(reply.headers["retry-after"] == "0") }
            }
            #expect(statuses == [200, 200, 200, 429, 200, 401])
        }
    }
}
