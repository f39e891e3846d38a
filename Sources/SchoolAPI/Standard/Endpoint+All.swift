import SchoolRecords

extension Endpoint {
    /// Every endpoint with records, by its path.
    static let all = Dictionary(
        uniqueKeysWithValues: (Self.roster + Self.teaching + Self.attending).compactMap { endpoint in
            endpoint.entity.standardPath.map { ($0, endpoint) }
        })

    private static func codes<Code: CodeSet>(_ type: Code.Type) -> [String] { Code.allCases.map(\.rawValue) }

    private static let dateKeys = ["StartDate": "startDate", "EndDate": "endDate"]

    private static let roster: [Endpoint] = [
        Endpoint(
            entity: .organisation,
            filters: [
                .id("parent", .organisation, "parentOrganisation", list: true),
                .text("schoolUnitCode", .organisation, "schoolUnitCode", list: true),
                .text("organisationCode", .organisation, "organisationCode", list: true),
                .text("municipalityCode", .organisation, "municipalityCode"),
                .code("type", .organisation, "organisationType", Self.codes(OrganisationType.self)),
                .code("schoolTypes", .organisation, "schoolTypes", Self.codes(SchoolType.self)),
            ] + Filter.dates(.organisation),
            sortKeys: ["ModifiedDesc": .modified, "DisplayNameAsc": .by("displayName")], expansions: [],
            lookups: [
                .value(["schoolUnitCodes"], .organisation, "schoolUnitCode", isID: false),
                .value(["organisationCodes"], .organisation, "organisationCode", isID: false),
            ]),
        Endpoint(
            entity: .person,
            filters: [
                Filter(
                    name: "nameContains", form: .text, isList: true, rule: .names,
                    reads: ["givenName", "middleName", "familyName"].map { FieldPath(.person, $0) }),
                .text("civicNo", .person, "civicNo.value"),
                .text("eduPersonPrincipalName", .person, "eduPersonPrincipalNames"),
                Filter(
                    name: "identifier.value", form: .text, rule: .identifier("value"),
                    reads: [FieldPath(.person, "externalIdentifiers.value")]),
                Filter(
                    name: "identifier.context", form: .text, rule: .identifier("context"),
                    reads: [FieldPath(.person, "externalIdentifiers.context")]),
                // What they read depends on the kind of relation: Relationship.reads.
                Filter(
                    name: "relationship.entity.type", form: .code(Relationship.Kind.allCases.map(\.rawValue)),
                    rule: .relationship, reads: []),
                Filter(name: "relationship.organisation", form: .id, rule: .relationship, reads: []),
            ]
                + ["startDate.onOrBefore", "startDate.onOrAfter", "endDate.onOrBefore", "endDate.onOrAfter"].map {
                    Filter(name: "relationship.\($0)", form: .date, rule: .relationship, reads: [])
                },
            sortKeys: SortKey.both(["GivenName": "givenName", "FamilyName": "familyName", "CivicNo": "civicNo.value"])
                .merging(["DisplayNameAsc": .by("givenName", "familyName"), "ModifiedDesc": .modified]) { first, _ in first },
            expansions: [
                .referring("duties", .duty, "person"),
                Expansion(
                    name: "responsibleFor", way: .responsibleFor,
                    reads: [FieldPath(.person, "responsibles.person"), FieldPath(.person, "responsibles.relationType")]),
                .referring("placements", .placement, "child"), .referring("ownedPlacements", .placement, "owners"),
                Expansion(
                    name: "groupMemberships", way: .groupMemberships, isFragment: true,
                    reads: ["person", "startDate", "endDate"].map { FieldPath(.group, "groupMemberships.\($0)") }),
            ],
            lookups: [.value(["civicNos"], .person, "civicNo.value", isID: false)]),
        Endpoint(
            entity: .placement,
            filters: [
                .id("organisation", .placement, "placedAt"), .id("group", .placement, "group"),
                .id("child", .placement, "child"), .id("owner", .placement, "owners"),
            ] + Filter.dates(.placement),
            sortKeys: SortKey.both(Self.dateKeys).merging(["ModifiedDesc": .modified]) { first, _ in first },
            expansions: [
                .referred("child", .placement, "child", to: .person),
                .referred("owners", .placement, "owners", to: .person, list: true),
            ], lookups: [.value(["personIds"], .placement, "child")]),
        Endpoint(
            entity: .duty,
            filters: [
                .unit("organisation", .duty, "dutyAt"),
                .code("dutyRole", .duty, "dutyRole", Self.codes(DutyRole.self), list: false),
                .id("person", .duty, "person"),
            ] + Filter.dates(.duty),
            sortKeys: SortKey.both(["StartDate": "startDate"]).merging(["ModifiedDesc": .modified]) { first, _ in first },
            expansions: [.referred("person", .duty, "person", to: .person)], lookups: []),
        Endpoint(
            entity: .group,
            filters: [
                .code("groupType", .group, "groupType", Self.codes(GroupType.self)),
                .code("schoolTypes", .group, "schoolType", Self.codes(SchoolType.self)),
                .id("organisation", .group, "organisation", list: true),
            ] + Filter.dates(.group),
            sortKeys: SortKey.both(Self.dateKeys)
                .merging(["DisplayNameAsc": .by("displayName"), "ModifiedDesc": .modified]) { first, _ in first },
            expansions: [
                Expansion(
                    name: "assignmentRoles", way: .assignmentRoles,
                    reads: ["group", "assignmentRoleType", "startDate", "endDate"].map {
                        FieldPath(.duty, "assignmentRole.\($0)")
                    })
            ], lookups: []),
    ]

