/// Why a child has a place.
public enum PlacementReason: String, CodeSet {
    case needForCare = "Omsorgsbehov"
    case offeredTime = "Erbjuden tid"
    case ownNeed = "Eget behov"

    public static var name: String { "Placement.reason" }
    public static var aliases: [String: Self] { ["Omsorg": .needForCare] }
}
