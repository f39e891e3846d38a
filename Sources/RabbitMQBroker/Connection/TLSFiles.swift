import CRabbitMQ
import Foundation
public import Messaging

/// The files that TLS needs, put into OpenSSL's context. Each thing that can be wrong with them has its own error.
enum TLSFiles {
    static func load(into context: OpaquePointer, _ configuration: RabbitMQConfiguration) throws(BrokerError) {
        try unsafe self.trust(context, configuration)
        try unsafe self.identify(context, configuration)
    }

    /// Everything that is wrong with the files, found without a connection.
    static func problems(_ configuration: RabbitMQConfiguration) -> [BrokerError] {
        guard configuration.usesTLS, let context = unsafe SSL_CTX_new(TLS_client_method()) else { return [] }
        defer { unsafe SSL_CTX_free(context) }
        var problems: [BrokerError] = []
        do throws(BrokerError) { try unsafe self.trust(context, configuration) } catch { problems.append(error) }
        do throws(BrokerError) { try unsafe self.identify(context, configuration) } catch { problems.append(error) }
        return problems
    }

    /// Whom to trust.
    private static func trust(_ context: OpaquePointer, _ configuration: RabbitMQConfiguration) throws(BrokerError) {
        let file = configuration.caFile
        if let reason = self.whyUnreadable(file) {
            throw BrokerError(.tlsFailed, "the file of trusted certificates '\(file)' can't be read: \(reason); set amqp.ca_file")
        }
        defer { _ = TLSNotes.take() }
        guard unsafe SSL_CTX_load_verify_file(context, file) == 1 else {
            throw BrokerError(
                .tlsFailed,
                "the file of trusted certificates '\(file)' holds no certificate in PEM form; put the CA of the broker in it")
        }
    }

    /// Who we are, for a broker that asks.
    private static func identify(_ context: OpaquePointer, _ configuration: RabbitMQConfiguration) throws(BrokerError) {
        guard let certificate = configuration.clientCertificateFile else {
            guard configuration.clientKeyFile == nil, !configuration.usesCertificateLogin else {
                throw BrokerError(
                    .misconfigured,
                    "there is no client certificate; set amqp.client_certificate_file and amqp.client_key_file")
            }
            return
        }
        guard let key = configuration.clientKeyFile else {
            throw BrokerError(
                .misconfigured, "the client certificate '\(certificate)' has no key; set amqp.client_key_file")
        }
        for (file, setting) in [(certificate, "amqp.client_certificate_file"), (key, "amqp.client_key_file")] {
            guard let reason = self.whyUnreadable(file) else { continue }
            throw BrokerError(
                .misconfigured, "the file '\(file)' of \(setting) can't be read: \(reason); check its path and rights")
        }
        try self.checkRights(ofKey: key)
        _ = TLSNotes.take()
        guard unsafe SSL_CTX_use_certificate_chain_file(context, certificate) == 1 else {
            _ = TLSNotes.take()
            throw BrokerError(
                .misconfigured,
                "the file '\(certificate)' of amqp.client_certificate_file holds no certificate in PEM form")
        }
        unsafe SSL_CTX_set_default_passwd_cb(context, TLSNotes.passphraseWanted)
        guard unsafe SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1 else {
            let complaint = TLSNotes.complaint
            throw self.unusable(key, of: certificate, complaint?.code, TLSNotes.take())
        }
    }

    private static func unusable(
        _ key: String, of certificate: String, _ complaint: CInt?, _ notes: TLSNotes
    ) -> BrokerError {
        let what =
            if notes.wasAskedForPassphrase {
                "the key '\(key)' is protected by a passphrase that nobody is there to type; "
                    + "store it without one, readable by the hub alone: openssl pkey -in … -out …"
            } else if complaint == X509_R_KEY_VALUES_MISMATCH || complaint == X509_R_KEY_TYPE_MISMATCH {
                "the key '\(key)' does not belong to the client certificate '\(certificate)'"
            } else {
                "the file '\(key)' of amqp.client_key_file holds no private key in PEM form"
            }
        return BrokerError(.misconfigured, what)
    }

    private static func whyUnreadable(_ file: String) -> String? {
        var status = stat()
        // Links are followed: mounted secrets are links.
        guard unsafe stat(file, &status) == 0, unsafe access(file, R_OK) == 0 else { return errorText(errno) }
        return status.st_mode & S_IFMT == S_IFDIR ? "it is a directory" : nil
    }

    /// A key that root owns may be readable by a group (that is how secrets reach a service's user), any other by its
    /// owner alone.
    private static func checkRights(ofKey file: String) throws(BrokerError) {
        var status = stat()
        guard unsafe stat(file, &status) == 0 else { return }
        let forbidden: mode_t = status.st_uid == 0 ? 0o037 : 0o077
        guard status.st_mode & forbidden != 0 else { return }
        let mode = String(status.st_mode & 0o777, radix: 8)
        throw BrokerError(
            .misconfigured,
            "others may use the key file '\(file)' (mode \(mode)); take the right away: chmod \(status.st_uid == 0 ? "640" : "600") \(file)"
        )
    }
}

extension RabbitMQConfiguration {
    /// What is wrong with the files of TLS, all of it, each with what to do; empty without TLS. Reaches for no broker.
    public func fileProblems() -> [BrokerError] { TLSFiles.problems(self) }
}
