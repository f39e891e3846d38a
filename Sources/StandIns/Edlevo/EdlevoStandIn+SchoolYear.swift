import SchoolRecords

/// Term start in the student-administration system.
extension EdlevoStandIn {
    /// A new school year: every unprotected pupil in compulsory and upper-secondary school who isn't in the last year moves up one,
    /// all at once.
    ///
    /// - Returns: the persons who were changed.
    /// - Throws: ``StandInError`` when a record can't be kept.
    public func newSchoolYear() throws(StandInError) -> SourceChange {
        var change = SourceChange()
        for var person in self.documents(of: .person, where: { $0.contains("\"schoolYear\":") }) {
            guard let id = person["id"]?.stringValue, self.isPlain(id), let enrolments = person["enrolments"]?.arrayValue else {
                continue
            }
            let moved = enrolments.map(self.movedUp)
            guard moved != enrolments else { continue }
            person["enrolments"] = .array(moved)
            try self.keep(.person, person, &change)
        }
        return change
    }

    private func movedUp(_ enrolment: JSONValue) -> JSONValue {
        let lastYear: [String: Int64] = ["GR": 9, "GRS": 9, "GY": 3, "GYS": 4]
        guard let last = lastYear[enrolment["schoolType"]?.stringValue ?? ""], let year = enrolment["schoolYear"]?.integerValue,
            year < last, enrolment["endDate"]?.stringValue ?? "9" >= self.today.text
        else { return enrolment }
        var moved = enrolment
        moved["schoolYear"] = .integer(year + 1)
        return moved
    }
}
