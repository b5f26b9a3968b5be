/* E-mail by SMTP: multipart/alternative with plain text and HTML, over implicit TLS (port 465) or
 * STARTTLS (any other port), with AUTH where there is a password. The Message-ID is made of the
 * message's key: a mail that comes twice can be told to be the same.
 *
 * EMAIL_SECURITY=none sends in the clear, for a relay on this machine; a password never goes so. */
#include <ctype.h>
#include <stdio.h>
#include <time.h>

#include "alert/wire.h"

enum mail_security { MAIL_STARTTLS, MAIL_TLS, MAIL_NONE };
static const char *const security_name[] = {"starttls", "tls", "none"};

static err *read_security(struct sink *s, double port) {
    const char *text = config_get(s->settings->config, "EMAIL_SECURITY", NULL);
    s->security = port == 465 ? MAIL_TLS : MAIL_STARTTLS;
    if (!text || !*text)
        return NULL;
    for (s->security = 0; s->security <= MAIL_NONE; s->security++)
        if (str_eq_nocase(str_from(text), str_from(security_name[s->security])))
            return NULL;
    return err_new(ERR_USAGE, "EMAIL_SECURITY is '%s', not starttls, tls or none", text);
}

/* Neither blanks nor what SMTP or a header would read as more than an address. */
static bool is_address(const char *text) {
    const char *at = strchr(text, '@');
    for (const char *p = text; *p; p++)
        if ((unsigned char)*p <= ' ' || *p == 127 || strchr("<>,;\"\\", *p))
            return false;
    return at && at != text && at[1] && !strchr(at + 1, '@');
}

/* "Somebody <a@example.com>" is the address alone. */
static err *clean_address(struct arena *a, const char *what, const char *text, const char **out) {
    str s = str_from(text);
    const char *open = memchr(s.at, '<', s.len);
    if (open && s.at[s.len - 1] == '>')
        s = (str){open + 1, (size_t)(s.at + s.len - open - 2)};
    *out = str_dup(a, str_trim(s));
    return is_address(*out) ? NULL : err_new(ERR_USAGE, "%s is no e-mail address", what);
}

static err *read_recipients(struct sink *s) {
    static const char *const keys[] = {"EMAIL_RECIPIENTS", "EMAIL_RECIPIENT", "EMAIL_TO",
                                       "RECIPIENT_EMAIL",  "ALERT_EMAIL",     NULL};
    const char *text = setting_text(s->settings, keys);
    size_t count;
    const char **addresses = setting_list(s->settings->memory, text ? text : s->from, &count);
    for (size_t i = 0; i < count; i++)
        TRY(clean_address(s->settings->memory, "a recipient of e-mail", addresses[i],
                          &addresses[i]));
    /* One target: a server takes a mail for all of them at once. */
    s->words = addresses;
    struct buf all = {0};
    for (size_t i = 0; i < count; i++)
        buf_printf(&all, "%s%s", i ? "," : "", addresses[i]);
    const char **target = ARENA_ARRAY(s->settings->memory, const char *, 1);
    target[0] = str_dup(s->settings->memory, buf_str(&all));
    buf_free(&all);
    sink_set_targets(s, target, 1);
    s->shown = arena_printf(s->settings->memory, "%zu address%s", count, count == 1 ? "" : "es");
    return NULL;
}

