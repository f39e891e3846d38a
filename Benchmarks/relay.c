/* The baseline: what a plain C program on librabbitmq relays through the broker.
 *
 * Consume from a quorum queue, publish to another with a confirm, acknowledge what was confirmed: the hub's own relay
 * without its mapping, register and store. One thread, two connections, a window of messages on their way.
 *
 *     relay HOST PORT MESSAGES BODY-BYTES WINDOW
 *
 * Loads the first queue (publish), relays everything to the second (relay), takes it from there (consume), and prints a line
 * of JSON for each. Messages carry the same properties and headers as the hub's own. Logs in as guest.
 */
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_tcp_socket.h>

/* Of this run alone: several peers share a broker. */
static char queue_in[64], queue_out[64];
enum { channel = 1, stall_seconds = 30 };

static void fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("relay: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(1);
}

static void require_status(int status, const char *what) {
    if (status < 0) fail("%s: %s", what, amqp_error_string2(status));
}

static void require_reply(amqp_connection_state_t connection, const char *what) {
    amqp_rpc_reply_t reply = amqp_get_rpc_reply(connection);
    if (reply.reply_type == AMQP_RESPONSE_NORMAL) return;
    if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION) fail("%s: %s", what, amqp_error_string2(reply.library_error));
    fail("%s: refused by the broker", what);
}

static long number(const char *text, const char *name, long least, long most) {
    char *end;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (errno || *end || end == text || value < least || value > most) fail("%s: %s is not between %ld and %ld", name, text, least, most);
    return value;
}

static double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static amqp_connection_state_t open_connection(const char *host, int port) {
    amqp_connection_state_t connection = amqp_new_connection();
    amqp_socket_t *socket = amqp_tcp_socket_new(connection);
    if (!socket) fail("no memory for a socket");
    struct timeval deadline = {10, 0};
    require_status(amqp_socket_open_noblock(socket, host, port, &deadline), "connecting");
    amqp_rpc_reply_t reply = amqp_login(connection, "/", 0, 131072, 0, AMQP_SASL_METHOD_PLAIN, "guest", "guest");
    if (reply.reply_type != AMQP_RESPONSE_NORMAL) fail("the broker doesn't let guest in");
    amqp_channel_open(connection, channel);
    require_reply(connection, "opening a channel");
    return connection;
}

static uint32_t declare(amqp_connection_state_t connection, const char *queue) {
    amqp_table_entry_t entry;
    entry.key = amqp_cstring_bytes("x-queue-type");
    entry.value.kind = AMQP_FIELD_KIND_UTF8;
    entry.value.value.bytes = amqp_cstring_bytes("quorum");
    amqp_table_t arguments = {1, &entry};
    amqp_queue_declare_ok_t *ok = amqp_queue_declare(connection, channel, amqp_cstring_bytes(queue), 0, 1, 0, 0, arguments);
    require_reply(connection, queue);
    return ok->message_count;
}

static void publish(amqp_connection_state_t connection, const char *queue, amqp_bytes_t body) {
    amqp_basic_properties_t properties;
    memset(&properties, 0, sizeof properties);
    static const char *const headers[][2] = {
        {"cloudEvents_specversion", "1.0"},
        {"cloudEvents_id", "3f2504e0-4f89-41d3-9a0c-0305e82c3301"},
        {"cloudEvents_type", "se.knutpunkt.record.person.upserted.v1"},
        {"cloudEvents_source", "/knutpunkt/edlevo"},
        {"cloudEvents_subject", "b3c1f9d2-0000-4000-8000-000000000001"},
        {"cloudEvents_time", "2026-08-17T06:00:00.000Z"},
        {"cloudEvents_partitionkey", "b3c1f9d2-0000-4000-8000-000000000001"},
        {"cloudEvents_sequence", "1"},
    };
    enum { header_count = sizeof headers / sizeof headers[0] };
    amqp_table_entry_t entries[header_count];
    for (int i = 0; i < header_count; i++) {
        entries[i].key = amqp_cstring_bytes(headers[i][0]);
        entries[i].value.kind = AMQP_FIELD_KIND_UTF8;
        entries[i].value.value.bytes = amqp_cstring_bytes(headers[i][1]);
    }
    properties._flags = AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_MESSAGE_ID_FLAG | AMQP_BASIC_HEADERS_FLAG;
    properties.headers = (amqp_table_t){header_count, entries};
    properties.message_id = amqp_cstring_bytes(headers[1][1]);
    properties.delivery_mode = AMQP_DELIVERY_PERSISTENT;
    properties.content_type = amqp_cstring_bytes("application/json");
    require_status(
        amqp_basic_publish(connection, channel, amqp_empty_bytes, amqp_cstring_bytes(queue), 1, 0, &properties, body),
        "publishing");
}

