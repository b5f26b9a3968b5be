#include "ops/rsync.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

extern char **environ;

enum { MOST_OUTPUT = 256 << 20, MOST_COMPLAINTS = 1 << 20, POLL_MS = 20 };

static err *start(const char *const *words, const char *out, const char *complaints, pid_t *child) {
    const char *all[RSYNC_WORDS + 3] = {"rsync", "--timeout=300"};
    size_t count = 2;
    posix_spawn_file_actions_t files;
    while (*words && count < RSYNC_WORDS + 2)
        all[count++] = *words++;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, out, O_WRONLY | O_CREAT | O_TRUNC,
                                     0600);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, complaints,
                                     O_WRONLY | O_CREAT | O_TRUNC, 0600);
    int failed = posix_spawnp(child, all[0], &files, NULL, (char *const *)(uintptr_t)all, environ);
    posix_spawn_file_actions_destroy(&files);
    if (failed == ENOENT)
        return err_new(ERR_USAGE, "there is no rsync on this machine: install it");
    return failed ? err_errno(failed, "can't start rsync") : NULL;
}

/* The exit status; 128 and the signal for one that was killed; -1 when it was to stop. */
static int wait_for(pid_t child, const struct stop *stop) {
    int status = 0;
    bool stopped = false;
    for (;;) {
        pid_t ended = waitpid(child, &status, stop && !stopped ? WNOHANG : 0);
        if (ended == child)
            break;
        if (ended < 0 && errno != EINTR)
            return 127;
        if (ended == 0 && stop_wait(stop, POLL_MS)) {
            kill(child, SIGTERM);
            stopped = true;
        }
    }
    if (stopped)
        return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static err *complain(int status, const char *path) {
    struct buf text = {0};
    err_free(file_read(path, MOST_COMPLAINTS, &text)); /* what it said is a help, no more */
    str rest = buf_str(&text), line = {0};
    while (rest.len && line.len == 0)
        line = str_trim(str_cut(&rest, '\n'));
    err *e = err_new(ERR_IO, "rsync failed (%d): %.*s", status,
                     line.len > 300 ? 300 : (int)line.len, line.len ? line.at : "");
    buf_free(&text);
    return e;
}

err *rsync_run(const char *const *words, const char *scratch, const struct stop *stop,
               struct buf *out) {
    struct arena a = {0};
    const char *printed = arena_printf(&a, "%s/.rsync.out", scratch),
               *complaints = arena_printf(&a, "%s/.rsync.err", scratch);
    pid_t child;
    int ended = 0;
    err *e = start(words, printed, complaints, &child);
    if (!e) {
        ended = wait_for(child, stop);
        if (ended < 0)
            e = err_new(ERR_STOPPED, "told to stop");
        else if (ended)
            e = complain(ended, complaints);
        else if (out)
            e = file_read(printed, MOST_OUTPUT, out);
    }
    unlink(printed);
    unlink(complaints);
    arena_free(&a);
    return e;
}
