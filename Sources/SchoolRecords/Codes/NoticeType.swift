/// What somebody outside of the schools must be told.
public enum NoticeType: String, CodeSet {
    case studiesBrokenOff

    public static var name: String { "Notice.noticeType" }
}