    private static let teaching: [Endpoint] = [
        Endpoint(
            entity: .programme,
            filters: [
                .code("schoolType", .programme, "schoolType", Self.codes(SchoolType.self)), .text("code", .programme, "code"),
                .text("parentProgramme", .programme, "parentProgramme"),
            ],
            sortKeys: ["NameAsc": .by("name"), "CodeAsc": .by("code"), "ModifiedDesc": .modified], expansions: [], lookups: []),
        Endpoint(
            entity: .studyPlan, filters: [.id("student", .studyPlan, "student", list: true)] + Filter.dates(.studyPlan),
            sortKeys: SortKey.both(Self.dateKeys).merging(["ModifiedDesc": .modified]) { first, _ in first }, expansions: [],
            lookups: nil),
        Endpoint(
            entity: .syllabus, filters: [],
            sortKeys: SortKey.both([
                "SubjectName": "subjectName", "SubjectCode": "subjectCode", "CourseName": "courseName",
                "CourseCode": "courseCode", "SubjectDesignation": "subjectDesignation",
            ]).merging(["ModifiedDesc": .modified]) { first, _ in first }, expansions: [], lookups: []),
        Endpoint(
            entity: .schoolUnitOffering, filters: [.id("organisation", .schoolUnitOffering, "offeredAt")],
            sortKeys: SortKey.both(Self.dateKeys).merging(["ModifiedDesc": .modified]) { first, _ in first }, expansions: [],
            lookups: []),
        Endpoint(
            entity: .activity,
            filters: [
                .way("member", .groupMember, Self.memberReads), .id("teacher", .activity, "teachers.duty"),
                .unit("organisation", .activity, "organisation"), .id("group", .activity, "groups"),
            ] + Filter.dates(.activity),
            sortKeys: ["ModifiedDesc": .modified, "DisplayNameAsc": .by("displayName")],
            expansions: [
                .referred("groups", .activity, "groups", to: .group, list: true),
                .referred("teachers", .activity, "teachers.duty", to: .duty, list: true),
                .referred("syllabus", .activity, "syllabus", to: .syllabus),
            ],
            lookups: [
                .value(["teachers"], .activity, "teachers.duty"),
                LookupKey(names: ["members"], isID: true, rule: .way(.groupMember), reads: Self.memberReads),
            ]),
        Endpoint(
            entity: .grade,
            filters: [
                .id("organisation", .grade, "organisation"), .id("student", .grade, "student"),
                .id("registeredBy", .grade, "registeredBy"), .id("gradingTeacher", .grade, "gradingTeacher"),
            ] + Filter.bounds(.grade, "registeredDate"),
            sortKeys: [
                "registeredDateAsc": .by("registeredDate"), "registeredDateDesc": .by("registeredDate", descending: true),
                "ModifiedDesc": .modified,
            ], expansions: [], lookups: []),
        Endpoint(
            entity: .resource, filters: [.id("organisation", .resource, "owner")],
            sortKeys: ["ModifiedDesc": .modified, "DisplayNameAsc": .by("displayName")], expansions: [], lookups: []),
        Endpoint(
            entity: .room, filters: [.id("organisation", .room, "owner")],
            sortKeys: ["ModifiedDesc": .modified, "DisplayNameAsc": .by("displayName")], expansions: [], lookups: []),
    ]

    private static let memberReads = [FieldPath(.activity, "groups"), FieldPath(.group, "groupMemberships.person")]
    private static let studentReads =
        [FieldPath(.calendarEvent, "activity"), FieldPath(.calendarEvent, "studentExceptions.student")] + Self.memberReads
    private static let teacherReads = [
        FieldPath(.calendarEvent, "activity"), FieldPath(.calendarEvent, "teacherExceptions.duty"),
        FieldPath(.activity, "teachers.duty"),
    ]

