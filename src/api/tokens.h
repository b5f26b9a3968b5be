/* Bearer tokens: who may ask, and how fast.
 *
 * A file of lines "name token" or "name sha256:<64 hex digits>", # beginning a comment. Only the
 * tokens' hashes are kept; a presented token is hashed and held against all of them, each in
 * constant time, so that nothing can be learnt from how long it took.
 *
 * Each token has a bucket: [burst] requests at once, refilled at [per_minute].
 */
#ifndef API_TOKENS_H
#define API_TOKENS_H

#include <pthread.h>

#include "base/err.h"
#include "base/sha256.h"
#include "base/str.h"

enum { SHORTEST_TOKEN = 16, LONGEST_TOKEN = 512, MOST_TOKENS = 1000 };

struct token {
    const char *name;
    uint8_t hash[SHA256_BYTES];
    double left;      /* requests in the bucket */
    double filled_at; /* seconds of the caller's clock */
};

struct tokens {
    struct arena memory;
    struct token *all;
    size_t count;
    double per_second, burst;
    pthread_mutex_t mutex; /* of the buckets */
};

/* ERR_USAGE when anybody but its owner can read the file, or the owner is neither this user nor
 * root; when a line is none; when there is no token. */
err *tokens_read(struct tokens *t, const char *path, int per_minute) ERR_NODISCARD;
/* The same of the file's text, which [name] calls. */
err *tokens_parse(struct tokens *t, const char *name, str text, int per_minute) ERR_NODISCARD;
void tokens_free(struct tokens *t);

enum token_verdict { TOKEN_GOOD, TOKEN_UNKNOWN, TOKEN_TOO_FAST };
/* [now]: seconds of a clock that only goes forward. With TOO_FAST, *wait is how many whole seconds
 * on there is a place again. */
enum token_verdict tokens_check(struct tokens *t, str presented, double now, int *wait);

#endif
