/* A small HTTP/1.1 server: a thread for each connection, up to a bound, and keep-alive.
 *
 *      client 1 ──── thread 1        answers, also for seconds, while the others go on
 *      client 2 ──── thread 2
 *      clients ───── listener ────── thread 3 accepts the next; threads 4 … wait for their turn
 *
 * When all threads have a client, further ones wait in the kernel's queue.
 */
#ifndef SIM_SERVER_H
#define SIM_SERVER_H

#include "sim/program/answer.h"

struct sim_limits {
    int connections;
    int idle_ms;    /* between requests */
    int request_ms; /* from a request's first byte to its last; then 408 */
    int send_ms;    /* without progress in sending */
    int stall_ms;   /* of a stall that is played */
};
extern const struct sim_limits sim_default_limits;

struct sim_server;

/* Listens on [host]:[port] (port 0: any free one) and answers. [host] is an address or "localhost",
 * which is 127.0.0.1. ERR_BUSY when the port is taken; ERR_USAGE when [host] is no address. Has
 * the process ignore SIGPIPE. [web] must outlive the server. */
err *sim_server_open(struct sim_web *web, const char *host, int port,
                     const struct sim_limits *limits, struct sim_server **out) ERR_NODISCARD;
int sim_server_port(const struct sim_server *s);
/* Ends every connection, and waits for the files that are being made. */
void sim_server_close(struct sim_server *s);

#endif
