/// A source whose records are handed in by others: it is never asked, and never silent.
public protocol HandedInSource: SourceConnector {}
