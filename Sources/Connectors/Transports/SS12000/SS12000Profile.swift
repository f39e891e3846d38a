/// What is known beforehand of a kind of SS 12000:2020 server: the values of settings that are left out.
///
/// Everything in it can be set otherwise, so a server without a profile of its own is read with the standard's.
struct SS12000Profile: Sendable, Hashable {
    /// The name in the setting `profile`.
    let name: String
    /// Where the entities are, after the base address; `nil` when it must be set.
    let apiPath: String?
    /// The path of deleted entities below the API's.
    let deletedEntitiesPath: String
    /// The most elements that a page is asked to hold.
    let pageLimit: Int

    /// Any server, spelled as the standard spells it.
    static let standard = SS12000Profile(
        name: "standard", apiPath: nil, deletedEntitiesPath: "deletedEntities", pageLimit: 500)

    static let all = [Self.standard, .edlevo]
}
