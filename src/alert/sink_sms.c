/* SMS through Twilio's REST API: POST /2010-04-01/Accounts/{sid}/Messages.json, basic
 * authentication, a form of To, From and Body; 201 with the message as JSON, or 4xx with
 * {"code": 21211, "message": "…"} (Twilio, "Programmable Messaging: Message resource", and "Error
 * and warning dictionary"). It has no idempotency key. */
#include <ctype.h>
#include <stdio.h>

#include "alert/wire.h"

enum { SMS_BYTES = 640 }; /* four segments or so */

static bool is_loopback(const char *url) {
    static const char *const local[] = {"http://127.0.0.1", "http://localhost", "http://[::1]"};
    for (size_t i = 0; i < sizeof local / sizeof *local; i++) {
        size_t len = strlen(local[i]);
        if (strncmp(url, local[i], len) == 0 && strchr(":/", url[len]))
            return true;
    }
    return false;
}

/* "+61 400 000 000" without what people put between digits. */
static err *clean_number(struct arena *a, const char *text, const char **out) {
    char *number = arena_alloc(a, strlen(text) + 1);
    size_t len = 0, digits = 0;
    for (; *text; text++) {
        if (isdigit((unsigned char)*text) || (*text == '+' && len == 0))
            digits += *text != '+', number[len++] = *text;
        else if (!strchr(" -().", *text))
            digits = 99; /* no number */
    }
    if (digits < 5 || digits > 15)
        return err_new(ERR_USAGE, "a recipient of SMS is no phone number as in +61491570006");
    *out = number;
    return NULL;
}

static err *read_recipients(struct sink *s) {
    static const char *const keys[] = {
        "TWILIO_TO_NUMBERS", "TWILIO_TO_NUMBER",    "TO_PHONE_NUMBERS",
        "TO_PHONE_NUMBER",   "ALERT_PHONE_NUMBERS", "ALERT_PHONE_NUMBER",
        "MY_PHONE_NUMBER",   "TO_NUMBER",           NULL};
    size_t count;
    const char **numbers =
        setting_list(s->settings->memory, setting_text(s->settings, keys), &count);
    if (!count)
        return err_new(ERR_USAGE, "TWILIO_ACCOUNT_SID is set, but nobody to write to: set "
                                  "TWILIO_TO_NUMBERS");
    for (size_t i = 0; i < count; i++)
        TRY(clean_number(s->settings->memory, numbers[i], &numbers[i]));
    sink_set_targets(s, numbers, count);
    s->shown = arena_printf(s->settings->memory, "%zu number%s", count, count == 1 ? "" : "s");
    return NULL;
}

static err *configure(struct sink *s) {
    static const char *const accounts[] = {"TWILIO_ACCOUNT_SID", NULL};
    static const char *const tokens[] = {"TWILIO_AUTH_TOKEN", NULL};
    static const char *const senders[] = {"TWILIO_FROM_NUMBER", "TWILIO_PHONE_NUMBER",
                                          "TWILIO_MESSAGING_SERVICE_SID", NULL};
    const char *ignored;
    s->account = setting_text(s->settings, accounts);
    if (!s->account)
        return NULL;
    for (const char *p = s->account; *p; p++)
        if (!isalnum((unsigned char)*p))
            return err_new(ERR_USAGE, "TWILIO_ACCOUNT_SID has other than letters and digits");
    TRY(setting_secret(s->settings, tokens, &s->secret));
    s->from = setting_text(s->settings, senders);
    if (!s->secret || !s->from)
        return err_new(ERR_USAGE, "TWILIO_ACCOUNT_SID is set, but %s isn't",
                       s->secret ? "TWILIO_FROM_NUMBER" : "TWILIO_AUTH_TOKEN");
    s->url = config_get(s->settings->config, "TWILIO_BASE_URL", "https://api.twilio.com");
    TRY(sink_check_url(s, "TWILIO_BASE_URL", s->url, &ignored));
    if (!str_starts_nocase(str_from(s->url), STR("https://")) && !is_loopback(s->url))
        return err_new(ERR_USAGE, "TWILIO_BASE_URL must be https://: the token goes there");
    return read_recipients(s);
}

static void add_field(struct buf *form, const char *name, str value) {
    buf_printf(form, "%s%s=", form->len ? "&" : "", name);
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.at[i];
        if (isalnum(c) || strchr("-_.", c ? c : ' '))
            buf_add_char(form, (char)c);
        else
            buf_printf(form, "%%%02X", c);
    }
}

/* Twilio's own code and words, where the answer has them. */
static void say_error(const struct wire_answer *answer, struct sink_problem *problem) {
    str body = buf_str(&answer->body), words = {0};
    ptrdiff_t code_at = str_find(body, STR("\"code\":")), at = str_find(body, STR("\"message\":"));
    uint64_t code = 0;
    if (code_at >= 0) {
        str digits = str_trim((str){body.at + code_at + 7, body.len - (size_t)code_at - 7});
        size_t len = 0;
        while (len < digits.len && len < 6 && isdigit((unsigned char)digits.at[len]))
            len++;
        if (!str_to_u64((str){digits.at, len}, &code))
            code = 0;
    }
    if (at >= 0) {
        words = str_trim((str){body.at + at + 10, body.len - (size_t)at - 10});
        str_cut(&words, '"');
        words = str_cut(&words, '"');
    }
    if (code)
        sink_say(problem, "Twilio answers %ld, error %llu: %.*s", answer->status,
                 (unsigned long long)code, words.len > 150 ? 150 : (int)words.len, words.at);
}

static enum sink_outcome send(const struct sink *s, size_t target, const struct alert_message *m,
                              struct sink_problem *problem) {
    struct wire_answer answer = {0};
    struct arena a = {0};
    struct buf form = {0};
    add_field(&form, "To", str_from(s->targets[target]));
    add_field(&form, strncmp(s->from, "MG", 2) == 0 ? "MessagingServiceSid" : "From",
              str_from(s->from));
    add_field(&form, "Body", text_cut(&a, str_from(m->text), SMS_BYTES));
    const struct wire_request request = {
        .url = arena_printf(&a, "%s/2010-04-01/Accounts/%s/Messages.json", s->url, s->account),
        .user = s->account,
        .password = s->secret,
        .headers = {"Content-Type: application/x-www-form-urlencoded"},
        .body = buf_str(&form),
    };
    enum sink_outcome outcome = wire_post(s->settings, &request, &answer, problem);
    if (outcome != SINK_SENT && answer.status)
        say_error(&answer, problem);
    buf_free(&answer.body);
    buf_free(&form);
    arena_free(&a);
    return outcome;
}

const struct sink_kind sink_sms = {
    .name = "sms",
    .summary = "SMS through Twilio",
    .rate = 12,
    .least = ALERT_WARNING,
    .configure = configure,
    .send = send,
};
