import Hummingbird
import NIOCore

/// Server-sent events (HTML Living Standard, section 9.2).
enum LiveStream {
    /// A response that goes on for as long as there are events and somebody reads them.
    static func response(_ events: AsyncStream<LiveEvent>) -> Response {
        Response(
            status: .ok,
            headers: [
                .contentType: "text/event-stream; charset=utf-8", .cacheControl: "no-store",
            ],
            body: ResponseBody { writer in
                try await writer.write(ByteBuffer(string: "retry: 3000\n\n"))
                for await event in events { try await writer.write(ByteBuffer(string: event.text)) }
                try await writer.finish(nil)
            })
    }
}
