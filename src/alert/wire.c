#include "alert/wire.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void set_up_curl(void) {
    curl_global_init(CURL_GLOBAL_DEFAULT); /* where it fails, curl_easy_init will */
}

static size_t take_answer(char *bytes, size_t size, size_t count, void *context) {
    struct buf *body = context;
    size_t room = body->len < WIRE_ANSWER_BYTES ? WIRE_ANSWER_BYTES - body->len : 0;
    size_t taken = size * count < room ? size * count : room;
    buf_add(body, bytes, taken);
    return size * count; /* the rest of a long answer is of no interest */
}

static size_t give_mail(char *room, size_t size, size_t count, void *context) {
    str *rest = context;
    size_t given = size * count < rest->len ? size * count : rest->len;
    if (given)
        memcpy(room, rest->at, given);
    *rest = (str){rest->at + given, rest->len - given};
    return given;
}

static int check_stop(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d) {
    (void)a, (void)b, (void)c, (void)d;
    const struct stop *stop = context;
    return stop && stop_requested(stop);
}

static long timeout_of(const struct alert_settings *s) {
    double seconds = WIRE_TIMEOUT_S;
    err_free(setting_double(s, "ALERT_TIMEOUT", WIRE_TIMEOUT_S, &seconds)); /* was checked */
    return seconds >= 1 ? (long)seconds : 1;
}

static void set_common(CURL *c, const struct alert_settings *s, const struct wire_request *r,
                       struct wire_answer *answer) {
    curl_easy_setopt(c, CURLOPT_URL, r->url);
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_TIMEOUT, timeout_of(s));
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, (long)WIRE_CONNECT_S);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_answer);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, (void *)&answer->body);
    curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, check_stop);
    curl_easy_setopt(c, CURLOPT_XFERINFODATA, (void *)s->stop);
    curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(c, CURLOPT_USERAGENT, s->user_agent);
    curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L);
    if (s->ca_file)
        curl_easy_setopt(c, CURLOPT_CAINFO, s->ca_file);
    if (r->user)
        curl_easy_setopt(c, CURLOPT_USERNAME, r->user);
    if (r->password)
        curl_easy_setopt(c, CURLOPT_PASSWORD, r->password);
#if LIBCURL_VERSION_NUM >= 0x075500
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https,smtp,smtps");
#else
    curl_easy_setopt(c, CURLOPT_PROTOCOLS,
                     (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS | CURLPROTO_SMTP | CURLPROTO_SMTPS));
#endif
}

static struct curl_slist *set_post(CURL *c, const struct wire_request *r) {
    struct curl_slist *headers = curl_slist_append(NULL, "Expect:");
    for (int i = 0; i < WIRE_HEADERS && r->headers[i]; i++)
        headers = curl_slist_append(headers, r->headers[i]);
    curl_easy_setopt(c, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
    curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body.len);
    curl_easy_setopt(c, CURLOPT_POSTFIELDS, r->body.at);
    return headers;
}

static struct curl_slist *set_mail(CURL *c, const struct wire_request *r, str *rest) {
    struct curl_slist *recipients = NULL;
    for (size_t i = 0; i < r->recipient_count; i++)
        recipients = curl_slist_append(recipients, r->recipients[i]);
    *rest = r->body;
    curl_easy_setopt(c, CURLOPT_USE_SSL, (long)(r->encrypted ? CURLUSESSL_ALL : CURLUSESSL_NONE));
    curl_easy_setopt(c, CURLOPT_MAIL_FROM, r->from);
    curl_easy_setopt(c, CURLOPT_MAIL_RCPT, recipients);
#if LIBCURL_VERSION_NUM >= 0x080200
    curl_easy_setopt(c, CURLOPT_MAIL_RCPT_ALLOWFAILS, 1L);
#elif LIBCURL_VERSION_NUM >= 0x074500
    curl_easy_setopt(c, CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L);
#endif
    curl_easy_setopt(c, CURLOPT_READFUNCTION, give_mail);
    curl_easy_setopt(c, CURLOPT_READDATA, (void *)rest);
    curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
    return recipients;
}

enum sink_outcome wire_exchange(const struct alert_settings *s, const struct wire_request *r,
                                struct wire_answer *answer, struct sink_problem *problem) {
    char words[CURL_ERROR_SIZE] = "";
    curl_off_t retry_after = 0;
    str rest;
    pthread_once(&curl_once, set_up_curl);
    CURL *c = curl_easy_init();
    if (!c) {
        sink_say(problem, "libcurl can't be set up");
        return SINK_RETRY;
    }
    curl_easy_setopt(c, CURLOPT_ERRORBUFFER, words);
    set_common(c, s, r, answer);
    struct curl_slist *list = r->from ? set_mail(c, r, &rest) : set_post(c, r);
    CURLcode code = curl_easy_perform(c);
    curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &answer->status);
    curl_easy_getinfo(c, CURLINFO_RETRY_AFTER, &retry_after);
    curl_easy_cleanup(c);
    curl_slist_free_all(list);
    problem->retry_after_s = retry_after > 3600 ? 3600 : (int)retry_after;
    if (code == CURLE_OK)
        return SINK_SENT;
    sink_say(problem, "%s", words[0] ? words : curl_easy_strerror(code));
    return code == CURLE_ABORTED_BY_CALLBACK ? SINK_STOPPED : SINK_RETRY;
}

enum sink_outcome wire_post(const struct alert_settings *s, const struct wire_request *r,
                            struct wire_answer *answer, struct sink_problem *problem) {
    static const long passing[] = {401, 403, 404, 407, 408, 425, 429};
    enum sink_outcome outcome = wire_exchange(s, r, answer, problem);
    long status = answer->status;
    if (outcome != SINK_SENT || (status >= 200 && status < 300))
        return outcome;
    sink_say(problem, "the answer is HTTP status %ld", status);
    for (size_t i = 0; i < sizeof passing / sizeof *passing; i++)
        if (status == passing[i])
            return SINK_RETRY;
    return status >= 400 && status < 500 ? SINK_REFUSED : SINK_RETRY;
}
