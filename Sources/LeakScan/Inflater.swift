import CZlib

/// Compressed content while it is read, piece by piece.
final class Inflater {
    /// How it is wrapped: zlib's number of window bits.
    enum Wrapping: Int32 {
        case gzip = 31
        case zlib = 15
        /// A member of a ZIP archive.
        case bare = -15
    }

    private let stream: UnsafeMutablePointer<z_stream>
    private(set) var isOver = false
    /// How many bytes came out of it.
    private(set) var produced = 0

    init?(_ wrapping: Wrapping) {
        self.stream = .allocate(capacity: 1)
        self.stream.initialize(to: z_stream())
        guard knutpunkt_inflate_init(self.stream, wrapping.rawValue) == Z_OK else {
            self.stream.deallocate()
            return nil
        }
    }

    deinit {
        inflateEnd(self.stream)
        self.stream.deallocate()
    }

    /// Gives what comes of the next bytes to `body`, in pieces. After the end, or an error, nothing comes any more.
    func feed(_ bytes: UnsafePointer<UInt8>, _ count: Int, _ body: (UnsafePointer<UInt8>, Int) -> Void) {
        guard !self.isOver, count > 0 else { return }
        let room = 1 << 16
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: room) { output in
            guard let target = output.baseAddress else { return }
            self.stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes)
            self.stream.pointee.avail_in = UInt32(count)
            while true {
                self.stream.pointee.next_out = target
                self.stream.pointee.avail_out = UInt32(room)
                let status = inflate(self.stream, Z_NO_FLUSH)
                let made = room - Int(self.stream.pointee.avail_out)
                self.produced += made
                if made > 0 { body(target, made) }
                if status != Z_OK {
                    self.isOver = status != Z_BUF_ERROR
                    return
                }
                if self.stream.pointee.avail_in == 0, made < room { return }
            }
        }
    }

    /// The wrapping that begins at a place, and how far from there the compressed bytes begin.
    static func beginning(_ bytes: UnsafePointer<UInt8>, _ count: Int, at place: Int) -> (Wrapping, Int)? {
        let left = count - place
        switch bytes[place] {
        case 0x1F: return left >= 3 && bytes[place + 1] == 0x8B && bytes[place + 2] == 8 ? (.gzip, 0) : nil
        case 0x78:
            // Its second byte makes the two a multiple of 31, and names no dictionary.
            return left >= 2 && (0x7800 + Int(bytes[place + 1])) % 31 == 0 && bytes[place + 1] & 0x20 == 0 ? (.zlib, 0) : nil
        case 0x50:
            guard left >= 30, bytes[place + 1] == 0x4B, bytes[place + 2] == 3, bytes[place + 3] == 4, bytes[place + 8] == 8 else {
                return nil
            }
            let names =
                Int(bytes[place + 26]) + Int(bytes[place + 27]) << 8 + Int(bytes[place + 28]) + Int(bytes[place + 29]) << 8
            return (.bare, 30 + names)
        default: return nil
        }
    }
}
