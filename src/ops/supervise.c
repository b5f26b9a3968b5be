#include "ops/supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

#define UNIT "nemd.service"
#define LABEL "nemd.run"

enum supervisor supervisor_here(void) {
#ifdef __APPLE__
    return SUPERVISOR_LAUNCHD;
#else
    return SUPERVISOR_SYSTEMD;
#endif
}

static err *check_path(const char *what, const char *path) {
    if (!path)
        return NULL;
    if (path[0] != '/')
        return err_new(ERR_USAGE, "%s has to be absolute, not %s", what, path);
    for (const char *c = path; *c; c++)
        if ((unsigned char)*c < ' ')
            return err_new(ERR_USAGE, "%s holds a control character", what);
    return NULL;
}

/* -- systemd ------------------------------------------------------------------------------------
 */

/* A word in quotes: of % and, where commands stand, $ there have to be two. */
static void add_word(struct buf *out, const char *word, bool command) {
    buf_add_char(out, '"');
    for (; *word; word++) {
        if (*word == '"' || *word == '\\')
            buf_add_char(out, '\\');
        if (*word == '%' || (command && *word == '$'))
            buf_add_char(out, *word);
        buf_add_char(out, *word);
    }
    buf_add_char(out, '"');
}

/* Commands of alerts run inside as well, so memory may become code. */
static const char fences[] = "ProtectSystem=strict\n"
                             "ProtectHome=read-only\n"
                             "ProtectProc=invisible\n"
                             "PrivateTmp=yes\n"
                             "PrivateDevices=yes\n"
                             "ProtectKernelTunables=yes\n"
                             "ProtectKernelModules=yes\n"
                             "ProtectKernelLogs=yes\n"
                             "ProtectControlGroups=yes\n"
                             "ProtectClock=yes\n"
                             "ProtectHostname=yes\n"
                             "RestrictNamespaces=yes\n"
                             "RemoveIPC=yes\n"
                             "KeyringMode=private\n"
                             "SystemCallFilter=@system-service\n"
                             "SystemCallErrorNumber=EPERM\n"
                             "CapabilityBoundingSet=\n";

/* What may be written. But for the store, paths may be missing. */
static void add_writable(const struct supervised *s, struct buf *out) {
    struct arena a = {0};
    const char *slash = s->log ? strrchr(s->log, '/') : NULL;
    buf_add_str(out, STR("ReadWritePaths="));
    add_word(out, s->data, false);
    if (slash && slash > s->log) {
        buf_add_char(out, ' ');
        add_word(out, arena_printf(&a, "-%.*s", (int)(slash - s->log), s->log), false);
    }
    if (s->backup) {
        buf_add_char(out, ' ');
        add_word(out, arena_printf(&a, "-%s", s->backup), false);
    }
    buf_add_char(out, '\n');
    arena_free(&a);
}

static void add_systemd(const struct supervised *s, struct buf *out) {
    buf_add_str(out, STR("[Unit]\n"
                         "Description=nemd, the National Electricity Market on this machine\n"
                         "Wants=network-online.target\n"
                         "After=network-online.target\n"
                         "StartLimitIntervalSec=0\n"
                         "\n[Service]\n"
                         "Type=notify\n"
                         "NotifyAccess=main\n"
                         "ExecStart="));
    add_word(out, s->program, true);
    buf_add_str(out, STR(" run --data "));
    add_word(out, s->data, true);
    if (s->config) {
        buf_add_str(out, STR(" --config "));
        add_word(out, s->config, true);
    }
    buf_add_str(out, STR("\nRestart=always\n"
                         "RestartSec=5\n"
                         "RestartPreventExitStatus=2\n"
                         "WatchdogSec=120\n"
                         "TimeoutStartSec=120\n"
                         "TimeoutStopSec=60\n"
                         "MemoryMax=2G\n"
                         "LimitNOFILE=65536\n"
                         "UMask=0022\n"
                         "NoNewPrivileges=yes\n"
                         "LockPersonality=yes\n"
                         "RestrictSUIDSGID=yes\n"
                         "RestrictRealtime=yes\n"
                         "SystemCallArchitectures=native\n"
                         "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX\n"));
    if (s->system) {
        if (s->user)
            buf_printf(out, "User=%s\n", s->user);
        buf_add_str(out, str_from(fences));
        add_writable(s, out);
    }
    buf_printf(out, "\n[Install]\nWantedBy=%s\n",
               s->system ? "multi-user.target" : "default.target");
}

/* -- launchd ------------------------------------------------------------------------------------
 */

