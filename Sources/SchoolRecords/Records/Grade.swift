/// A grade that was set.
public struct Grade: Sendable, Hashable {
    public var id: String
    public var meta: RecordMeta?
    public var student: PersonReference
    /// Required by the standard by the name `schoolUnit`, which it doesn't define.
    public var organisation: Reference?
    public var registeredBy: PersonReference?
    public var gradingTeacher: PersonReference?
    public var group: Reference?
    public var registeredDate: CalendarDate
    /// Free: A to F, a dash, 2, 3, G.
    public var gradeValue: String
    public var finalGrade: Bool?
    /// Whether it was set after an examination (prövning).
    public var trial: Bool?
    /// A text in the standard, a yes or no by its meaning.
    public var adaptedStudyPlan: String?
    public var remark: String?
    public var converted: Bool?
    public var correctionType: GradeCorrectionType?
    public var semester: Semester?
    public var year: Int?
    public var syllabus: Reference
    public var diplomaProject: SpecialisationCourseContent?
}

extension Grade: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        let fields = fields.reading("schoolUnit", as: "organisation")
        self.id = try fields.required("id", fields.id("id"))
        self.meta = try fields.object("meta")
        self.student = try fields.required("student", fields.object("student"))
        self.organisation = try fields.reference("organisation", to: .organisation)
        self.registeredBy = try fields.object("registeredBy")
        self.gradingTeacher = try fields.object("gradingTeacher")
        self.group = try fields.reference("group", to: .group)
        self.registeredDate = try fields.required("registeredDate", fields.date("registeredDate"))
        self.gradeValue = try fields.required("gradeValue", fields.text("gradeValue"))
        self.finalGrade = try fields.boolean("finalGrade")
        self.trial = try fields.boolean("trial")
        self.adaptedStudyPlan = try fields.textOrBoolean("adaptedStudyPlan")
        self.remark = try fields.text("remark")
        self.converted = try fields.boolean("converted")
        self.correctionType = try fields.code("correctionType")
        self.semester = try fields.code("semester")
        self.year = try fields.integer("year")
        self.syllabus = try fields.required("syllabus", fields.reference("syllabus", to: .syllabus))
        self.diplomaProject = try fields.object("diplomaProject")
    }

    /// The value in SS 12000's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("id", self.id)
        fields.set("meta", self.meta)
        fields.set("student", self.student)
        fields.set("organisation", self.organisation)
        fields.set("registeredBy", self.registeredBy)
        fields.set("gradingTeacher", self.gradingTeacher)
        fields.set("group", self.group)
        fields.set("registeredDate", self.registeredDate)
        fields.set("gradeValue", self.gradeValue)
        fields.set("finalGrade", self.finalGrade)
        fields.set("trial", self.trial)
        fields.set("adaptedStudyPlan", self.adaptedStudyPlan)
        fields.set("remark", self.remark)
        fields.set("converted", self.converted)
        fields.set("correctionType", self.correctionType)
        fields.set("semester", self.semester)
        fields.set("year", self.year)
        fields.set("syllabus", self.syllabus)
        fields.set("diplomaProject", self.diplomaProject)
        return fields.json
    }

    static let shape = RecordShape(of: Grade.self)
}

extension Grade {
    /// Reads a record of SS 12000's JSON; fields that aren't known are dropped.
    ///
    /// - Throws: ``RecordError`` naming the first field that is missing or can't be read.
    public init(json: JSONValue) throws(RecordError) {
        try self.init(FieldReader(json, entity: .grade))
    }
}
