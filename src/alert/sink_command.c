/* A command of the user's: its words, run without a shell, with the message as JSON on its standard
 * input. It has COMMAND_S to end with status 0; then it and what it started are killed. The
 * environment that it gets has no secrets. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "alert/sink.h"

extern char **environ;

enum { COMMAND_S = 30, COMMAND_WORDS = 64 };

/* Words are parted by blanks; quotes of either kind keep blanks in one. */
static err *read_words(struct sink *s, const char *text) {
    struct arena *a = s->settings->memory;
    char *out = arena_alloc(a, strlen(text) + 1);
    size_t count = 0;
    s->words = ARENA_ARRAY(a, const char *, COMMAND_WORDS + 1);
    for (const char *p = text; *p;) {
        char quote = 0;
        while (isspace((unsigned char)*p))
            p++;
        if (!*p)
            break;
        if (count == COMMAND_WORDS)
            return err_new(ERR_USAGE, "ALERT_COMMAND has over %d words", COMMAND_WORDS);
        s->words[count++] = out;
        for (; *p && (quote || !isspace((unsigned char)*p)); p++) {
            if (quote ? *p == quote : *p == '"' || *p == '\'')
                quote = quote ? 0 : *p;
            else
                *out++ = *p;
        }
        if (quote)
            return err_new(ERR_USAGE, "ALERT_COMMAND: the quotes are not closed");
        *out++ = 0;
    }
    return NULL;
}

static err *configure(struct sink *s) {
    const char *text = config_get(s->settings->config, "ALERT_COMMAND", NULL);
    if (!text || !*text)
        return NULL;
    TRY(read_words(s, text));
    if (!s->words[0] || s->words[0][0] != '/')
        return err_new(ERR_USAGE, "ALERT_COMMAND must begin with the full path of a program");
    const char **target = ARENA_ARRAY(s->settings->memory, const char *, 1);
    target[0] = text;
    sink_set_targets(s, target, 1);
    s->shown = s->words[0];
    return NULL;
}

static char **public_environment(struct arena *a) {
    size_t count = 0, kept = 0;
    while (environ[count])
        count++;
    char **out = ARENA_ARRAY(a, char *, count + 1);
    for (size_t i = 0; i < count; i++) {
        str rest = str_from(environ[i]);
        if (!setting_is_secret(str_cut(&rest, '=')))
            out[kept++] = environ[i];
    }
    return out;
}

static int64_t now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Its input comes from [input]; its output goes nowhere. It leads a process group of its own, and
 * has none of nemd's blocked signals. */
static int start(const struct sink *s, int input, pid_t *child) {
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    sigset_t none, defaults;
    struct arena a = {0};
    sigemptyset(&none);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_init(&how);
    posix_spawnattr_setflags(&how, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                       POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigmask(&how, &none);
    posix_spawnattr_setsigdefault(&how, &defaults);
    int failed = posix_spawn(child, s->words[0], &files, &how, (char *const *)s->words,
                             public_environment(&a));
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&how);
    arena_free(&a);
    return failed;
}

/* Gives the child its input, as fast as it takes it, until it is over or [end]. */
static void feed(int fd, str input, pid_t child, int *status, bool *over, int64_t end,
                 const struct stop *stop) {
    enum { STEP_MS = 20 };
    while (!*over && now_ms() < end && !(stop && stop_requested(stop))) {
        struct pollfd p = {.fd = input.len ? fd : -1, .events = POLLOUT};
        if (poll(&p, 1, STEP_MS) == 1) {
            ssize_t given = write(fd, input.at, input.len);
            if (given < 0 && errno != EAGAIN)
                input.len = 0; /* it doesn't read, which is its own affair */
            else if (given > 0)
                input = (str){input.at + given, input.len - (size_t)given};
        }
        if (!input.len && fd >= 0) {
            close(fd);
            fd = -1;
        }
        *over = waitpid(child, status, WNOHANG) == child;
    }
    if (fd >= 0)
        close(fd);
}

static enum sink_outcome run(const struct sink *s, str input, struct sink_problem *problem) {
    int ends[2], status = 0;
    bool over = false;
    pid_t child;
    if (pipe(ends)) {
        sink_say(problem, "no pipe can be had");
        return SINK_RETRY;
    }
    for (int i = 0; i < 2; i++)
        fcntl(ends[i], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    int failed = start(s, ends[0], &child);
    close(ends[0]);
    if (failed) {
        close(ends[1]);
        sink_say(problem, "%s can't be run: %s", s->words[0], strerror(failed));
        return SINK_RETRY;
    }
    feed(ends[1], input, child, &status, &over, now_ms() + COMMAND_S * 1000, s->settings->stop);
    if (!over) {
        kill(-child, SIGKILL);
        waitpid(child, &status, 0);
        sink_say(problem, "%s was still running after %d s and was killed", s->words[0], COMMAND_S);
        return s->settings->stop && stop_requested(s->settings->stop) ? SINK_STOPPED : SINK_RETRY;
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return SINK_SENT;
    if (WIFEXITED(status))
        sink_say(problem, "%s ended with status %d", s->words[0], WEXITSTATUS(status));
    else
        sink_say(problem, "%s was ended by signal %d", s->words[0], WTERMSIG(status));
    return SINK_RETRY;
}

static enum sink_outcome send(const struct sink *s, size_t target, const struct alert_message *m,
                              struct sink_problem *problem) {
    struct buf input = {0};
    (void)target;
    message_json(&input, m);
    buf_add_char(&input, '\n');
    enum sink_outcome outcome = run(s, buf_str(&input), problem);
    buf_free(&input);
    return outcome;
}

const struct sink_kind sink_command = {
    .name = "command",
    .summary = "a program of yours, with the message as JSON on its standard input",
    .rate = 120,
    .least = ALERT_INFO,
    .configure = configure,
    .send = send,
};
