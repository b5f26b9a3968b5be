#include "cmd/terminal.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static struct {
    struct termios before;
    bool entered;
    volatile sig_atomic_t end, suspend;
} terminal;

bool terminal_there(void) {
    const char *name = getenv("TERM");
    return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && name && strcmp(name, "dumb") != 0;
}

static void on_end(int signal) {
    (void)signal;
    terminal.end = 1;
}

static void on_suspend(int signal) {
    (void)signal;
    terminal.suspend = 1;
}

static void on_size(int signal) {
    (void)signal; /* it wakes who waits for a key */
}

static void handle(int signal, void (*handler)(int)) {
    struct sigaction action = {.sa_handler = handler}; /* without SA_RESTART */
    sigaction(signal, &action, NULL);
}

static void say(str text) {
    while (text.len) {
        ssize_t written = write(STDOUT_FILENO, text.at, text.len);
        if (written < 0 && errno != EINTR)
            return; /* nobody looks any more: terminal_key finds out */
        if (written > 0)
            text = (str){text.at + written, text.len - (size_t)written};
    }
}

static err *take_over(void) {
    struct termios raw;
    if (tcgetattr(STDIN_FILENO, &terminal.before))
        return err_errno(errno, "can't tell how the terminal is set");
    raw = terminal.before;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw))
        return err_errno(errno, "can't set the terminal");
    terminal.entered = true;
    say(STR("\033[?1049h\033[?25l\033[2J"));
    return NULL;
}

err *terminal_enter(void) {
    handle(SIGINT, on_end);
    handle(SIGTERM, on_end);
    handle(SIGHUP, on_end);
    handle(SIGTSTP, on_suspend);
    handle(SIGWINCH, on_size);
    handle(SIGCONT, on_size);
    handle(SIGPIPE, SIG_IGN);
    return take_over();
}

void terminal_leave(void) {
    if (!terminal.entered)
        return;
    terminal.entered = false;
    say(STR("\033[0m\033[?25h\033[?1049l"));
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &terminal.before);
}

/* As Ctrl-Z asks for, until the shell has this program go on. */
static void suspend(void) {
    terminal.suspend = 0;
    terminal_leave();
    kill(getpid(), SIGSTOP);
    err *e = take_over();
    if (e)
        terminal.end = 1;
    err_free(e);
}

void terminal_size(int *columns, int *rows) {
    struct winsize size = {0};
    bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col && size.ws_row;
    *columns = known ? size.ws_col : 80;
    *rows = known ? size.ws_row : 24;
}

/* The bytes at the start of [line] that fill [columns] at most. */
static size_t fitting(str line, int columns) {
    size_t at = 0;
    while (at < line.len) {
        str rest = {line.at + at, line.len - at};
        size_t step = str_utf8_length(rest);
        if (rest.at[0] == '\033') {
            const char *end = memchr(rest.at, 'm', rest.len);
            at += end ? (size_t)(end - rest.at) + 1 : rest.len;
            continue;
        }
        if (columns-- == 0)
            break;
        at += step ? step : 1;
    }
    return at;
}

void terminal_draw(str page) {
    struct buf out = {0};
    int columns, rows;
    terminal_size(&columns, &rows);
    buf_add_str(&out, STR("\033[H"));
    for (int row = 0; row < rows && page.len; row++) {
        str line = str_cut(&page, '\n');
        line.len = fitting(line, columns);
        if (row)
            buf_add_char(&out, '\n'); /* the terminal makes a line of it: output is as it was */
        buf_add_str(&out, line);
        buf_add_str(&out, STR("\033[0m\033[K"));
    }
    buf_add_str(&out, STR("\033[J"));
    say(buf_str(&out));
    buf_free(&out);
}

int terminal_key(int milliseconds) {
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    unsigned char key;
    if (terminal.end)
        return -1;
    int ready = poll(&input, 1, milliseconds);
    if (terminal.suspend)
        suspend();
    if (terminal.end)
        return -1;
    if (ready <= 0)
        return 0;
    ssize_t got = read(STDIN_FILENO, &key, 1);
    if (got == 1)
        return key;
    return got < 0 && errno == EINTR ? 0 : -1;
}