/* Reads one frame if one is there; false when there is none now. */
static bool next_frame(amqp_connection_state_t connection, amqp_frame_t *frame) {
    struct timeval none = {0, 0};
    int status = amqp_simple_wait_frame_noblock(connection, frame, &none);
    if (status == AMQP_STATUS_TIMEOUT) return false;
    require_status(status, "reading");
    if (frame->frame_type == AMQP_FRAME_METHOD &&
        (frame->payload.method.id == AMQP_CHANNEL_CLOSE_METHOD || frame->payload.method.id == AMQP_CONNECTION_CLOSE_METHOD))
        fail("the broker closed the %s", frame->payload.method.id == AMQP_CHANNEL_CLOSE_METHOD ? "channel" : "connection");
    return true;
}

/* Waits until one of the connections has something to read. */
static void wait_for_any(amqp_connection_state_t *connections, int count) {
    struct pollfd descriptors[2];
    for (int i = 0; i < count; i++) {
        if (amqp_frames_enqueued(connections[i]) || amqp_data_in_buffer(connections[i])) return;
        descriptors[i] = (struct pollfd){.fd = amqp_get_sockfd(connections[i]), .events = POLLIN};
    }
    int ready = poll(descriptors, (nfds_t)count, stall_seconds * 1000);
    if (ready < 0 && errno != EINTR) fail("poll: %s", strerror(errno));
    if (ready == 0) fail("nothing moved for %d s", (int)stall_seconds);
}

/* The publishing side's memory: which sequence numbers were confirmed. Numbers start at 1 and a window bounds how far
 * apart the unconfirmed ones lie, so a ring is enough. */
struct window {
    uint64_t size, published, settled; /* everything up to `settled` is confirmed */
    bool *confirmed;
    uint64_t *incoming; /* the delivery tag to acknowledge, 0 = none */
};

static struct window make_window(long size) {
    struct window window = {.size = (uint64_t)size};
    window.confirmed = calloc((size_t)size, sizeof *window.confirmed);
    window.incoming = calloc((size_t)size, sizeof *window.incoming);
    if (!window.confirmed || !window.incoming) fail("no memory for the window");
    return window;
}

static bool is_full(const struct window *window) { return window->published - window->settled == window->size; }

static void note_published(struct window *window, uint64_t incoming) {
    window->published++;
    window->confirmed[window->published % window->size] = false;
    window->incoming[window->published % window->size] = incoming;
}

static void confirm(struct window *window, uint64_t number, amqp_connection_state_t consuming) {
    uint64_t slot = number % window->size;
    if (number <= window->settled || number > window->published || window->confirmed[slot]) return;
    window->confirmed[slot] = true;
    if (window->incoming[slot])
        require_status(amqp_basic_ack(consuming, channel, window->incoming[slot], 0), "acknowledging");
    while (window->settled < window->published && window->confirmed[(window->settled + 1) % window->size]) window->settled++;
}

