/// Reads along with one direction of an AMQP 0-9-1 connection, frame by frame, and can take method frames out.
struct FrameWatch {
    enum Frame: Equatable {
        case method(classID: UInt16, methodID: UInt16, arguments: [UInt8])
        case body
        case heartbeat
        case other
    }

    /// Bytes before the first frame: a client's greeting.
    private var greeting: Int
    private var held: [UInt8] = []
    /// Bytes of the present frame that go through without a look.
    private var passing = 0
    /// No AMQP: everything goes through.
    private var isBlind = false

    init(greeting: Int) { self.greeting = greeting }

    /// - Parameter keep: hears of each frame; says whether a method frame goes on.
    /// - Returns: what goes on.
    mutating func feed(_ bytes: ArraySlice<UInt8>, keep: (Frame) -> Bool) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count + self.held.count)
        var rest = bytes
        while !rest.isEmpty {
            if self.isBlind {
                output += rest
                return output
            }
            if self.greeting > 0 || self.passing > 0 {
                let count = min(rest.count, self.greeting > 0 ? self.greeting : self.passing)
                output += rest.prefix(count)
                rest = rest.dropFirst(count)
                if self.greeting > 0 { self.greeting -= count } else { self.passing -= count }
                continue
            }
            let needed = self.held.count < 7 ? 7 - self.held.count : Self.size(self.held) - self.held.count
            let count = min(rest.count, needed)
            self.held += rest.prefix(count)
            rest = rest.dropFirst(count)
            if self.held.count == 7 { self.head(&output, keep) }
            if self.held.count > 7, self.held.count == Self.size(self.held) {
                if keep(Self.method(self.held)) { output += self.held }
                self.held = []
            }
        }
        return output
    }

    /// Type, channel and size are there. A method frame is waited for whole, others pass.
    private mutating func head(_ output: inout [UInt8], _ keep: (Frame) -> Bool) {
        switch self.held[0] {
        case 1: return
        case 2: _ = keep(.other)
        case 3: _ = keep(.body)
        case 8: _ = keep(.heartbeat)
        default: self.isBlind = true
        }
        self.passing = Self.size(self.held) - 7
        output += self.held
        self.held = []
    }

    /// Head, content and end mark.
    private static func size(_ held: [UInt8]) -> Int {
        held[3...6].reduce(0) { $0 << 8 | Int($1) } + 8
    }

    private static func method(_ held: [UInt8]) -> Frame {
        guard held.count >= 12 else { return .other }
        return .method(
            classID: UInt16(held[7]) << 8 | UInt16(held[8]), methodID: UInt16(held[9]) << 8 | UInt16(held[10]),
            arguments: Array(held[11..<held.count - 1]))
    }
}
