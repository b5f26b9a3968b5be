#include "base/notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/str.h"

void notify_supervisor(const char *state) {
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    const char *path = getenv("NOTIFY_SOCKET");
    size_t length = path ? strlen(path) : 0;
    if (length < 2 || length >= sizeof to.sun_path || (path[0] != '/' && path[0] != '@'))
        return;
    memcpy(to.sun_path, path, length);
    if (path[0] == '@') /* a name of Linux that is no file */
        to.sun_path[0] = 0;
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    if (fd < 0)
        return;
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    ssize_t sent = sendto(fd, state, strlen(state), 0, (const struct sockaddr *)(void *)&to, size);
    (void)sent;
    close(fd);
}

int notify_watchdog_ms(void) {
    const char *text = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
    uint64_t us, who;
    if (!text || !str_to_u64(str_from(text), &us) || us < 3000 || us > UINT64_C(86400000000))
        return 0;
    if (pid && str_to_u64(str_from(pid), &who) && who != (uint64_t)getpid())
        return 0;
    return (int)(us / 3000);
}
