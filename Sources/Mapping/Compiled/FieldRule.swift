/// How one field of a normalised record is made.
indirect enum FieldRule: Sendable {
    case value(Expression)
    case object([(name: String, rule: FieldRule)])
    case list(EachRule, element: FieldRule)
}
