/* How alerts are configured: secrets, hours, lists, routes. */
#include "alert/settings.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "alert/sink.h"
#include "base/file.h"
#include "support/check.h"

struct fixture {
    char *folder;
    struct arena memory;
    struct config config;
    struct alert_settings settings;
};

static int set_up(void **state) {
    struct fixture *f = mem_zalloc(1, sizeof *f);
    f->folder = temporary_folder();
    f->settings = (struct alert_settings){.config = &f->config, .memory = &f->memory};
    *state = f;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *f = *state;
    remove_folder(f->folder);
    arena_free(&f->memory);
    config_free(&f->config);
    free(f);
    return 0;
}

static void configure(struct fixture *f, const char *text) {
    config_free(&f->config);
    assert_ok(config_parse(&f->config, "test", str_from(text)));
}

static const char *write_file(struct fixture *f, const char *text, unsigned mode) {
    const char *path = arena_printf(&f->memory, "%s/secret", f->folder);
    assert_ok(file_write_atomic(path, str_from(text)));
    assert_int_equal(chmod(path, mode), 0);
    return path;
}

static const char *const token[] = {"TWILIO_AUTH_TOKEN", NULL};

static void a_file_with_a_secret_is_refused_unless_it_is_its_owners_alone(void **state) {
    struct fixture *f = *state;
    const char *secret;
    static const unsigned open_modes[] = {0644, 0640, 0604, 0660, 0601};
    for (size_t i = 0; i < sizeof open_modes / sizeof *open_modes; i++) {
        f->settings.config_file = write_file(f, "TWILIO_AUTH_TOKEN=hunter2\n", open_modes[i]);
        assert_ok(config_read(&f->config, f->settings.config_file));
        err *e = setting_secret(&f->settings, token, &secret);
        assert_non_null(e);
        assert_int_equal(err_kind(e), ERR_USAGE);
        assert_non_null(strstr(err_text(e), "chmod 600"));
        assert_null(strstr(err_text(e), "hunter2"));
        err_free(e);
    }
    f->settings.config_file = write_file(f, "TWILIO_AUTH_TOKEN=hunter2\n", 0600);
    assert_ok(config_read(&f->config, f->settings.config_file));
    assert_ok(setting_secret(&f->settings, token, &secret));
    assert_string_equal(secret, "hunter2");
}

/* Settings that others may read name a second file, of secrets. */
static void a_file_without_secrets_may_be_read_by_others(void **state) {
    struct fixture *f = *state;
    const char *secret, *secrets = write_file(f, "TWILIO_AUTH_TOKEN=hunter2\n", 0600);
    assert_ok(config_read(&f->config, secrets));
    f->settings.config_file = "/dev/null"; /* mode 0666 */
    assert_ok(setting_secret(&f->settings, token, &secret));
    assert_string_equal(secret, "hunter2");
}

static void a_secret_can_have_a_file_of_its_own(void **state) {
    struct fixture *f = *state;
    const char *secret, *path = write_file(f, " s3cret\n", 0400);
    configure(f, arena_printf(&f->memory, "TWILIO_AUTH_TOKEN_FILE=%s", path));
    assert_ok(setting_secret(&f->settings, token, &secret));
    assert_string_equal(secret, "s3cret");
    write_file(f, "s3cret", 0644);
    assert_err(setting_secret(&f->settings, token, &secret), ERR_USAGE, "can be read by others");
    write_file(f, "\n", 0600);
    assert_err(setting_secret(&f->settings, token, &secret), ERR_USAGE, "is empty");
    configure(f, "TWILIO_AUTH_TOKEN_FILE=/nowhere/at/all");
    assert_err(setting_secret(&f->settings, token, &secret), ERR_IO, "/nowhere/at/all");
}

