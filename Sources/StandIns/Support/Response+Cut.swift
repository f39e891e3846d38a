import Hummingbird

extension Response {
    /// A response of bytes.
    ///
    /// - Parameter cut: after so many bytes, though all were announced, the connection is closed.
    init(_ status: HTTPResponse.Status, _ headers: HTTPFields, _ body: [UInt8], cutAfter cut: Int?) {
        guard let cut else {
            self.init(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
            return
        }
        let part = ByteBuffer(bytes: body.prefix(cut))
        self.init(
            status: status, headers: headers,
            body: ResponseBody(contentLength: body.count) { writer in
                try await writer.write(part)
                throw StandInError(.notRunning, "told to disconnect in the middle of an answer")
            })
    }
}
