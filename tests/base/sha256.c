#include "base/sha256.h"

#include "support/check.h"

static const char *digest_of(str bytes, char out[SHA256_TEXT]) {
    uint8_t digest[SHA256_BYTES];
    sha256(bytes, digest);
    return sha256_hex(digest, out);
}

static const char *signature_of(str key, str bytes, char out[SHA256_TEXT]) {
    uint8_t digest[SHA256_BYTES];
    hmac_sha256(key, bytes, digest);
    return sha256_hex(digest, out);
}

/* FIPS 180-4's examples, and the lengths at which padding takes another block. */
static void digests_are_those_of_the_standard(void **state) {
    char text[SHA256_TEXT], fill[200];
    (void)state;
    memset(fill, 'a', sizeof fill);
    static const struct {
        size_t length; /* of so many "a" */
        const char *digest;
    } fills[] = {
        {55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"},
        {56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"},
        {63, "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34"},
        {64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"},
        {119, "31eba51c313a5c08226adf18d4a359cfdfd8d2e816b13f4af952f7ea6584dcfb"},
    };
    assert_string_equal(digest_of(STR(""), text),
                        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_string_equal(digest_of(STR("abc"), text),
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_string_equal(
        digest_of(STR("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"), text),
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    for (size_t i = 0; i < sizeof fills / sizeof *fills; i++)
        assert_string_equal(digest_of((str){fill, fills[i].length}, text), fills[i].digest);
}

/* RFC 4231, cases 2, 6. */
static void signatures_are_those_of_the_standard(void **state) {
    char text[SHA256_TEXT], key[131];
    (void)state;
    assert_string_equal(signature_of(STR("Jefe"), STR("what do ya want for nothing?"), text),
                        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, sizeof key);
    assert_string_equal(signature_of((str){key, sizeof key},
                                     STR("Test Using Larger Than Block-Size Key - Hash Key First"),
                                     text),
                        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_are_those_of_the_standard),
        cmocka_unit_test(signatures_are_those_of_the_standard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
