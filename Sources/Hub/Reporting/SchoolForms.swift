public import SchoolRecords

/// Which form of schooling an activity and a school's lessons belong to.
public struct SchoolForms: Sendable {
    private var schools: [String: ReportedForm] = [:]
    private var groups: [String: ReportedForm] = [:]

    public init() {}

    public mutating func add(_ organisation: Organisation) {
        guard let types = organisation.schoolTypes, !types.isEmpty else { return }
        self.schools[organisation.id] = ReportedForm(teachingAmong: types)
    }

    public mutating func add(_ group: Group) {
        if let type = group.schoolType { self.groups[group.id] = ReportedForm(type) }
    }

    /// By its groups; where they say nothing, by its school. `nil` for what preschool and after-school care do: they count
    /// stays.
    func form(of activity: Activity) -> ReportedForm? {
        let form = activity.groups.lazy.compactMap { self.groups[$0.id] }.first ?? self.teaching(at: activity.organisation.id)
        return form.countsLessons ? form : nil
    }

    /// The form of a school's lessons when nothing closer is known.
    func teaching(at school: String) -> ReportedForm { self.schools[school] ?? .other }
}
