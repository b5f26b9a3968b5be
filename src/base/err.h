/* Errors as values.
 *
 * A function that can fail returns an err pointer: NULL is success. Whoever receives one either
 * handles it (and frees it) or passes it on, usually wrapped with what it was doing, so that the
 * whole reads from the outside in: "dispatchis: PUBLIC_X.zip: line 7: RRP is 'abc', not a number".
 * Nothing below cmd/ prints or exits.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

enum err_kind {
    ERR_INPUT,   /* what was read is not what it should be; reading it again won't help */
    ERR_NETWORK, /* the other side can't be reached or refuses; worth another try */
    ERR_IO,      /* this machine: disk, permissions, descriptors */
    ERR_BUSY,    /* somebody else holds what is needed */
    ERR_USAGE,   /* the user asked for something that does not exist */
    ERR_STOPPED, /* told to stop before it was done */
};

typedef struct err err;

#define ERR_NODISCARD __attribute__((warn_unused_result))

err *err_new(enum err_kind kind, const char *format, ...)
    __attribute__((format(printf, 2, 3), returns_nonnull)) ERR_NODISCARD;
/* An ERR_IO whose text ends with the system's words for [errnum]. */
err *err_errno(int errnum, const char *format, ...)
    __attribute__((format(printf, 2, 3), returns_nonnull)) ERR_NODISCARD;
/* Puts "<message>: " before the text of [cause], which it takes over. NULL stays NULL. */
err *err_wrap(err *cause, const char *format, ...)
    __attribute__((format(printf, 2, 3))) ERR_NODISCARD;

const char *err_text(const err *e);
enum err_kind err_kind(const err *e);
void err_free(err *e);

/* Hands a failure on to the caller. */
#define TRY(expression)                                                                            \
    do {                                                                                           \
        err *try_error_ = (expression);                                                            \
        if (try_error_)                                                                            \
            return try_error_;                                                                     \
    } while (0)

#endif
