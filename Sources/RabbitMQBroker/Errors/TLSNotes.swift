import CRabbitMQ
import Foundation
import Synchronization

/// What OpenSSL asked of us and objected to while one connection was made. It says so in callbacks alone, on the thread
/// that makes the connection; librabbitmq passes none of it on.
struct TLSNotes {
    /// What the check of the broker's certificate objected to (`X509_V_ERR_…`).
    var objection: CInt?
    /// The broker asked for a client certificate, on this `SSL` of OpenSSL; an address, since pointers can't be shared.
    var asking: UInt?
    /// A key file is protected by a passphrase.
    var wasAskedForPassphrase = false

    private static let all = Mutex<[UInt: TLSNotes]>([:])

    private static var thread: UInt { UInt(pthread_self()) }

    /// Those of this thread, which are forgotten then, OpenSSL's own queue of errors too.
    static func take() -> TLSNotes {
        ERR_clear_error()
        return self.all.withLock { $0.removeValue(forKey: self.thread) } ?? TLSNotes()
    }

    /// The connection of this thread that was asked for a certificate. Valid while the connection is.
    static var asked: OpaquePointer? {
        guard let address = self.all.withLock({ $0[self.thread]?.asking }) else { return nil }
        return unsafe OpaquePointer(bitPattern: address)
    }

    private static func note(_ change: (inout TLSNotes) -> Void) {
        self.all.withLock { change(&$0[self.thread, default: TLSNotes()]) }
    }

    /// What OpenSSL complained of first on this thread.
    static var complaint: (code: CInt, text: String)? {
        let error = ERR_peek_error()
        guard error != 0 else { return nil }
        let text = unsafe ERR_reason_error_string(error).map { unsafe String(cString: $0) }
        return (ERR_GET_REASON(error), text ?? "error \(error)")
    }

    // MARK: Callbacks

    /// Called for each certificate of the broker. Notes and changes nothing: what was refused stays refused.
    static let verified: @convention(c) (CInt, OpaquePointer?) -> CInt = { isGood, store in
        if isGood == 0 {
            let code = unsafe X509_STORE_CTX_get_error(store)
            TLSNotes.note { $0.objection = code }
        }
        return isGood
    }

    /// Called when the broker asks for a certificate. Goes on with what is set, which may be none.
    static let certificateWanted: @convention(c) (OpaquePointer?, UnsafeMutableRawPointer?) -> CInt = { connection, _ in
        TLSNotes.note { $0.asking = UInt(bitPattern: connection) }
        return 1
    }

    /// Called for a protected key; OpenSSL's own way is to ask at the terminal, where nobody sits, and to wait.
    static let passphraseWanted: @convention(c) (UnsafeMutablePointer<CChar>?, CInt, CInt, UnsafeMutableRawPointer?) -> CInt = {
        _, _, _, _ in
        TLSNotes.note { $0.wasAskedForPassphrase = true }
        return -1
    }
}
