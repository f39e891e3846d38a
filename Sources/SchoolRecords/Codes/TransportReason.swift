/// Why a pupil needs school transport (Skollagen 10 kap. 32 §).
public enum TransportReason: String, CodeSet {
    case distance
    case traffic
    case disability
    case other

    public static var name: String { "TransportReason" }
}
