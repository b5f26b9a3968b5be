#include "api/tokens.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MOST = 1 << 20, BURST_SECONDS = 20 };

static int hex_digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_hash(str hex, uint8_t out[SHA256_BYTES]) {
    if (hex.len != (size_t)SHA256_BYTES * 2)
        return false;
    for (size_t i = 0; i < SHA256_BYTES; i++) {
        int high = hex_digit(hex.at[i * 2]), low = hex_digit(hex.at[i * 2 + 1]);
        if (high < 0 || low < 0)
            return false;
        out[i] = (uint8_t)(high * 16 + low);
    }
    return true;
}

static bool is_printable(str s) {
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] <= ' ' || s.at[i] > '~')
            return false;
    return s.len > 0;
}

/* What is wrong with the line, without its words: one of them is a secret. */
static const char *read_line(struct tokens *t, str line) {
    struct token *token = &t->all[t->count];
    size_t name = 0;
    while (name < line.len && line.at[name] != ' ' && line.at[name] != '\t')
        name++;
    str secret = str_trim((str){line.at + name, line.len - name});
    if (!is_printable((str){line.at, name}) || !is_printable(secret))
        return "a name, a blank and a token are expected";
    if (t->count == MOST_TOKENS)
        return "there are more than 1000 tokens";
    if (str_starts(secret, STR("sha256:"))) {
        if (!read_hash((str){secret.at + 7, secret.len - 7}, token->hash))
            return "sha256: is followed by 64 hex digits";
    } else {
        if (secret.len < SHORTEST_TOKEN || secret.len > LONGEST_TOKEN)
            return "a token has 16 to 512 characters";
        sha256(secret, token->hash);
    }
    token->name = str_dup(&t->memory, (str){line.at, name});
    token->left = t->burst;
    t->count++;
    return NULL;
}

err *tokens_parse(struct tokens *t, const char *name, str text, int per_minute) {
    *t = (struct tokens){.mutex = PTHREAD_MUTEX_INITIALIZER,
                         .per_second = per_minute / 60.0,
                         .burst = fmax(1, per_minute / 60.0 * BURST_SECONDS)};
    t->all = ARENA_ARRAY(&t->memory, struct token, MOST_TOKENS + 1);
    for (int number = 1; text.len; number++) {
        str line = str_trim(str_cut(&text, '\n'));
        if (line.len == 0 || line.at[0] == '#')
            continue;
        const char *wrong = read_line(t, line);
        if (wrong) {
            tokens_free(t);
            return err_new(ERR_USAGE, "%s, line %d: %s", name, number, wrong);
        }
    }
    if (t->count)
        return NULL;
    tokens_free(t);
    return err_new(ERR_USAGE, "%s has no token; a line is a name, a blank and a token", name);
}

static err *check_owner(int fd, const char *path) {
    struct stat s;
    if (fstat(fd, &s))
        return err_errno(errno, "can't look at %s", path);
    if (!S_ISREG(s.st_mode))
        return err_new(ERR_USAGE, "%s is no file", path);
    if (s.st_mode & (S_IRWXG | S_IRWXO))
        return err_new(ERR_USAGE, "%s can be read or written by others: chmod 600 it", path);
    if (s.st_uid != geteuid() && s.st_uid != 0)
        return err_new(ERR_USAGE, "%s belongs to another user", path);
    return NULL;
}

err *tokens_read(struct tokens *t, const char *path, int per_minute) {
    struct buf text = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_errno(errno, "can't open %s", path);
    err *e = check_owner(fd, path);
    while (!e && text.len < FILE_MOST) {
        buf_reserve(&text, 4096);
        ssize_t got = read(fd, text.at + text.len, 4096);
        if (got < 0)
            e = err_errno(errno, "can't read %s", path);
        if (got <= 0)
            break;
        text.len += (size_t)got;
    }
    close(fd);
    if (!e)
        e = tokens_parse(t, path, buf_str(&text), per_minute);
    if (text.at)
        memset(text.at, 0, text.len);
    buf_free(&text);
    return e;
}

void tokens_free(struct tokens *t) {
    arena_free(&t->memory);
    *t = (struct tokens){0};
}

/* In a time that doesn't depend on where they differ. */
static bool equal(const uint8_t a[SHA256_BYTES], const uint8_t b[SHA256_BYTES]) {
    uint8_t differ = 0;
    for (size_t i = 0; i < SHA256_BYTES; i++)
        differ = (uint8_t)(differ | (a[i] ^ b[i]));
    return differ == 0;
}

static struct token *find(struct tokens *t, str presented) {
    uint8_t hash[SHA256_BYTES];
    struct token *found = NULL;
    sha256(presented, hash);
    for (size_t i = 0; i < t->count; i++)
        if (equal(hash, t->all[i].hash))
            found = &t->all[i];
    return found;
}

enum token_verdict tokens_check(struct tokens *t, str presented, double now, int *wait) {
    if (presented.len > LONGEST_TOKEN)
        return TOKEN_UNKNOWN;
    struct token *token = find(t, presented);
    if (!token)
        return TOKEN_UNKNOWN;
    pthread_mutex_lock(&t->mutex);
    if (now > token->filled_at)
        token->left = fmin(t->burst, token->left + (now - token->filled_at) * t->per_second);
    token->filled_at = now;
    bool good = token->left >= 1;
    if (good)
        token->left -= 1;
    else
        *wait = (int)ceil((1 - token->left) / t->per_second);
    pthread_mutex_unlock(&t->mutex);
    return good ? TOKEN_GOOD : TOKEN_TOO_FAST;
}
