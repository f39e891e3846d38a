public import SchoolRecords

/// A role that the hub itself decides to give or to take away, in one receiving system.
public struct RoleChange: Sendable, Hashable {
    public enum Operation: String, Sendable, Codable { case granted, revoked }

    /// Of a revocation too: what is taken away. It need not be one that the hub gave.
    public let grant: RoleGrant
    public let operation: Operation
    /// The sequence of the hub's own record that was looked at when this was decided: 0 where there was none, `nil` when it makes
    /// no difference.
    ///
    /// With it a change is taken once, however often it is handed in, and only while nobody has changed the grant since. It also
    /// says that the system was seen to be otherwise: what the hub gave before and the system has lost is given again.
    public let after: Int64?

    public init(_ operation: Operation, _ grant: RoleGrant, after: Int64? = nil) {
        self.operation = operation
        self.grant = grant
        self.after = after
    }

    /// The grant's key.
    public var key: RecordKey { RecordKey(.roleGrant, self.grant.id) }

    /// The state that it is for the register. The hub's own times are put in when it is published.
    ///
    /// - Throws: `RecordError` naming the field that isn't as the record has it.
    public func state() throws(RecordError) -> RecordState {
        var grant = self.grant
        grant.meta = nil
        let body = try SchoolRecord.validate(.roleGrant, grant.json)
        return RecordState(
            key: self.key, owner: SchoolRecord.subject(.roleGrant, body)?.id, body: body.canonicalData,
            unit: SchoolUnit.of(.roleGrant, body), isGone: self.operation == .revoked)
    }
}

extension RoleGrant {
    /// The id that a grant has by what it says: the same for the same person, system, role and scope, whoever works it out. Dates, the
    /// duty and the rule don't count: when one of them changes it is still the same grant.
    public var derivedID: String {
        Self.derivedID(of: self.person.id, system: self.system, role: self.role, scope: self.scopeText)
    }

    /// Where it holds: `municipality`, or `unit/…`, `group/…`, `pupil/…` with an id.
    public var scopeText: String {
        if let pupil = self.pupil { return "pupil/\(pupil.id)" }
        if let group = self.group { return "group/\(group.id)" }
        if let organisation = self.organisation { return "unit/\(organisation.id)" }
        return "municipality"
    }

    /// The same without the grant.
    ///
    /// - Parameter scope: `municipality`, or `unit/…`, `group/…`, `pupil/…` with an id.
    public static func derivedID(of person: String, system: String, role: String, scope: String) -> String {
        DerivedID.of(flow: "role", person, system, role, scope)
    }
}