static void quiet_hours_go_over_midnight(void **state) {
    struct quiet_hours q;
    (void)state;
    assert_ok(quiet_hours_read("Q", "22:00-07:30", &q));
    assert_true(quiet_hours_hold(&q, 22 * 60) && quiet_hours_hold(&q, 0) &&
                quiet_hours_hold(&q, 7 * 60 + 29));
    assert_false(quiet_hours_hold(&q, 7 * 60 + 30) || quiet_hours_hold(&q, 12 * 60));
    assert_ok(quiet_hours_read("Q", "9:00-17:00", &q));
    assert_true(quiet_hours_hold(&q, 9 * 60) && !quiet_hours_hold(&q, 17 * 60));
    assert_ok(quiet_hours_read("Q", NULL, &q));
    assert_false(quiet_hours_hold(&q, 0));
    static const char *const wrong[] = {"22-7", "22:00", "25:00-07:00", "22:61-07:00", "a:b-c:d"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_err(quiet_hours_read("Q", wrong[i], &q), ERR_USAGE, wrong[i]);
}

static struct sink *sinks(struct fixture *f, size_t *count) {
    struct sink *out;
    assert_ok(sinks_configure(&f->settings, &out, count));
    return out;
}

static void without_settings_there_is_the_log(void **state) {
    struct fixture *f = *state;
    size_t count;
    struct sink *s = sinks(f, &count);
    assert_int_equal(count, 1);
    assert_string_equal(s[0].kind->name, "log");
    assert_true(sink_wants(&s[0], "price", ALERT_INFO));
}

static void the_earlier_systems_settings_are_understood(void **state) {
    struct fixture *f = *state;
    size_t count;
    configure(f, "TWILIO_ACCOUNT_SID=AC0\nTWILIO_AUTH_TOKEN=t\nTWILIO_PHONE_NUMBER=+15005550006\n"
                 "TWILIO_TO_NUMBER='+61 491 570 006, +61491570156'\n"
                 "EMAIL_SMTP_SERVER=smtp.example.com\nEMAIL_SMTP_PORT=587\n"
                 "EMAIL_ADDRESS=nemd@example.com\nEMAIL_PASSWORD=p\n"
                 "EMAIL_RECIPIENT=a@example.com;b@example.com\n");
    struct sink *s = sinks(f, &count);
    assert_int_equal(count, 3);
    assert_string_equal(s[0].kind->name, "sms");
    assert_int_equal(s[0].target_count, 2);
    assert_string_equal(s[0].targets[0], "+61491570006");
    assert_string_equal(s[0].from, "+15005550006");
    assert_false(sink_wants(&s[0], "price", ALERT_INFO));
    assert_true(sink_wants(&s[0], "price", ALERT_WARNING));
    assert_string_equal(s[1].kind->name, "mail");
    assert_string_equal(s[1].url, "smtp://smtp.example.com:587");
    assert_string_equal(s[1].words[1], "b@example.com");
    assert_string_not_equal(s[0].digests[0], s[0].digests[1]);
}

static void the_first_route_that_fits_decides(void **state) {
    struct fixture *f = *state;
    size_t count;
    configure(f, "ALERT_LOG_ROUTE='price, trip:critical, -new_unit, user:mine:warning, "
                 "-user:other, *:warning'");
    struct sink *s = sinks(f, &count);
    assert_true(sink_wants(s, "price", ALERT_INFO));
    assert_false(sink_wants(s, "trip", ALERT_WARNING));
    assert_true(sink_wants(s, "trip", ALERT_CRITICAL));
    assert_false(sink_wants(s, "new_unit", ALERT_CRITICAL));
    assert_false(sink_wants(s, "user:mine", ALERT_INFO));
    assert_true(sink_wants(s, "user:mine", ALERT_WARNING));
    assert_false(sink_wants(s, "user:other", ALERT_CRITICAL));
    assert_false(sink_wants(s, "stale", ALERT_INFO));
    assert_true(sink_wants(s, "stale", ALERT_WARNING));
}

static void what_is_wrong_is_said_without_what_is_secret(void **state) {
    struct fixture *f = *state;
    static const struct {
        const char *text, *said;
    } wrong[] = {
        {"TWILIO_ACCOUNT_SID=AC0", "TWILIO_AUTH_TOKEN isn't"},
        {"TWILIO_ACCOUNT_SID=AC/../0\nTWILIO_AUTH_TOKEN=hunter2", "letters and digits"},
        {"TWILIO_ACCOUNT_SID=AC0\nTWILIO_AUTH_TOKEN=hunter2", "TWILIO_FROM_NUMBER"},
        {"TWILIO_ACCOUNT_SID=AC0\nTWILIO_AUTH_TOKEN=hunter2\nTWILIO_FROM_NUMBER=+1\n"
         "TWILIO_TO_NUMBER=hunter2",
         "no phone number"},
        {"TWILIO_ACCOUNT_SID=AC0\nTWILIO_AUTH_TOKEN=hunter2\nTWILIO_FROM_NUMBER=+1\n"
         "TWILIO_TO_NUMBER=+61491570006\nTWILIO_BASE_URL=http://example.com",
         "must be https"},
        {"TWILIO_ACCOUNT_SID=AC0\nTWILIO_AUTH_TOKEN=hunter2\nTWILIO_FROM_NUMBER=+1\n"
         "TWILIO_TO_NUMBER=+61491570006\nTWILIO_BASE_URL=http://localhost.example.com",
         "must be https"},
        {"ALERT_SLACK_URL=ftp://example.com/hunter2", "no http:// or https:// URL"},
        {"ALERT_NTFY_URL=https://example.com", "no topic"},
        {"ALERT_COMMAND=true", "full path"},
        {"ALERT_COMMAND='/bin/x \"hunter2'", "not closed"},
        {"EMAIL_SMTP_SERVER=example.com\nEMAIL_ADDRESS=a@example.com\nEMAIL_PASSWORD=hunter2\n"
         "EMAIL_SECURITY=none",
         "in the clear"},
        {"EMAIL_SMTP_SERVER=example.com\nEMAIL_ADDRESS='a@example.com\r\nBcc: x'",
         "no e-mail address"},
        {"EMAIL_SMTP_SERVER=example.com\nEMAIL_ADDRESS=a@b@c", "no e-mail address"},
        {"ALERT_LOG_RATE=0", "ALERT_LOG_RATE"},
        {"ALERT_TIMEOUT=0.5", "from 1 to 300"},
        {"ALERT_LOG_ROUTE=price:loud", "no severity"},
        {"ALERT_LOG_ROUTE='price, prices'", "no rule prices"},
        {"ALERT_LOG_ROUTE=-prices:info", "no rule prices"},
        {"ALERT_QUIET=22", "22:00-07:00"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct sink *s;
        size_t count;
        configure(f, wrong[i].text);
        err *e = sinks_configure(&f->settings, &s, &count);
        assert_non_null(e);
        if (!strstr(err_text(e), wrong[i].said) || strstr(err_text(e), "hunter2"))
            fail_msg("%s", err_text(e));
        assert_int_equal(err_kind(e), ERR_USAGE);
        err_free(e);
    }
}

static void no_command_gets_a_secret(void **state) {
    (void)state;
    assert_true(setting_is_secret(STR("TWILIO_AUTH_TOKEN")));
    assert_true(setting_is_secret(STR("email_password")));
    assert_true(setting_is_secret(STR("AWS_SECRET_ACCESS_KEY")));
    assert_false(setting_is_secret(STR("PATH")));
    assert_false(setting_is_secret(STR("HOME")));
}

static void a_text_is_cut_between_characters(void **state) {
    struct fixture *f = *state;
    assert_int_equal(text_cut(&f->memory, STR("short"), 5).len, 5);
    str cut = text_cut(&f->memory, STR("ab\xc3\xa4\xc3\xb6\xc3\xbcxyz"), 8);
    assert_true(str_eq(cut, STR("ab\xc3\xa4\xe2\x80\xa6")));
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_file_with_a_secret_is_refused_unless_it_is_its_owners_alone),
        TEST(a_secret_can_have_a_file_of_its_own),
        TEST(a_file_without_secrets_may_be_read_by_others),
        TEST(quiet_hours_go_over_midnight),
        TEST(without_settings_there_is_the_log),
        TEST(the_earlier_systems_settings_are_understood),
        TEST(the_first_route_that_fits_decides),
        TEST(what_is_wrong_is_said_without_what_is_secret),
        TEST(no_command_gets_a_secret),
        TEST(a_text_is_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