/* Takes every confirm that has come. `consuming` is where confirmed messages are acknowledged. */
static void take_confirms(struct window *window, amqp_connection_state_t publishing, amqp_connection_state_t consuming) {
    amqp_frame_t frame;
    while (next_frame(publishing, &frame)) {
        if (frame.frame_type != AMQP_FRAME_METHOD) continue;
        if (frame.payload.method.id == AMQP_BASIC_NACK_METHOD) fail("the broker refused a message");
        if (frame.payload.method.id == AMQP_BASIC_RETURN_METHOD) fail("the broker returned a message");
        if (frame.payload.method.id != AMQP_BASIC_ACK_METHOD) continue;
        amqp_basic_ack_t *ack = frame.payload.method.decoded;
        uint64_t first = ack->multiple ? window->settled + 1 : ack->delivery_tag;
        for (uint64_t i = first; i <= ack->delivery_tag; i++) confirm(window, i, consuming);
    }
    amqp_maybe_release_buffers(publishing);
}

static void load(amqp_connection_state_t connection, long messages, amqp_bytes_t body, long size) {
    struct window window = make_window(size);
    while (window.settled < (uint64_t)messages) {
        while (window.published < (uint64_t)messages && !is_full(&window)) {
            publish(connection, queue_in, body);
            note_published(&window, 0);
        }
        wait_for_any(&connection, 1);
        take_confirms(&window, connection, connection);
    }
    free(window.confirmed);
    free(window.incoming);
}

/* One delivery being put together from its frames. */
struct delivery {
    uint64_t tag;
    size_t expected, received;
    char *body;
    size_t capacity;
};

/* Takes one frame; true when a message is complete. */
static bool take_frame(struct delivery *delivery, const amqp_frame_t *frame) {
    if (frame->frame_type == AMQP_FRAME_METHOD) {
        if (frame->payload.method.id == AMQP_BASIC_CANCEL_METHOD) fail("the broker cancelled the consumer");
        if (frame->payload.method.id == AMQP_BASIC_DELIVER_METHOD)
            delivery->tag = ((amqp_basic_deliver_t *)frame->payload.method.decoded)->delivery_tag;
        return false;
    }
    if (frame->frame_type == AMQP_FRAME_HEADER) {
        delivery->expected = (size_t)frame->payload.properties.body_size;
        delivery->received = 0;
        if (delivery->expected > delivery->capacity) {
            delivery->body = realloc(delivery->body, delivery->expected);
            if (!delivery->body) fail("no memory for a body");
            delivery->capacity = delivery->expected;
        }
        return delivery->expected == 0;
    }
    if (frame->frame_type != AMQP_FRAME_BODY) return false;
    amqp_bytes_t part = frame->payload.body_fragment;
    if (delivery->received + part.len > delivery->expected) fail("a body is longer than its header says");
    memcpy(delivery->body + delivery->received, part.bytes, part.len);
    delivery->received += part.len;
    return delivery->received == delivery->expected;
}

static void relay(amqp_connection_state_t consuming, amqp_connection_state_t publishing, long messages, long size) {
    struct window window = make_window(size);
    struct delivery delivery = {0};
    amqp_connection_state_t connections[2] = {consuming, publishing};
    while (window.settled < (uint64_t)messages) {
        amqp_frame_t frame;
        /* The prefetch is the window: the broker hands out no more than is acknowledged. */
        while (!is_full(&window) && next_frame(consuming, &frame)) {
            if (!take_frame(&delivery, &frame)) continue;
            publish(publishing, queue_out, (amqp_bytes_t){delivery.expected, delivery.body});
            note_published(&window, delivery.tag);
        }
        amqp_maybe_release_buffers(consuming);
        take_confirms(&window, publishing, consuming);
        if (window.settled < (uint64_t)messages) wait_for_any(connections, 2);
    }
    free(window.confirmed);
    free(window.incoming);
    free(delivery.body);
}

