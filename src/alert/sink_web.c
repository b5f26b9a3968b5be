/* Webhooks: a POST of JSON in the shape that each kind of receiver wants.
 *
 * The generic one is signed: X-Nemd-Signature is "sha256=" and the HMAC-SHA-256, in hexadecimal, of
 * X-Nemd-Timestamp, a dot and the body, with ALERT_WEBHOOK_SECRET as key; Idempotency-Key is the
 * same for each try of a message. */
#include <stdio.h>
#include <time.h>

#include "alert/wire.h"
#include "base/json.h"
#include "base/sha256.h"

/* Reads the URL, which is a secret, of a kind. */
static err *configure_url(struct sink *s, const char *key) {
    const char *const keys[] = {key, NULL};
    TRY(setting_secret(s->settings, keys, &s->url));
    if (!s->url)
        return NULL;
    TRY(sink_check_url(s, key, s->url, &s->shown));
    const char **target = ARENA_ARRAY(s->settings->memory, const char *, 1);
    target[0] = s->url;
    sink_set_targets(s, target, 1);
    return NULL;
}

static enum sink_outcome post_json(const struct sink *s, const char *url, str body,
                                   const char *const *headers, struct sink_problem *problem) {
    struct wire_answer answer = {0};
    struct wire_request request = {
        .url = url, .headers = {"Content-Type: application/json"}, .body = body};
    for (int i = 0; headers && headers[i]; i++)
        request.headers[i + 1] = headers[i];
    enum sink_outcome outcome = wire_post(s->settings, &request, &answer, problem);
    buf_free(&answer.body);
    return outcome;
}

/* -- the generic one ----------------------------------------------------------------------------
 */

static err *configure_webhook(struct sink *s) {
    static const char *const secrets[] = {"ALERT_WEBHOOK_SECRET", NULL};
    TRY(configure_url(s, "ALERT_WEBHOOK_URL"));
    return s->url ? setting_secret(s->settings, secrets, &s->secret) : NULL;
}

static enum sink_outcome send_webhook(const struct sink *s, size_t target,
                                      const struct alert_message *m, struct sink_problem *problem) {
    struct buf body = {0}, signed_text = {0};
    struct arena a = {0};
    uint8_t digest[SHA256_BYTES];
    char hex[SHA256_TEXT];
    (void)target;
    message_json(&body, m);
    const char *headers[4] = {arena_printf(&a, "Idempotency-Key: %s", m->key)};
    if (s->secret) {
        long long now = time(NULL);
        buf_printf(&signed_text, "%lld.", now);
        buf_add_str(&signed_text, buf_str(&body));
        hmac_sha256(str_from(s->secret), buf_str(&signed_text), digest);
        headers[1] = arena_printf(&a, "X-Nemd-Timestamp: %lld", now);
        headers[2] = arena_printf(&a, "X-Nemd-Signature: sha256=%s", sha256_hex(digest, hex));
    }
    enum sink_outcome outcome = post_json(s, s->url, buf_str(&body), headers, problem);
    buf_free(&body);
    buf_free(&signed_text);
    arena_free(&a);
    return outcome;
}

const struct sink_kind sink_webhook = {
    .name = "webhook",
    .summary = "JSON to a URL, signed",
    .rate = 600,
    .least = ALERT_INFO,
    .configure = configure_webhook,
    .send = send_webhook,
};

/* -- Slack --------------------------------------------------------------------------------------
 */

static err *configure_slack(struct sink *s) {
    return configure_url(s, "ALERT_SLACK_URL");
}

/* Slack's markup knows three characters that have to be escaped. */
static void add_slack(struct buf *out, str text) {
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (c == '&')
            buf_add_str(out, STR("&amp;"));
        else if (c == '<' || c == '>')
            buf_add_str(out, c == '<' ? STR("&lt;") : STR("&gt;"));
        else
            buf_add_char(out, c);
    }
}

static enum sink_outcome send_slack(const struct sink *s, size_t target,
                                    const struct alert_message *m, struct sink_problem *problem) {
    struct buf body = {0}, text = {0};
    struct json j = json_to(&body);
    (void)target;
    buf_add_char(&text, '*');
    add_slack(&text, str_from(m->title));
    buf_add_str(&text, STR("*\n"));
    add_slack(&text, str_from(m->text));
    json_object(&j);
    json_key(&j, "text"), json_str(&j, buf_str(&text));
    json_end(&j);
    enum sink_outcome outcome = post_json(s, s->url, buf_str(&body), NULL, problem);
    buf_free(&body);
    buf_free(&text);
    return outcome;
}

