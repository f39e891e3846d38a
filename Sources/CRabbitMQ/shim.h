#ifndef KNUTPUNKT_CRABBITMQ_SHIM_H
#define KNUTPUNKT_CRABBITMQ_SHIM_H

#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/time.h>

/* amqp_login_with_properties takes variable arguments, which Swift can't pass. One channel per connection. */
static inline amqp_rpc_reply_t knutpunkt_login_plain(
    amqp_connection_state_t connection, const char *vhost, int frame_max, int heartbeat,
    const amqp_table_t *client_properties, const char *user, const char *password) {
    return amqp_login_with_properties(
        connection, vhost, 1, frame_max, heartbeat, client_properties, AMQP_SASL_METHOD_PLAIN, user, password);
}

/* The broker takes the name from the certificate; librabbitmq 0.11 can't send an empty identity. */
static inline amqp_rpc_reply_t knutpunkt_login_external(
    amqp_connection_state_t connection, const char *vhost, int frame_max, int heartbeat,
    const amqp_table_t *client_properties) {
    return amqp_login_with_properties(
        connection, vhost, 1, frame_max, heartbeat, client_properties, AMQP_SASL_METHOD_EXTERNAL, "-");
}

/* librabbitmq 0.11 knows no version above TLS 1.2 and lets 1.0 through; the floor is set on OpenSSL's context. */
static inline int knutpunkt_require_tls12(amqp_socket_t *socket) {
    SSL_CTX *context = (SSL_CTX *)amqp_ssl_socket_get_context(socket);
    return context != NULL && SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1;
}

/* Swift sees this structure's own initialisers only through a module that is no public one on Linux. */
static inline struct timeval knutpunkt_time_limit(long seconds, long microseconds) {
    struct timeval limit = {seconds, microseconds};
    return limit;
}

/* glibc 2.34 has these two; its headers show them only to GNU programs, which Swift's view of them is not. */
extern int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *actions, const char *path);
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);

#endif
