import Foundation
import Hub
import SchoolRecords
import Testing

@Suite("What a notice says has changed")
struct NoticeScopeTests {
    @Test(
        arguments: [
            (#"{"modifiedEntites":["Person","CalendarEvent"],"deletedEntities":true}"#, [.person, .calendarEvent], true),
            (#"{"modifiedEntities":["schoolunitoffering"]}"#, [.schoolUnitOffering], false),
            (#"{"modifiedEntites":["Absence"],"modifiedEntities":["Duty"],"deletedEntities":null}"#, [.absence, .duty], false),
            (#"{"modifiedEntites":[],"deletedEntities":true}"#, [], true), (#"{"deletedEntities":true,"x":1}"#, [], true),
        ] as [(String, Set<Entity>, Bool)])
    func `kinds and deletions are taken in the standard's words and in the right ones`(
        body: String, entities: Set<Entity>, deletions: Bool
    ) {
        #expect(NoticeScope(body: Data(body.utf8)) == NoticeScope(entities: entities, deletions: deletions))
    }

    @Test(arguments: [
        "", "   ", "null", "[]", "{", "{}", #"{"modifiedEntites":[]}"#, #"{"modifiedEntites":["Person","Pupil"]}"#,
        #"{"modifiedEntites":"Person"}"#, #"{"modifiedEntites":[1]}"#, #"{"modifiedEntites":["Person"],"deletedEntities":"yes"}"#,
        #"{"modifiedEntites":[],"deletedEntities":false}"#,
    ])
    func `what can't be read as the standard has it stands for everything`(body: String) {
        #expect(NoticeScope(body: Data(body.utf8)) == .everything)
    }

    @Test func `two notices say together what each says`() {
        let one = NoticeScope(entities: [.person], deletions: false)
        let other = NoticeScope(entities: [.duty], deletions: true)
        #expect(one.union(other) == NoticeScope(entities: [.person, .duty], deletions: true))
        #expect(one.union(one) == one)
        #expect(one.union(.everything) == .everything && NoticeScope.everything.union(one) == .everything)
    }

    @Test func `rings while nobody waits are read for together`() async throws {
        let wake = Wake()
        wake.ring(scope: NoticeScope(entities: [.person], deletions: false))
        wake.ring(scope: NoticeScope(entities: [.duty], deletions: false))
        let ring = try await wake.wait(atMost: .seconds(1), clock: .withoutPauseEnds)
        #expect(ring?.scope == NoticeScope(entities: [.person, .duty], deletions: false))
        wake.ring()
        #expect(try await wake.wait(atMost: .seconds(1), clock: .withoutPauseEnds)?.scope == .everything)
    }
}
