#include "alert/notice_story.h"

#include <ctype.h>

/* The first kind whose words stand in type or reference decides. */
static const struct {
    const char *words; /* in the type, or in the reference */
    const char *kind;
    int level;    /* where the words don't tell */
    bool counted; /* LOR1 … LOR3, MSL1 … MSL3 */
} kinds[] = {
    {"MARKET SUSPENSION", "market suspension", 6, false},
    {"LOAD SHED", "load shedding", 6, false},
    {"Load Shedding", "load shedding", 6, false},
    {"MINIMUM SYSTEM LOAD", "minimum system load", 2, true},
    {"Minimum System Load", "minimum system load", 2, true},
    {"RESERVE NOTICE", "lack of reserve", 2, true},
    {"Lack Of Reserve", "lack of reserve", 2, true},
    {"RERT", "RERT", 4, false},
    {"Reliability and Emergency Reserve", "RERT", 4, false},
    {"ADMINISTERED PRICE", "administered price", 4, false},
    {"PRICES SUBJECT TO REVIEW", "prices subject to review", 2, false},
    {"PRICES UNCHANGED", "prices subject to review", 0, false},
    {"PRICE ADJUSTMENT", "prices subject to review", 3, false},
    {"MARKET INTERVENTION", "direction", 4, false},
    {"Direction", "direction", 4, false},
};

static bool has(str text, const char *words) {
    return str_find_nocase(text, str_from(words)) >= 0;
}

/* The digit behind "LOR" or "MSL", "(LOR2)", "Level 2": the highest. */
static int counted_level(str text) {
    static const char *const before[] = {"LOR", "MSL", "Reserve Level ", "Load Level "};
    int level = 0;
    for (size_t i = 0; i < sizeof before / sizeof *before; i++)
        for (str rest = text;;) {
            ptrdiff_t at = str_find_nocase(rest, str_from(before[i]));
            if (at < 0)
                break;
            size_t skip = (size_t)at + strlen(before[i]);
            rest = (str){rest.at + skip, rest.len - skip};
            if (rest.len && rest.at[0] >= '1' && rest.at[0] <= '3' && rest.at[0] - '0' > level)
                level = rest.at[0] - '0';
        }
    return level;
}

/* "DD/MM/YYYY" as it stands, or nothing. */
static str find_date(str text) {
    for (size_t i = 0; i + 10 <= text.len; i++) {
        bool date = true;
        for (size_t k = 0; k < 10 && date; k++)
            date = k == 2 || k == 5 ? text.at[i + k] == '/'
                                    : isdigit((unsigned char)text.at[i + k]) != 0;
        if (date)
            return (str){text.at + i, 10};
    }
    return (str){"", 0};
}

/* A region's name as a word of its own: "SA", "NSW1". */
static const char *find_region(str text) {
    static const char *const names[] = {"NSW", "QLD", "SA", "TAS", "VIC"};
    for (size_t i = 0; i < text.len; i++) {
        if (i && isalnum((unsigned char)text.at[i - 1]))
            continue;
        for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
            size_t len = strlen(names[n]);
            str rest = {text.at + i, text.len - i};
            if (!str_starts(rest, str_from(names[n])))
                continue;
            if (rest.len > len && rest.at[len] == '1')
                len++;
            if (rest.len == len || !isalnum((unsigned char)rest.at[len]))
                return names[n];
        }
    }
    return "";
}

/* "[EventId:202608031615_review]" is known by what stands before the "_". */
static str find_event(str text) {
    ptrdiff_t at = str_find(text, STR("EventId:"));
    size_t len = 0;
    if (at < 0)
        return (str){"", 0};
    str rest = {text.at + at + 8, text.len - (size_t)at - 8};
    while (len < rest.len && isalnum((unsigned char)rest.at[len]))
        len++;
    return (str){rest.at, len};
}

static bool is_over(str reference) {
    static const char *const words[] = {"Cancel",    "cancel",      "Ended",
                                        "concluded", "Termination", "now confirmed",
                                        "lifted",    "Revocation",  "Completed"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (has(reference, words[i]))
            return true;
    return false;
}

struct notice_story notice_story(struct arena *a, str type, str description, str reference,
                                 str reason) {
    struct notice_story out = {0};
    bool counted = false;
    (void)description;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds && !out.kind; i++)
        if (has(type, kinds[i].words) || has(reference, kinds[i].words)) {
            out.kind = kinds[i].kind;
            out.level = kinds[i].level;
            counted = kinds[i].counted;
        }
    if (!out.kind)
        return out;
    int level = counted ? counted_level(reference) : 0;
    if (counted && !level)
        level = counted_level(reason);
    if (counted && !level) { /* a medium-term outlook, or a summary: no condition */
        out.kind = NULL;
        return out;
    }
    if (level) /* an actual condition is worse than a forecast of the same */
        out.level = 2 * level - !has(reference, "Actual");
    if (is_over(reference))
        out.level = 0;
    out.severity = out.level >= 4 ? ALERT_CRITICAL : out.level >= 2 ? ALERT_WARNING : ALERT_INFO;
    str event = find_event(reference), date = find_date(reference);
    if (event.len)
        out.story = arena_printf(a, "%s %.*s", out.kind, STR_ARG(event));
    else if (date.len || find_region(reference)[0])
        out.story = arena_printf(a, "%s %s %.*s", out.kind, find_region(reference), STR_ARG(date));
    else
        out.story = arena_printf(a, "%s %.*s", out.kind,
                                 reference.len > 120 ? 120 : (int)reference.len, reference.at);
    return out;
}