static err *configure(struct sink *s) {
    static const char *const servers[] = {"EMAIL_SMTP_SERVER", "EMAIL_SERVER", "EMAIL_HOST",
                                          "SMTP_SERVER",       "SMTP_HOST",    NULL};
    static const char *const ports[] = {"EMAIL_SMTP_PORT", "EMAIL_PORT", "SMTP_PORT", NULL};
    static const char *const senders[] = {
        "EMAIL_ADDRESS", "EMAIL_FROM", "EMAIL_SENDER", "SENDER_EMAIL", "EMAIL_USER",
        "SMTP_USER",     NULL};
    static const char *const users[] = {"EMAIL_USERNAME", "EMAIL_USER", "SMTP_USERNAME",
                                        "SMTP_USER", NULL};
    static const char *const passwords[] = {"EMAIL_PASSWORD", "SMTP_PASSWORD", NULL};
    const char *server = setting_text(s->settings, servers), *from = NULL;
    double port = 587;
    for (int i = 0; ports[i]; i++)
        if (port == 587)
            TRY(setting_double(s->settings, ports[i], 587, &port));
    from = setting_text(s->settings, senders);
    if (!server || !from)
        return server ? err_new(ERR_USAGE, "%s is set, but EMAIL_ADDRESS isn't", servers[0]) : NULL;
    for (const char *p = server; *p; p++)
        if (!isalnum((unsigned char)*p) && !strchr(".-_:[]", *p))
            return err_new(ERR_USAGE, "%s is no host name", servers[0]);
    if (port < 1 || port > 65535)
        return err_new(ERR_USAGE, "%s is no port", ports[0]);
    TRY(clean_address(s->settings->memory, "EMAIL_ADDRESS", from, &s->from));
    TRY(setting_secret(s->settings, passwords, &s->secret));
    s->account = setting_text(s->settings, users);
    if (!s->account)
        s->account = s->from;
    TRY(read_security(s, port));
    if (s->security == MAIL_NONE && s->secret)
        return err_new(ERR_USAGE, "EMAIL_SECURITY is none, and there is a password, which would go "
                                  "in the clear");
    s->url = arena_printf(s->settings->memory, "%s://%s:%d",
                          s->security == MAIL_TLS ? "smtps" : "smtp", server, (int)port);
    return read_recipients(s);
}

/* -- the mail -----------------------------------------------------------------------------------
 */

/* Base64 in lines of [columns]; 0: in one. */
static void add_base64(struct buf *out, str bytes, size_t columns) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t column = 0;
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t left = bytes.len - i;
        unsigned bits = 0;
        for (size_t k = 0; k < 3; k++)
            bits = bits << 8 | (k < left ? (unsigned char)bytes.at[i + k] : 0);
        for (size_t k = 0; k < 4; k++)
            buf_add_char(out, k <= left ? digits[bits >> (18 - 6 * k) & 63] : '=');
        column += 4;
        if (columns && column >= columns && left > 3)
            column = 0, buf_add_str(out, STR("\r\n"));
    }
}

/* A header's text: in words of RFC 2047 as soon as it isn't plain ASCII; controls become blanks. */
static void add_header_text(struct buf *out, str text) {
    enum { WORD = 39 }; /* bytes: 75 columns with the frame */
    bool plain = true;
    for (size_t i = 0; i < text.len; i++)
        plain = plain && text.at[i] >= ' ' && text.at[i] < 127;
    if (plain && text.len < 900) {
        buf_add_str(out, text);
        return;
    }
    for (size_t at = 0; at < text.len;) {
        char word[WORD];
        size_t len = 0;
        while (at < text.len) {
            size_t next = str_utf8_length((str){text.at + at, text.len - at});
            next = next ? next : 1;
            if (len + next > WORD)
                break;
            for (size_t k = 0; k < next; k++, at++)
                word[len++] = (unsigned char)text.at[at] < ' ' ? ' ' : text.at[at];
        }
        buf_add_str(out, STR("=?UTF-8?B?"));
        add_base64(out, (str){word, len}, 0);
        buf_printf(out, "?=%s", at < text.len ? "\r\n " : "");
    }
}

static void add_html(struct buf *out, str text) {
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        const char *entity = c == '&'    ? "&amp;"
                             : c == '<'  ? "&lt;"
                             : c == '>'  ? "&gt;"
                             : c == '\n' ? "<br>\n"
                                         : NULL;
        if (entity)
            buf_add_str(out, str_from(entity));
        else
            buf_add_char(out, c);
    }
}

