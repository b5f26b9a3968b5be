/* NEMWEB's folder pages.
 *
 * IIS prints one <pre> with entries parted by <br>: a date, a size or &lt;dir&gt;, and a link.
 * Dates differ between server generations ("Tuesday, August 31, 2021 12:50 PM", "5/14/2026  9:50
 * AM") and are ignored; the link is what counts, and the size that stands before it. A page can
 * come as UTF-8 or, when somebody saved it with PowerShell, as UTF-16.
 */
#ifndef COLLECT_LISTING_H
#define COLLECT_LISTING_H

#include "base/err.h"
#include "base/str.h"

struct listing_entry {
    str name;     /* the last segment of the href, percent-decoded once */
    str href;     /* as the page has it, entities decoded: what to ask the server for */
    int64_t size; /* bytes; -1 where the page doesn't say */
    bool is_folder;
};

/* The entries of [page] in its order, without "[To Parent Directory]"; memory from [a]. ERR_INPUT
 * when the page is no folder page (no <pre>, or a page that says something else). An empty folder
 * is no error. */
err *listing_parse(struct arena *a, str page, struct listing_entry **entries,
                   size_t *count) ERR_NODISCARD;

#endif
