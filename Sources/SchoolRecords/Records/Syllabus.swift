/// What is taught: a subject, or a course in it.
public struct Syllabus: Sendable, Hashable {
    public var id: String
    public var meta: RecordMeta?
    public var schoolType: SchoolType
    public var subjectCode: String?
    public var subjectName: String
    public var subjectDesignation: String?
    public var courseCode: String?
    public var courseName: String?
    public var startSchoolYear: Int?
    public var endSchoolYear: Int?
    public var points: Int?
    /// Any text: the standard's list ends with 2013, so neither Lgr22 nor Gy25 is in it.
    public var curriculum: String?
    /// ISO 639-3.
    public var languageCode: String?
    public var specialisationCourseContent: SpecialisationCourseContent?
    /// Whether Skolverket has issued it.
    public var official: Bool?
}

extension Syllabus: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        self.id = try fields.required("id", fields.id("id"))
        self.meta = try fields.object("meta")
        self.schoolType = try fields.required("schoolType", fields.code("schoolType"))
        self.subjectCode = try fields.text("subjectCode")
        self.subjectName = try fields.required("subjectName", fields.text("subjectName"))
        self.subjectDesignation = try fields.text("subjectDesignation")
        self.courseCode = try fields.text("courseCode")
        self.courseName = try fields.text("courseName")
        self.startSchoolYear = try fields.schoolYear("startSchoolYear")
        self.endSchoolYear = try fields.schoolYear("endSchoolYear")
        self.points = try fields.integer("points")
        self.curriculum = try fields.text("curriculum")
        self.languageCode = try fields.text("languageCode")
        self.specialisationCourseContent = try fields.object("specialisationCourseContent")
        self.official = try fields.boolean("official")
    }

    /// The value in SS 12000's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("id", self.id)
        fields.set("meta", self.meta)
        fields.set("schoolType", self.schoolType)
        fields.set("subjectCode", self.subjectCode)
        fields.set("subjectName", self.subjectName)
        fields.set("subjectDesignation", self.subjectDesignation)
        fields.set("courseCode", self.courseCode)
        fields.set("courseName", self.courseName)
        fields.set("startSchoolYear", self.startSchoolYear)
        fields.set("endSchoolYear", self.endSchoolYear)
        fields.set("points", self.points)
        fields.set("curriculum", self.curriculum)
        fields.set("languageCode", self.languageCode)
        fields.set("specialisationCourseContent", self.specialisationCourseContent)
        fields.set("official", self.official)
        return fields.json
    }

    static let shape = RecordShape(of: Syllabus.self)
}

extension Syllabus {
    /// Reads a record of SS 12000's JSON; fields that aren't known are dropped.
    ///
    /// - Throws: ``RecordError`` naming the first field that is missing or can't be read.
    public init(json: JSONValue) throws(RecordError) {
        try self.init(FieldReader(json, entity: .syllabus))
    }
}
