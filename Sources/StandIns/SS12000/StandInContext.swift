import Hummingbird
import NIOCore

/// What a stand-in knows of a request besides what was sent: the connection, which it may close without a word.
struct StandInContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        self.coreContext = .init(source: source)
        self.channel = source.channel
    }
}
