/* Pages as IIS writes them: one line for all entries, with dates and sizes padded to columns. */
#include <stdio.h>

#include "sim/tree/tree.h"

#define HOST "nemweb.com.au"

/* The last day of pages with long dates; later ones are "5/14/2026  9:50 AM". */
enum { LAST_LONG_DATE = 20260430 };

static void add_time_of_day(struct buf *out, aest_us t) {
    int minute = (int)(t % AEST_DAY / AEST_MINUTE), hour = minute / 60;
    char text[16];
    snprintf(text, sizeof text, "%d:%02d %s", hour % 12 ? hour % 12 : 12, minute % 60,
             hour < 12 ? "AM" : "PM");
    buf_printf(out, " %8s", text);
}

static void add_long_date(struct buf *out, aest_us t) {
    static const char *const weekday[] = {"Thursday", "Friday",  "Saturday", "Sunday",
                                          "Monday",   "Tuesday", "Wednesday"};
    static const char *const name[] = {"January",   "February", "March",    "April",
                                       "May",       "June",     "July",     "August",
                                       "September", "October",  "November", "December"};
    int year, month, day;
    char text[64];
    aest_date((aest_day)(t / AEST_DAY), &year, &month, &day);
    snprintf(text, sizeof text, "%s, %s %d, %d", weekday[t / AEST_DAY % 7], name[month - 1], day,
             year);
    buf_printf(out, "%29s", text);
}

static void add_short_date(struct buf *out, aest_us t) {
    int year, month, day;
    char text[40];
    aest_date((aest_day)(t / AEST_DAY), &year, &month, &day);
    snprintf(text, sizeof text, "%d/%d/%d", month, day, year);
    buf_printf(out, "%10s", text);
}

struct page {
    struct buf *html;
    str path; /* as it was asked for, with a slash at its end */
    void (*add_date)(struct buf *out, aest_us t);
};

/* In an address '%' and '#' are encoded; no other character of ours needs it. */
static void add_encoded(struct buf *out, const char *name) {
    for (; *name; name++)
        if (*name == '%' || *name == '#')
            buf_printf(out, "%%%02X", (unsigned char)*name);
        else
            buf_add_char(out, *name);
}

static void add_entry(void *context, const struct sim_entry *e) {
    struct page *p = context;
    p->add_date(p->html, e->modified);
    add_time_of_day(p->html, e->modified);
    if (e->folder)
        buf_printf(p->html, "        &lt;dir&gt;");
    else
        buf_printf(p->html, " %12llu", (unsigned long long)e->size);
    buf_printf(p->html, " <A HREF=\"%.*s", STR_ARG(p->path));
    add_encoded(p->html, e->name);
    buf_printf(p->html, "%s\">%s</A><br>", e->folder ? "/" : "", e->name);
}

static str parent_of(str path) {
    path.len--;
    while (path.at[path.len - 1] != '/')
        path.len--;
    return path;
}

static bool has_short_dates(aest_us now) {
    int year, month, day;
    aest_date((aest_day)(now / AEST_DAY), &year, &month, &day);
    return year * 10000 + month * 100 + day > LAST_LONG_DATE;
}

bool sim_listing(const struct sim_tree *t, str path, aest_us now, struct buf *html) {
    struct buf asked = {0};
    size_t start = html->len;
    buf_add_str(&asked, path);
    if (!path.len || path.at[path.len - 1] != '/')
        buf_add_char(&asked, '/');
    str own = buf_str(&asked);
    struct page page = {html, own, has_short_dates(now) ? add_short_date : add_long_date};
    buf_printf(html,
               "<html><head><title>" HOST " - %.*s</title></head><body><H1>" HOST
               " - %.*s</H1><hr>\r\n\r\n<pre>",
               STR_ARG(own), STR_ARG(own));
    if (own.len > 1)
        buf_printf(html, "<A HREF=\"%.*s\">[To Parent Directory]</A><br><br>",
                   STR_ARG(parent_of(own)));
    bool found = sim_tree_list(t, path, now, add_entry, &page);
    buf_printf(html, "</pre><hr></body></html>");
    if (!found)
        html->len = start;
    buf_free(&asked);
    return found;
}