/* Takes everything and acknowledges every hundredth message with those before it. */
static void consume(amqp_connection_state_t connection, long messages) {
    struct delivery delivery = {0};
    long taken = 0;
    while (taken < messages) {
        amqp_frame_t frame;
        while (taken < messages && next_frame(connection, &frame)) {
            if (!take_frame(&delivery, &frame)) continue;
            taken++;
            if (taken % 100 == 0 || taken == messages)
                require_status(amqp_basic_ack(connection, channel, delivery.tag, 1), "acknowledging");
        }
        amqp_maybe_release_buffers(connection);
        if (taken < messages) wait_for_any(&connection, 1);
    }
    free(delivery.body);
}

static void begin_consuming(amqp_connection_state_t connection, const char *queue, long prefetch) {
    amqp_basic_qos(connection, channel, 0, (uint16_t)prefetch, 0);
    require_reply(connection, "qos");
    amqp_basic_consume(connection, channel, amqp_cstring_bytes(queue), amqp_empty_bytes, 0, 0, 0, amqp_empty_table);
    require_reply(connection, "consume");
}

static void report(const char *job, long messages, double seconds) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("{\"peer\":\"c\",\"job\":\"%s\",\"messages\":%ld,\"per_second\":%.0f,\"peak_mib\":%.1f}\n", job, messages,
           (double)messages / seconds, (double)usage.ru_maxrss / 1024);
}

static void close_connection(amqp_connection_state_t connection) {
    amqp_connection_close(connection, AMQP_REPLY_SUCCESS);
    amqp_destroy_connection(connection);
}

int main(int count, char **arguments) {
    if (count != 6) {
        fputs("usage: relay HOST PORT MESSAGES BODY-BYTES WINDOW\n", stderr);
        return 64;
    }
    const char *host = arguments[1];
    int port = (int)number(arguments[2], "PORT", 1, 65535);
    long messages = number(arguments[3], "MESSAGES", 1, 100000000);
    long bytes = number(arguments[4], "BODY-BYTES", 2, 10000000);
    long size = number(arguments[5], "WINDOW", 1, 65535);

    snprintf(queue_in, sizeof queue_in, "bench.c.%ld.in", (long)getpid());
    snprintf(queue_out, sizeof queue_out, "bench.c.%ld.out", (long)getpid());
    amqp_connection_state_t consuming = open_connection(host, port);
    amqp_connection_state_t publishing = open_connection(host, port);
    if (declare(publishing, queue_in) || declare(publishing, queue_out)) fail("the queues are not empty; give it a broker of its own");
    amqp_confirm_select(publishing, channel);
    require_reply(publishing, "confirm.select");

    char *body = malloc((size_t)bytes);
    if (!body) fail("no memory for a body");
    memset(body, 'x', (size_t)bytes);
    body[0] = body[bytes - 1] = '"';
    double started = seconds_now();
    load(publishing, messages, (amqp_bytes_t){(size_t)bytes, body}, size);
    report("publish", messages, seconds_now() - started);
    free(body);

    /* Confirms are numbered per channel: relaying begins at 1 again on a channel of its own. */
    close_connection(publishing);
    publishing = open_connection(host, port);
    amqp_confirm_select(publishing, channel);
    require_reply(publishing, "confirm.select");

    started = seconds_now();
    begin_consuming(consuming, queue_in, size);
    relay(consuming, publishing, messages, size);
    report("relay", messages, seconds_now() - started);

    uint32_t arrived = declare(publishing, queue_out);
    if (arrived != (uint32_t)messages) fail("%u of %ld messages arrived", arrived, messages);
    close_connection(consuming);
    consuming = open_connection(host, port);
    started = seconds_now();
    begin_consuming(consuming, queue_out, 1000);
    consume(consuming, messages);
    report("consume", messages, seconds_now() - started);
    close_connection(consuming);
    close_connection(publishing);
    return 0;
}
