/// Why a person must look at an application for school transport.
public enum TransportReview: String, CodeSet {
    /// The transport system didn't answer in time.
    case noAnswer
    /// The transport system can't tell by itself.
    case unclear
    /// Other reasons than the distance are claimed.
    case otherReasons
    /// The way is to or from after-school care.
    case toAfterSchoolCare
    /// The pupil has after-school care at another place than the school.
    case afterSchoolCareElsewhere
    /// The pupil isn't enrolled at the school then.
    case notEnrolled
    /// Address, school, placement or application changed after the answer.
    case factsChanged

    public static var name: String { "TransportReview" }
}