static void add_xml(struct buf *out, const char *text) {
    buf_add_str(out, STR("<string>"));
    for (; *text; text++) {
        if (*text == '&')
            buf_add_str(out, STR("&amp;"));
        else if (*text == '<')
            buf_add_str(out, STR("&lt;"));
        else if (*text == '>')
            buf_add_str(out, STR("&gt;"));
        else
            buf_add_char(out, *text);
    }
    buf_add_str(out, STR("</string>"));
}

static void add_pair(struct buf *out, const char *key, const char *text) {
    buf_printf(out, "    <key>%s</key>\n    ", key);
    add_xml(out, text);
    buf_add_char(out, '\n');
}

/* Of the store's own user, who may not be able to write to the system's folder of logs. */
static const char *launchd_log(const struct supervised *s, struct arena *a, const char *what) {
    return s->system ? arena_printf(a, "%s/nemd.%s", s->data, what)
                     : arena_printf(a, "%s/Library/Logs/nemd.%s", s->home, what);
}

static void add_launchd(const struct supervised *s, struct buf *out) {
    struct arena a = {0};
    const char *log = launchd_log(s, &a, "log"), *rest = launchd_log(s, &a, "err");
    const char *words[9] = {s->program, "run", "--data", s->data};
    size_t count = 4;
    if (s->config) {
        words[count++] = "--config";
        words[count++] = s->config;
    }
    if (!s->log) {
        words[count++] = "--log-file";
        words[count++] = log;
    }
    buf_add_str(out, STR("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                         "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" "
                         "\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n"
                         "<plist version=\"1.0\">\n<dict>\n"));
    add_pair(out, "Label", LABEL);
    buf_add_str(out, STR("    <key>ProgramArguments</key>\n    <array>\n"));
    for (size_t i = 0; i < count; i++) {
        buf_add_str(out, STR("        "));
        add_xml(out, words[i]);
        buf_add_char(out, '\n');
    }
    buf_add_str(out, STR("    </array>\n"
                         "    <key>RunAtLoad</key>\n    <true/>\n"
                         "    <key>KeepAlive</key>\n    <true/>\n"
                         "    <key>ThrottleInterval</key>\n    <integer>5</integer>\n"
                         "    <key>SoftResourceLimits</key>\n    <dict>\n"
                         "        <key>NumberOfFiles</key>\n        <integer>8192</integer>\n"
                         "    </dict>\n"));
    if (s->system && s->user)
        add_pair(out, "UserName", s->user);
    add_pair(out, "StandardOutPath", "/dev/null");
    add_pair(out, "StandardErrorPath", rest);
    buf_add_str(out, STR("</dict>\n</plist>\n"));
    arena_free(&a);
}

/* -- both ---------------------------------------------------------------------------------------
 */

err *supervise_text(const struct supervised *s, struct buf *out) {
    TRY(check_path("the program", s->program));
    TRY(check_path("--data", s->data));
    TRY(check_path("--config", s->config));
    TRY(check_path("LOG_FILE", s->log));
    TRY(check_path("NEMD_BACKUP", s->backup));
    for (const char *c = s->user; c && *c; c++)
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", *c))
            return err_new(ERR_USAGE, "--user is '%s', which is no user's name", s->user);
    if (s->kind == SUPERVISOR_SYSTEMD)
        add_systemd(s, out);
    else
        add_launchd(s, out);
    return NULL;
}

const char *supervise_path(const struct supervised *s, struct arena *a) {
    const char *root = s->root ? s->root : "";
    if (s->kind == SUPERVISOR_SYSTEMD)
        return s->system ? arena_printf(a, "%s/etc/systemd/system/" UNIT, root)
                         : arena_printf(a, "%s%s/.config/systemd/user/" UNIT, root, s->home);
    return s->system ? arena_printf(a, "%s/Library/LaunchDaemons/" LABEL ".plist", root)
                     : arena_printf(a, "%s%s/Library/LaunchAgents/" LABEL ".plist", root, s->home);
}

/* Runs a program to its end; what it prints comes into [out], or where [out] is NULL goes where it
 * goes. */
