import Messaging
import RabbitMQBroker

extension HubConfiguration {
    /// How to connect with the broker at a URL.
    ///
    /// - Throws: `misconfigured`, naming the part of the URL that can't be used.
    func brokerSettings(url: String) throws(BrokerError) -> RabbitMQConfiguration {
        var settings = try RabbitMQConfiguration(url: url)
        if let file = self.brokerCAFile { settings.caFile = file }
        settings.clientCertificateFile = self.brokerCertificateFile
        settings.clientKeyFile = self.brokerKeyFile
        return settings
    }

    /// What in the broker's keys can't be used or contradicts itself, each with what to do. Opens no file: commands that need
    /// no broker work for people who may not read the hub's key.
    ///
    /// - Parameter urlIsUnknown: there is one that can't be read, which is told already.
    func brokerProblems(urlIsUnknown: Bool) -> [String] {
        var problems: [String] = []
        if (self.brokerCertificateFile == nil) != (self.brokerKeyFile == nil) {
            problems.append(
                "amqp.client_certificate_file and amqp.client_key_file belong together: set both or none of them.")
        }
        let files = [
            ("amqp.ca_file", self.brokerCAFile), ("amqp.client_certificate_file", self.brokerCertificateFile),
            ("amqp.client_key_file", self.brokerKeyFile),
        ].filter { $0.1 != nil }.map(\.0).joined(separator: ", ")
        guard let url = self.brokerURL else {
            if !files.isEmpty, !urlIsUnknown {
                problems.append("\(files): the hub's own node takes no certificates. Set amqp.url, or take the keys away.")
            }
            return problems
        }
        do {
            let settings = try self.brokerSettings(url: url)
            if !settings.usesTLS, !files.isEmpty {
                problems.append(
                    "\(files): amqp.url begins with amqp://, so nothing would be encrypted. Write amqps:// and the TLS port, or take the keys away."
                )
            }
            if settings.usesCertificateLogin, self.brokerCertificateFile == nil {
                problems.append(
                    "amqp.url: auth_mechanism=external needs a certificate. Set amqp.client_certificate_file and amqp.client_key_file."
                )
            }
        } catch {
            problems.append(error.message)
        }
        return problems
    }
}
