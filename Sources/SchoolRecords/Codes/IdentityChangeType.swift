/// How a person's identity changed.
public enum IdentityChangeType: String, CodeSet {
    case numberChanged
    case personsMerged

    public static var name: String { "IdentityChange.changeType" }
}
