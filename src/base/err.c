#include "base/err.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/str.h"

struct err {
    enum err_kind kind;
    struct buf text; /* zero-terminated */
};

static err *make(enum err_kind kind, const char *format, va_list args) {
    err *e = mem_zalloc(1, sizeof *e);
    e->kind = kind;
    buf_vprintf(&e->text, format, args);
    buf_cstr(&e->text);
    return e;
}

err *err_new(enum err_kind kind, const char *format, ...) {
    va_list args;
    va_start(args, format);
    err *e = make(kind, format, args);
    va_end(args);
    return e;
}

err *err_errno(int errnum, const char *format, ...) {
    va_list args;
    va_start(args, format);
    err *e = make(ERR_IO, format, args);
    va_end(args);
    buf_printf(&e->text, ": %s", strerror(errnum));
    buf_cstr(&e->text);
    return e;
}

err *err_wrap(err *cause, const char *format, ...) {
    if (!cause)
        return NULL;
    va_list args;
    va_start(args, format);
    err *e = make(cause->kind, format, args);
    va_end(args);
    buf_printf(&e->text, ": %s", err_text(cause));
    buf_cstr(&e->text);
    err_free(cause);
    return e;
}

const char *err_text(const err *e) {
    return e->text.at;
}

enum err_kind err_kind(const err *e) {
    return e->kind;
}

void err_free(err *e) {
    if (!e)
        return;
    buf_free(&e->text);
    free(e);
}