    private static let attending: [Endpoint] = [
        Endpoint(
            entity: .calendarEvent,
            filters: Filter.bounds(.calendarEvent, "startTime", "endTime", form: .moment, required: ["startTime"]) + [
                .id("activity", .calendarEvent, "activity"),
                .way("student", .activityOfStudent, Self.studentReads), .way("teacher", .activityOfTeacher, Self.teacherReads),
                .way(
                    "organisation", .activityOfOrganisation,
                    [FieldPath(.calendarEvent, "activity"), FieldPath(.activity, "organisation")]),
                .way("group", .activityOfGroup, [FieldPath(.calendarEvent, "activity"), FieldPath(.activity, "groups")]),
            ],
            sortKeys: SortKey.both(["StartTime": "startTime"]).merging(["ModifiedDesc": .modified]) { first, _ in first },
            expansions: [
                .referred("activity", .calendarEvent, "activity", to: .activity),
                .referring("attendance", .attendance, "calendarEvent"),
            ],
            lookups: [
                .value(["activities"], .calendarEvent, "activity"),
                LookupKey(names: ["student"], isID: true, rule: .way(.activityOfStudent), reads: Self.studentReads),
                LookupKey(names: ["teacher"], isID: true, rule: .way(.activityOfTeacher), reads: Self.teacherReads),
            ]),
        Endpoint(
            entity: .attendance,
            filters: [
                .id("student", .attendance, "student"),
                .way(
                    "organisation", .eventOfOrganisation,
                    [
                        FieldPath(.attendance, "calendarEvent"), FieldPath(.calendarEvent, "activity"),
                        FieldPath(.activity, "organisation"),
                    ]),
                .id("calendarEvent", .attendance, "calendarEvent"),
            ], sortKeys: [:], expansions: [],
            lookups: [
                LookupKey(
                    names: ["activities"], isID: true, rule: .way(.organisationOfActivity),
                    reads: [FieldPath(.attendance, "calendarEvent"), FieldPath(.calendarEvent, "activity")]),
                .value(["students"], .attendance, "student"),
                // The standard writes it with an e too many.
                .value(["calendareEvents", "calendarEvents"], .attendance, "calendarEvent"),
            ], isWritable: true, isDeletable: true),
        Endpoint(
            entity: .attendanceEvent,
            filters: [
                .id("group", .attendanceEvent, "group", list: true), .id("person", .attendanceEvent, "person"),
            ], sortKeys: [:],
            expansions: [
                .referred("person", .attendanceEvent, "person", to: .person),
                .referred("group", .attendanceEvent, "group", to: .group, fragment: true),
                .referred("registeredBy", .attendanceEvent, "registeredBy", to: .person),
            ],
            lookups: [.value(["person"], .attendanceEvent, "person"), .value(["group"], .attendanceEvent, "group")],
            isWritable: true, isDeletable: true),
        Endpoint(
            entity: .attendanceSchedule,
            filters: [
                .id("placement", .attendanceSchedule, "placement"),
                .way(
                    "group", .placementOfGroup, [FieldPath(.attendanceSchedule, "placement"), FieldPath(.placement, "group")]),
            ] + Filter.dates(.attendanceSchedule), sortKeys: [:], expansions: [],
            lookups: [.value(["placement"], .attendanceSchedule, "placement")], isWritable: true, isDeletable: true),
        Endpoint(
            entity: .absence,
            filters: [
                .id("organisation", .absence, "organisation"), .id("student", .absence, "student"),
                .id("registeredBy", .absence, "registeredBy"),
                .code("type", .absence, "type", Self.codes(AbsenceType.self), list: false),
            ] + Filter.bounds(.absence, "startTime", "endTime", form: .moment),
            sortKeys: SortKey.both(["StartTime": "startTime"]).merging(["ModifiedDesc": .modified]) { first, _ in first },
            expansions: [], lookups: [], isWritable: true),
        Endpoint(
            entity: .aggregatedAttendance,
            filters: [
                Filter(
                    name: "startDate", form: .date, isRequired: true, rule: .bound("startDate", .onOrAfter),
                    reads: [FieldPath(.aggregatedAttendance, "startDate")]),
                Filter(
                    name: "endDate", form: .date, isRequired: true, rule: .bound("endDate", .onOrBefore),
                    reads: [FieldPath(.aggregatedAttendance, "endDate")]),
                .way(
                    "organisation", .studentAggregate,
                    [FieldPath(.aggregatedAttendance, "activity"), FieldPath(.activity, "organisation")]),
                Filter(
                    name: "schoolType", form: .code(Self.codes(SchoolType.self)), isList: true, rule: .way(.schoolTypeOfActivity),
                    reads: [
                        FieldPath(.aggregatedAttendance, "activity"), FieldPath(.activity, "groups"),
                        FieldPath(.group, "schoolType"),
                    ]),
                .id("student", .aggregatedAttendance, "student", list: true),
            ], sortKeys: [:],
            expansions: [
                .referred("activity", .aggregatedAttendance, "activity", to: .activity),
                .referred("student", .aggregatedAttendance, "student", to: .person),
            ], lookups: nil, hasRecords: false, hasMeta: false),
    ]
}
