/* SHA-256 (FIPS 180-4) and HMAC-SHA-256 (RFC 2104): for signatures that receivers check, and for
 * keys that are the same whenever they are made of the same words. */
#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include "base/str.h"

enum { SHA256_BYTES = 32, SHA256_TEXT = 65 };

void sha256(str bytes, uint8_t out[SHA256_BYTES]);
void hmac_sha256(str key, str bytes, uint8_t out[SHA256_BYTES]);
/* Lower-case hexadecimal, zero-terminated. */
const char *sha256_hex(const uint8_t digest[SHA256_BYTES], char out[SHA256_TEXT]);

#endif
