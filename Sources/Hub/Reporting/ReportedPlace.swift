/// What counts stand for: a school or unit, and a form of schooling there.
struct ReportedPlace: Sendable, Hashable {
    /// The organisation's id.
    let school: String
    let form: ReportedForm
}
