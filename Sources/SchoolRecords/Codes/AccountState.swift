/// Whether a person can log in to a system.
public enum AccountState: String, CodeSet {
    case active
    case invited
    case suspended
    case missing

    public static var name: String { "AccountStatus.state" }
}
