/// How Unikum's import files are written: what its help pages say, and the parts that are not public as values.
///
/// Documented: three kinds of object rows with the row type in the last column, no header line, tab, comma or
/// semicolon, UTF-8 or ISO-8859-1; relation rows with a tab, an operation `add` or `remove` and one of ten
/// relations. Not public, so to be set: the order of a relation row's columns, the files' names.
public struct UnikumFormat: Sendable, Hashable {
    /// How the bytes are read.
    public enum Encoding: Sendable, Hashable {
        case utf8
        case latin1
    }

    /// A column of a relation row.
    public enum RelationColumn: Sendable, Hashable {
        case operation
        case relation
        case from
        case to
    }

    /// A kind of object row.
    public struct ObjectKind: Sendable, Hashable {
        /// What the stand-in calls it, e.g. `person`.
        public var name: String
        /// What stands in the last column, e.g. `user`.
        public var rowType: String
        /// Every column in order, the row type's (`rowType`) last; a column with an empty name must be empty.
        public var columns: [String]
        /// The column that says which object it is.
        public var key: String
        /// Columns that must not be empty.
        public var required: [String]

        /// Describes a kind of object row.
        public init(name: String, rowType: String, columns: [String], key: String, required: [String]) {
            self.name = name
            self.rowType = rowType
            self.columns = columns
            self.key = key
            self.required = required
        }
    }

    /// A kind of relation, and which kinds of objects its ends must be; no kinds means that anything is taken.
    public struct RelationKind: Sendable, Hashable {
        public var name: String
        public var from: [String]
        public var to: [String]

        /// Describes a kind of relation.
        public init(name: String, from: [String], to: [String]) {
            self.name = name
            self.from = from
            self.to = to
        }
    }

    /// What the name of a file of objects ends in; what stands before it is the batch.
    public var objectsSuffix = "-1-objects.txt"
    /// What the name of a file of relations ends in.
    public var relationsSuffix = "-2-relations.txt"
    public var objectDelimiter = "\t"
    public var relationDelimiter = "\t"
    public var encoding = Encoding.utf8
    /// Whether the first line of each file names the columns; it is passed over.
    public var hasHeader = false
    public var objectKinds = Self.documentedObjects
    public var relationKinds = Self.documentedRelations + Self.assumedRelations
    public var relationColumns: [RelationColumn] = [.operation, .relation, .from, .to]
    /// Stands between the ends of a relation in its key.
    public var relationKeySeparator = "|"
    /// The school forms that classes and schools may have.
    public var schoolForms: Set<String> = [
        "se.forskoleverksamhet.forskola", "se.grundskoleutbildning.grundskola",
        "se.grundskoleutbildning.sarskola.grundsarskola", "se.gymnasieutbildning.gymnasieskola", "se.vuxenutbildning",
    ]

    /// The documented form with the choices made here: tab, UTF-8, no header, operation–relation–from–to.
    public init() {}

    private static let documentedObjects = [
        ObjectKind(
            name: "person", rowType: "user",
            columns: [
                "givenName", "familyName", "email", "personalNumber", "description", "phone", "mobile", "workPhone",
                "address", "postalCode", "city", "hideContact", "personalNotices", "schoolNotices", "systemNotices",
                "schoolYear", "", "", "rowType",
            ], key: "personalNumber", required: ["givenName", "familyName", "personalNumber"]),
        ObjectKind(
            name: "class", rowType: "class",
            columns: ["externalId", "name", "schoolForm", "ageFrom", "ageTo", "description", "rowType"],
            key: "externalId", required: ["externalId", "name"]),
        ObjectKind(
            name: "school", rowType: "school",
            columns: [
                "externalId", "scbCode", "name", "schoolForm", "ageFrom", "ageTo", "description", "url", "phone", "fax",
                "address", "postalCode", "city", "visitingAddress", "rowType",
            ], key: "externalId", required: ["externalId", "name"]),
    ]

    private static let documentedRelations = [
        RelationKind(name: "school_in_org", from: ["school"], to: []),
        RelationKind(name: "class_in_school", from: ["class"], to: ["school"]),
        RelationKind(name: "student_in_school", from: ["person"], to: ["school"]),
        RelationKind(name: "staff_in_school", from: ["person"], to: ["school"]),
        RelationKind(name: "student_in_class", from: ["person"], to: ["class"]),
        RelationKind(name: "teacher_in_class", from: ["person"], to: ["class"]),
        RelationKind(name: "mentor_for", from: ["person"], to: ["person", "class"]),
        RelationKind(name: "guardian_for", from: ["person"], to: ["person"]),
        RelationKind(name: "external_user_in_school", from: ["person"], to: ["school"]),
        RelationKind(name: "administrator_for", from: ["person"], to: []),
    ]

    /// For roles that no relation is documented for.
    private static let assumedRelations = [
        RelationKind(name: "teacher_in_school", from: ["person"], to: ["school"]),
        RelationKind(name: "observer_in_org", from: ["person"], to: []),
    ]

    /// The key under which a relation is held.
    public func relationKey(from: String, to: String) -> String { from + self.relationKeySeparator + to }

    /// Whether a text has the form of a person's number in Unikum: `ååååmmdd-nnnn`, or for a temporary one
    /// `ååååmmdd-TFxx` (two letters, then two letters or digits).
    public static func isNumber(_ text: some StringProtocol) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count == 13, bytes[8] == 0x2D, bytes[..<8].allSatisfy({ (0x30...0x39).contains($0) }) else {
            return false
        }
        let end = bytes[9...]
        if end.allSatisfy({ (0x30...0x39).contains($0) }) { return true }
        return end.prefix(2).allSatisfy { (0x41...0x5A).contains($0) }
            && end.suffix(2).allSatisfy { (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) }
    }
}
