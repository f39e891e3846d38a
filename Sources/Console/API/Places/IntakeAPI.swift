import ConnectorKit
import HTTPTypes
import Hub
import SchoolRecords

/// Where independent schools, e-services and the like hand in records of a source.
struct IntakeAPI: Sendable {
    static let prefix = "/intake/v1"

    var operations: [APIOperation] {
        [
            APIOperation(
                method: .post, path: "\(Self.prefix)/{source}/{entity}", id: "handIn",
                summary: "Hand in records of a source",
                note: """
                    JSON is a list of records as the source has them (SS 12000 where its mapping says no more), each with an `id`; CSV has \
                    the columns of the source's settings. What comes goes the way of what the hub reads: the source's mapping, the guard \
                    against mass changes, the vault, the register, the outbox.

                    Without `complete`, rows that can't be used are left out and the others taken, and nothing is deleted but what a row \
                    itself says is gone. With `complete=true` it is all that the source has of the entity: what isn't in it is deleted, and \
                    one row that can't be used refuses it as a whole (422, with the report). Where so much would change that somebody must \
                    look at it, nothing is taken (`held`): hand the same in again, with a new key, when that has been approved.
                    """, access: .handingIn,
                places: [
                    APIField("source", .id, isRequired: true, "The source's name in the mappings."),
                    APIField("entity", .choice(Entity.allCases.map(\.rawValue)), isRequired: true, "The kind of record."),
                ],
                query: [
                    APIField("complete", .boolean, "Whether it is all that the source has of the entity."),
                    APIField("dryRun", .boolean, "Only tell what would become of it."),
                ], body: .records,
                success: .init(status: 200, kind: Self.report.kind, note: "What has become of it, row by row."),
                problems: [404], isRepeatable: true
            ) { call in try await self.handIn(call) }
        ]
    }

    private func handIn(_ call: APICall) async throws -> APIAnswer {
        guard let visitor = call.visitor, let records = call.records else { throw APIProblem.unauthorized }
        // Where it stops being JSON is told before anything else of it is looked at.
        if !records.isCSV, let fault = JSONPlace.fault(in: records.data) { throw APIProblem.malformed(fault) }
        let source = call.place("source")
        if visitor.source != source {
            // A token of another source learns nothing of this one. Operators may read every source of theirs, and so hand in for it.
            guard visitor.source == nil else { throw APIProblem.forbidden("intake") }
            try await call.desk.uploads.require(source, of: visitor.user)
        }
        let report = try await call.desk.actions.handIn(
            HandedIn(
                source: source, entity: call.place("entity"), data: records.data, isCSV: records.isCSV,
                isComplete: call.isSet("complete"), isDryRun: call.isSet("dryRun"), units: visitor.user.units,
                person: visitor.user.name))
        let body = Self.report.json(report, call.language)
        guard report.outcome != .refused else {
            var problem = APIProblem.unprocessable(
                sv: "\(report.count(.failed)) rader kan inte användas, och en hel fil tas som helhet: inget har tagits.",
                en: "\(report.count(.failed)) rows can't be used, and a whole file is taken as a whole: nothing was taken.")
            problem.report = body
            throw problem
        }
        return APIAnswer(body)
    }

    static let report = APIShape<UploadReport>(
        "IntakeReport",
        [
            .text("source", "The source.") { $0.source }, .text("entity", "The kind of record.") { $0.entity },
            .flag("complete", "Whether it was all that the source has.") { $0.isComplete },
            .choice("outcome", "What has become of it as a whole.") { $0.outcome },
            .words("outcomeText", "The same in words.") { UploadWords($1).outcome($0) },
            .count("created", "Rows that made a record.") { $0.count(.created) },
            .count("updated", "Rows that changed one.") { $0.count(.updated) },
            .count("unchanged", "Rows that say what is known.") { $0.count(.unchanged) },
            .count("deleted", "Rows that say that a record is gone.") { $0.count(.deleted) },
            .count("excluded", "Rows that the mapping leaves out.") { $0.count(.excluded) },
            .count("failed", "Rows that can't be used.") { $0.count(.failed) },
            .count("missing", "Records that a whole file doesn't have: they are deleted.") { $0.missing },
            .maybe("held", "The mass change that waits for somebody.") { $0.held },
            .list("rows", Self.row, "Row by row, in their order.") { $0.rows },
        ])

    private static let row = APIShape<UploadReport.Row>(
        "IntakeRow",
        [
            .count("row", "From 1.") { $0.number }, .maybeCount("line", "The line of the text on which it begins.") { $0.line },
            .choice("outcome", "What has become of it.") { $0.outcome },
            .maybe("code", "What is wrong, as a stable word.") { $0.problem?.code },
            .maybe("column", "The column, or the field.") { $0.problem?.column },
            .words("text", "What has become of it, or what is wrong, in words.") { UploadWords($1).row($0) },
            .maybe("textSv", "What is wrong, in Swedish.") { $0.problem?.message.sv },
            .maybe("textEn", "What is wrong, in English.") { $0.problem?.message.en },
        ])
}