const struct sink_kind sink_slack = {
    .name = "slack",
    .summary = "an incoming webhook of Slack, or of what takes the same",
    .rate = 60,
    .least = ALERT_INFO,
    .configure = configure_slack,
    .send = send_slack,
};

/* -- Teams --------------------------------------------------------------------------------------
 */

static err *configure_teams(struct sink *s) {
    return configure_url(s, "ALERT_TEAMS_URL");
}

static void add_text_block(struct json *j, str text, bool bold) {
    json_object(j);
    json_key(j, "type"), json_cstr(j, "TextBlock");
    json_key(j, "text"), json_str(j, text);
    json_key(j, "wrap"), json_bool(j, true);
    if (bold)
        json_key(j, "weight"), json_cstr(j, "Bolder");
    json_end(j);
}

/* A card as the workflow "post to a channel when a webhook request is received" takes it. */
static void add_card(struct json *j, const struct alert_message *m) {
    json_object(j);
    json_key(j, "type"), json_cstr(j, "AdaptiveCard");
    json_key(j, "version"), json_cstr(j, "1.4");
    json_key(j, "body"), json_array(j);
    add_text_block(j, str_from(m->title), true);
    for (str rest = str_from(m->text); rest.len;) { /* line ends don't count in a block */
        str line = str_cut(&rest, '\n');
        if (line.len)
            add_text_block(j, line, false);
    }
    json_end(j);
    json_end(j);
}

static enum sink_outcome send_teams(const struct sink *s, size_t target,
                                    const struct alert_message *m, struct sink_problem *problem) {
    struct buf body = {0};
    struct json j = json_to(&body);
    (void)target;
    json_object(&j);
    json_key(&j, "type"), json_cstr(&j, "message");
    json_key(&j, "attachments"), json_array(&j);
    json_object(&j);
    json_key(&j, "contentType"), json_cstr(&j, "application/vnd.microsoft.card.adaptive");
    json_key(&j, "content"), add_card(&j, m);
    json_end(&j);
    json_end(&j);
    json_end(&j);
    enum sink_outcome outcome = post_json(s, s->url, buf_str(&body), NULL, problem);
    buf_free(&body);
    return outcome;
}

const struct sink_kind sink_teams = {
    .name = "teams",
    .summary = "a workflow webhook of Microsoft Teams",
    .rate = 60,
    .least = ALERT_INFO,
    .configure = configure_teams,
    .send = send_teams,
};

/* -- ntfy ---------------------------------------------------------------------------------------
 */

static err *configure_ntfy(struct sink *s) {
    static const char *const tokens[] = {"ALERT_NTFY_TOKEN", NULL};
    TRY(configure_url(s, "ALERT_NTFY_URL"));
    if (!s->url)
        return NULL;
    const char *slash = strrchr(s->url, '/');
    if (slash < s->url + 9 || !slash[1]) /* one behind the host */
        return err_new(ERR_USAGE, "ALERT_NTFY_URL has no topic, as in https://ntfy.sh/my-topic");
    return setting_secret(s->settings, tokens, &s->secret);
}

/* Published as JSON to the server's root, so that a title may be of any language. */
static enum sink_outcome send_ntfy(const struct sink *s, size_t target,
                                   const struct alert_message *m, struct sink_problem *problem) {
    static const int priority[] = {3, 4, 5};
    const char *slash = strrchr(s->url, '/');
    struct buf body = {0};
    struct arena a = {0};
    struct json j = json_to(&body);
    (void)target;
    json_object(&j);
    json_key(&j, "topic"), json_cstr(&j, slash + 1);
    json_key(&j, "title"), json_cstr(&j, m->title);
    json_key(&j, "message"), json_str(&j, text_cut(&a, str_from(m->text), 3500));
    json_key(&j, "priority"), json_int(&j, priority[m->severity]);
    json_key(&j, "tags"), json_array(&j), json_cstr(&j, m->rule), json_end(&j);
    json_end(&j);
    const char *headers[] = {
        s->secret ? arena_printf(&a, "Authorization: Bearer %s", s->secret) : NULL, NULL};
    enum sink_outcome outcome =
        post_json(s, arena_printf(&a, "%.*s", (int)(slash - s->url + 1), s->url), buf_str(&body),
                  headers, problem);
    buf_free(&body);
    arena_free(&a);
    return outcome;
}

const struct sink_kind sink_ntfy = {
    .name = "ntfy",
    .summary = "a topic of ntfy",
    .rate = 60,
    .least = ALERT_INFO,
    .configure = configure_ntfy,
    .send = send_ntfy,
};