static void html_body(struct buf *out, const struct alert_message *m) {
    static const char *const colour[] = {"#2563eb", "#d97706", "#dc2626"};
    buf_printf(out,
               "<!doctype html><html><body style=\"font-family:sans-serif\">"
               "<h2 style=\"color:%s\">",
               colour[m->severity]);
    add_html(out, str_from(m->title));
    buf_add_str(out, STR("</h2>\n<p>"));
    add_html(out, str_from(m->text));
    buf_add_str(out, STR("</p>\n<p style=\"color:#666\">Data: AEMO. Times are AEST (UTC+10).</p>"
                         "</body></html>\n"));
}

static void add_part(struct buf *mail, const char *boundary, const char *type, str text) {
    buf_printf(mail,
               "--%s\r\nContent-Type: %s; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n"
               "\r\n",
               boundary, type);
    add_base64(mail, text, 76);
    buf_add_str(mail, STR("\r\n"));
}

static void compose(struct buf *mail, const struct sink *s, const struct alert_message *m) {
    char date[64], boundary[64];
    struct tm utc;
    struct buf html = {0}, text = {0};
    time_t now = time(NULL);
    gmtime_r(&now, &utc);
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S +0000", &utc);
    snprintf(boundary, sizeof boundary, "nemd-%s", m->key);
    buf_printf(mail, "Date: %s\r\nFrom: nemd <%s>\r\nTo: ", date, s->from);
    for (size_t i = 0; s->words[i] && i < 50; i++)
        buf_printf(mail, "%s%s", i ? ",\r\n " : "", s->words[i]);
    buf_add_str(mail, STR("\r\nSubject: "));
    add_header_text(mail, str_from(m->title));
    buf_printf(mail,
               "\r\nMessage-ID: <%s@nemd.invalid>\r\nAuto-Submitted: auto-generated\r\n"
               "MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=\"%s\"\r\n\r\n",
               m->key, boundary);
    buf_printf(&text, "%s\n\nData: AEMO. Times are AEST (UTC+10).\n", m->text);
    add_part(mail, boundary, "text/plain", buf_str(&text));
    html_body(&html, m);
    add_part(mail, boundary, "text/html", buf_str(&html));
    buf_printf(mail, "--%s--\r\n", boundary);
    buf_free(&html);
    buf_free(&text);
}

static enum sink_outcome send(const struct sink *s, size_t target, const struct alert_message *m,
                              struct sink_problem *problem) {
    struct wire_answer answer = {0};
    struct buf mail = {0};
    size_t recipients = 0;
    (void)target;
    compose(&mail, s, m);
    while (s->words[recipients])
        recipients++;
    const struct wire_request request = {
        .url = s->url,
        .user = s->secret ? s->account : NULL,
        .password = s->secret,
        .body = buf_str(&mail),
        .from = s->from,
        .recipients = s->words,
        .recipient_count = recipients,
        .encrypted = s->security != MAIL_NONE,
    };
    enum sink_outcome outcome = wire_exchange(s->settings, &request, &answer, problem);
    long status = answer.status;
    if (outcome == SINK_RETRY && status >= 400) {
        char words[sizeof problem->text];
        snprintf(words, sizeof words, "%s", problem->text);
        sink_say(problem, "SMTP reply %ld: %s", status, words);
    }
    /* 53x is about who sends: that can be put right. Other 5xx are about this mail. */
    if (outcome == SINK_RETRY && status >= 500 && status / 10 != 53)
        outcome = SINK_REFUSED;
    buf_free(&answer.body);
    buf_free(&mail);
    return outcome;
}

const struct sink_kind sink_mail = {
    .name = "mail",
    .summary = "e-mail by SMTP",
    .rate = 30,
    .least = ALERT_INFO,
    .configure = configure,
    .send = send,
};
