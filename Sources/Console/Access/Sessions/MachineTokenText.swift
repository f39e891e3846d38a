/// The text of a token: what a program sends, and what the hub keeps of it.
public enum MachineTokenText {
    /// A new one: 256 random bits, with a beginning by which it is known where it got out.
    public static func make() -> String { "knutpunkt_\(Secrets.token())" }

    /// By which it is found again, in hexadecimal digits.
    public static func digest(_ token: String) -> String { Secrets.digest(token) }

    /// A token's name in its one form, as accounts' names have it.
    ///
    /// - Returns: `nil` when it can't be one.
    public static func name(_ written: String) -> String? { AccountName.normal(written) }
}