static err *run_into(const char *const *words, struct buf *out) {
    int status = 0, ends[2] = {-1, -1};
    char piece[1024];
    ssize_t got;
    if (out && pipe(ends))
        return err_errno(errno, "can't start %s", words[0]);
    pid_t child = fork();
    if (child < 0)
        return err_errno(errno, "can't start %s", words[0]);
    if (child == 0) {
        if (out) {
            dup2(ends[1], STDOUT_FILENO);
            dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
            close(ends[0]);
            close(ends[1]);
        }
        execvp(words[0], (char *const *)(uintptr_t)words);
        _exit(127);
    }
    if (out) {
        close(ends[1]);
        while ((got = read(ends[0], piece, sizeof piece)) > 0 || (got < 0 && errno == EINTR))
            if (got > 0)
                buf_add(out, piece, (size_t)got);
        close(ends[0]);
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return NULL;
    return err_new(ERR_IO, "%s %s failed%s", words[0], words[1],
                   WIFEXITED(status) && WEXITSTATUS(status) == 127 ? ": it isn't there" : "");
}

static err *run(const char *const *words) {
    return run_into(words, NULL);
}

static err *systemctl(const struct supervised *s, const char *verb, const char *option) {
    const char *const words[] = {
        "systemctl", s->system ? "--system" : "--user", verb, option, option ? UNIT : NULL, NULL};
    return run(words);
}

static err *launchctl(const struct supervised *s, struct arena *a, const char *verb) {
    const char *domain = s->system ? "system" : arena_printf(a, "gui/%ld", (long)getuid());
    const char *const words[] = {"launchctl", verb, domain, supervise_path(s, a), NULL};
    return run(words);
}

static err *start(const struct supervised *s, struct arena *a) {
    if (s->kind == SUPERVISOR_LAUNCHD)
        return launchctl(s, a, "bootstrap");
    TRY(systemctl(s, "daemon-reload", NULL));
    return systemctl(s, "enable", "--now");
}

static err *stop(const struct supervised *s, struct arena *a) {
    return s->kind == SUPERVISOR_LAUNCHD ? launchctl(s, a, "bootout")
                                         : systemctl(s, "disable", "--now");
}

/* systemd refuses to start a service whose writable folder isn't there. */
static err *make_store_folder(const struct supervised *s) {
    const struct passwd *who = s->user ? getpwnam(s->user) : NULL;
    bool new = !file_exists(s->data);
    if (s->user && !who)
        return err_new(ERR_USAGE,
                       "there is no user %s: make one with `adduser --system --group %s`", s->user,
                       s->user);
    TRY(file_make_folders(s->data));
    if (new &&who && chown(s->data, who->pw_uid, who->pw_gid))
        return err_errno(errno, "can't give %s to %s", s->data, s->user);
    return NULL;
}

err *supervise_install(const struct supervised *s, struct arena *a) {
    const char *path = supervise_path(s, a), *slash = strrchr(path, '/');
    struct buf text = {0};
    err *e = supervise_text(s, &text);
    if (!e && !s->root)
        e = make_store_folder(s);
    if (!e)
        e = file_make_folders(arena_printf(a, "%.*s", (int)(slash - path), path));
    if (!e)
        e = file_write_atomic(path, buf_str(&text));
    if (!e && !s->root)
        e = err_wrap(start(s, a), "%s is written, but", path);
    buf_free(&text);
    return e;
}

err *supervise_uninstall(const struct supervised *s, struct arena *a) {
    const char *path = supervise_path(s, a);
    if (!file_exists(path))
        return err_new(ERR_USAGE, "there is no service in %s", path);
    if (!s->root)
        TRY(stop(s, a));
    if (unlink(path))
        return err_errno(errno, "can't remove %s", path);
    return s->root || s->kind == SUPERVISOR_LAUNCHD ? NULL : systemctl(s, "daemon-reload", NULL);
}

bool supervise_state(const struct supervised *s, struct arena *a, bool *at_boot, bool *active) {
    const bool systemd = s->kind == SUPERVISOR_SYSTEMD;
    const char *scope = s->system ? "--system" : "--user";
    const char *const show[] = {
        "systemctl", scope, "show", UNIT, "--property=UnitFileState,ActiveState", NULL};
    const char *service =
        s->system ? "system/" LABEL : arena_printf(a, "gui/%ld/%s", (long)getuid(), LABEL);
    const char *const print[] = {"launchctl", "print", service, NULL};
    struct buf said = {0};
    err *e = run_into(systemd ? show : print, &said);
    str text = buf_str(&said);
    *at_boot = systemd ? str_find(text, STR("UnitFileState=enabled")) >= 0
                       : !e; /* an agent that launchd knows has RunAtLoad */
    *active = systemd ? str_find(text, STR("ActiveState=active")) >= 0
                      : str_find(text, STR("state = running")) >= 0;
    bool asked = !e && text.len > 0;
    err_free(e);
    buf_free(&said);
    return asked;
}
