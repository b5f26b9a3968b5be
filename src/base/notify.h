/* Telling who started this process that it is ready, and alive: systemd's protocol, a datagram to
 * the socket that NOTIFY_SOCKET names. Elsewhere, and without that, nothing happens.
 */
#ifndef BASE_NOTIFY_H
#define BASE_NOTIFY_H

/* "READY=1", "STOPPING=1", "WATCHDOG=1". What can't be sent is dropped. */
void notify_supervisor(const char *state);
/* How often WATCHDOG=1 is to be said, in milliseconds: thrice within the time that is allowed. 0:
 * nobody waits for it. */
int notify_watchdog_ms(void);

#endif
