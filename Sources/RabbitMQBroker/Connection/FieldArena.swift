import CRabbitMQ
import Messaging

/// Memory that C reads while one call lasts: the text and tables of a message's headers.
///
/// Filled anew for each message; blocks are kept, so a running publisher allocates nothing here.
@safe
final class FieldArena {
    private var blocks: [UnsafeMutableRawBufferPointer] = unsafe []
    private var block = 0
    private var used = 0
    private static let blockSize = 65_536

    deinit { unsafe self.blocks.forEach { block in unsafe block.deallocate() } }

    /// Gives everything up that was handed out before.
    func reset() {
        self.block = 0
        self.used = 0
    }

    private func allocate(_ size: Int, alignment: Int) -> UnsafeMutableRawPointer {
        while true {
            let count = unsafe self.blocks.count
            if self.block == count {
                let block = UnsafeMutableRawBufferPointer.allocate(byteCount: max(size, Self.blockSize), alignment: 16)
                unsafe self.blocks.append(block)
            }
            let start = (self.used + alignment - 1) & ~(alignment - 1)
            let current = unsafe self.blocks[self.block]
            if start + size <= current.count, let base = current.baseAddress {
                self.used = start + size
                return unsafe base + start
            }
            self.block += 1
            self.used = 0
        }
    }

    /// A copy of the text as AMQP bytes.
    func bytes(_ text: String) -> amqp_bytes_t {
        var text = text
        return text.withUTF8 { source in
            guard let base = source.baseAddress, source.count > 0 else { return unsafe amqp_empty_bytes }
            let copy = unsafe self.allocate(source.count, alignment: 1)
            unsafe copy.copyMemory(from: base, byteCount: source.count)
            return unsafe amqp_bytes_t(len: source.count, bytes: copy)
        }
    }

    func table(
        _ fields: some Collection<(key: String, value: HeaderValue)>, tables: [(String, amqp_table_t)] = unsafe [],
        lists: [(String, [String])] = []
    ) -> amqp_table_t {
        let count = unsafe fields.count + tables.count + lists.count
        guard count > 0 else { return unsafe amqp_empty_table }
        let size = unsafe count * MemoryLayout<amqp_table_entry_t>.stride
        let memory = unsafe self.allocate(size, alignment: 16)
        let entries = unsafe memory.bindMemory(to: amqp_table_entry_t.self, capacity: count)
        var index = 0
        for (key, value) in fields {
            unsafe (entries + index).initialize(to: amqp_table_entry_t(key: self.bytes(key), value: self.field(value)))
            index += 1
        }
        unsafe tables.forEach { key, table in
            var field = unsafe amqp_field_value_t()
            unsafe field.kind = UInt8(AMQP_FIELD_KIND_TABLE.rawValue)
            unsafe field.value.table = unsafe table
            unsafe (entries + index).initialize(to: amqp_table_entry_t(key: self.bytes(key), value: field))
            index += 1
        }
        for (key, texts) in lists {
            unsafe (entries + index).initialize(to: amqp_table_entry_t(key: self.bytes(key), value: self.list(texts)))
            index += 1
        }
        return unsafe amqp_table_t(num_entries: CInt(count), entries: entries)
    }

    private func list(_ texts: [String]) -> amqp_field_value_t {
        let memory = unsafe self.allocate(texts.count * MemoryLayout<amqp_field_value_t>.stride, alignment: 16)
        let values = unsafe memory.bindMemory(to: amqp_field_value_t.self, capacity: texts.count)
        for (index, text) in texts.enumerated() {
            unsafe (values + index).initialize(to: self.field(.string(text)))
        }
        var field = unsafe amqp_field_value_t()
        unsafe field.kind = UInt8(AMQP_FIELD_KIND_ARRAY.rawValue)
        unsafe field.value.array = unsafe amqp_array_t(num_entries: CInt(texts.count), entries: values)
        return unsafe field
    }

    private func field(_ value: HeaderValue) -> amqp_field_value_t {
        var field = unsafe amqp_field_value_t()
        switch value {
        case .string(let text):
            unsafe field.kind = UInt8(AMQP_FIELD_KIND_UTF8.rawValue)
            unsafe field.value.bytes = unsafe self.bytes(text)
        case .integer(let number):
            unsafe field.kind = UInt8(AMQP_FIELD_KIND_I64.rawValue)
            unsafe field.value.i64 = number
        case .bool(let flag):
            unsafe field.kind = UInt8(AMQP_FIELD_KIND_BOOLEAN.rawValue)
            unsafe field.value.boolean = flag ? 1 : 0
        }
        return unsafe field
    }
}
