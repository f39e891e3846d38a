import Foundation
import SchoolRecords

/// A stand-in for Skatteverket's Navet: it leaves files of notices (`#UP <term> <value>`) in a folder. What the lines are is documented; the
/// file's name, markers around a person, and the terms within a relation are assumed.
public actor NavetStandIn {
    public nonisolated let folder: String
    /// By number.
    private var people: [String: NavetPost] = [:]
    private var exports = 0
    private var isAway = false
    private var hasMarkers = false
    private var sent: [String: [NavetPost]] = [:]

    /// - Parameter folder: where files are left; made when it isn't there.
    public init(folder: String) { self.folder = folder }

    /// Registers everybody whom the student register has a number of, as it has them: with the guardians, and protected where it says so.
    ///
    /// - Throws: ``StandInError`` when a record can't be read.
    public func register(peopleOf register: EdlevoStandIn) async throws {
        let persons = try await register.truth(.person)
        func number(_ id: String?) -> String? { id.flatMap { persons[$0]?["civicNo"]?["value"]?.stringValue } }
        for (id, person) in persons {
            guard let own = number(id) else { continue }
            var post = self.people[own] ?? NavetPost(own)
            post.givenName = person["givenName"]?.stringValue ?? ""
            post.middleName = person["middleName"]?.stringValue ?? ""
            post.familyName = person["familyName"]?.stringValue ?? ""
            post.callNames = "10"
            switch SecurityMarking(json: person["securityMarking"]) {
            case .none: break
            case .protectedRegistration: post.protectedRegistration = "J"
            case .secrecyMark, .other: post.secrecy = "J"
            }
            for responsible in person["responsibles"]?.arrayValue ?? [] where responsible["relationType"] == "Vårdnadshavare" {
                if let other = number(responsible["person"]?["id"]?.stringValue) { post.relations.append(.init(other, "V")) }
            }
            self.people[own] = post
        }
    }

    /// Everybody in the register, by number.
    public var posts: [String: NavetPost] { self.people }

    /// Puts somebody into the register as of now.
    public func put(_ post: NavetPost) { self.people[post.number] = post }

    /// Changes what the register says of somebody; the next notice tells it.
    public func change(_ number: String, _ change: @Sendable (inout NavetPost) -> Void) {
        guard var post = self.people[number] else { return }
        change(&post)
        self.people[number] = post
    }

    /// Leaves a file of notices about some, or with `nil` about everybody, as they are now.
    ///
    /// - Returns: the file's path.
    /// - Throws: ``StandInError`` when it is away or the folder can't be written.
    @discardableResult
    public func notify(of numbers: [String]? = nil, fault: ExportFault? = nil) throws(StandInError) -> String {
        guard !self.isAway else { throw StandInError(.notRunning, "Navet is away: it sends no notices") }
        self.exports += 1
        var posts = (numbers ?? self.people.keys.sorted()).compactMap { self.people[$0] }
        if fault == .rowsTwice { posts += posts }
        var lines = posts.flatMap { self.hasMarkers ? ["#POST_START"] + $0.lines + ["#POST_SLUT"] : $0.lines }
        if fault == .unknownColumn { lines = lines.flatMap { $0.hasPrefix("#UP 01001") ? [$0, "#UP 09999 okänt"] : [$0] } }
        var file = ExportedFile(folder: self.folder, prefix: "navet-", encoding: .isoLatin1)
        file.ending = "txt"
        let path = try file.write(lines, number: self.exports, isHalf: fault == .halfAFile)
        self.sent[String(path.dropFirst(self.folder.count + 1))] = posts
        return path
    }

    /// What a file said, by its name.
    public func notices(in file: String) -> [NavetPost]? { self.sent[file] }

    /// Puts a line before and after each person from now on.
    public func setMarkers(_ hasMarkers: Bool) { self.hasMarkers = hasMarkers }

    /// Sends nothing from now on.
    public func goDown() { self.isAway = true }

    /// Sends again.
    public func comeBack() { self.isAway = false }
}
