#include "api/parameter.h"

const struct parameter parameter_region = {
    "region",   PARAMETER_CHOICES,    .choices = CHOICES("NSW1", "QLD1", "SA1", "TAS1", "VIC1"),
    .high = 16, .absent = "all five", .summary = "regions, parted by commas",
};
const struct parameter parameter_from = {
    "from",
    PARAMETER_INSTANT,
    .absent = "a day before the end",
    .summary = "the range's begin, itself not in it; AEST where no zone is named",
    .example = "2025-08-20",
};
const struct parameter parameter_to = {
    "to",
    PARAMETER_INSTANT,
    .absent = "the latest interval",
    .summary = "the range's end; AEST where no zone is named",
    .example = "2025-08-21T00:30",
};
const struct parameter parameter_resolution = {
    "resolution",
    PARAMETER_CHOICE,
    .choices = CHOICES("5m", "30m", "1h", "1d", "1w", "1mo", "1q", "1y", "1fy", "auto"),
    .fallback = "auto",
    .summary = "from a value to the next; auto is what a chart of the range can show",
};
const struct parameter parameter_five_minutes = {
    "resolution",
    PARAMETER_CHOICE,
    .choices = CHOICES("5m", "auto"),
    .fallback = "auto",
    .summary = "from a value to the next",
};
const struct parameter parameter_day = {
    "day",
    PARAMETER_CHOICE,
    .choices = CHOICES("calendar", "trading"),
    .fallback = "calendar",
    .summary = "whether a day ends at 00:00 or, as in trading, at 04:00",
};
const struct parameter parameter_smooth = {
    "smooth",
    PARAMETER_SMOOTH,
    .choices = CHOICES("none", "mean", "exponential", "loess"),
    .absent = "as it is",
    .summary = "a moving mean, an exponential one or LOESS over a window of time, of at most 5000 "
               "values a series",
    .example = "mean:2h",
};
const struct parameter parameter_format = {
    "format",
    PARAMETER_CHOICE,
    .choices = CHOICES("json", "csv", "parquet"),
    .fallback = "json",
    .summary = "the form of the answer",
};
const struct parameter parameter_limit = {
    "limit",
    PARAMETER_WHOLE,
    .low = 1,
    .high = 100000,
    .fallback = "1000",
    .summary = "rows at most; meta.next is the cursor of those behind them",
};
const struct parameter parameter_cursor = {
    "cursor",
    PARAMETER_CURSOR,
    .absent = "from the first row",
    .summary = "meta.next of the answer before, to go on behind its last row",
    .example = "0-0000000000000000",
};

/* -- reading ------------------------------------------------------------------------------------
 */

/* NULL, or what is wrong; "" when it is plainly not what is allowed. */
typedef const char *reader(struct arena *a, const struct parameter *p, str text, struct value *out);

/* A '+' that isn't escaped is a blank in a query: "18:10 10:00" was "18:10+10:00". */
static const char *read_instant(struct arena *a, const struct parameter *p, str text,
                                struct value *out) {
    char copy[AEST_TEXT];
    size_t zone = strlen("+10:00");
    (void)a, (void)p;
    if (aest_parse_iso(text, &out->instant))
        return NULL;
    if (text.len <= zone || text.len > sizeof copy || text.at[text.len - zone] != ' ')
        return "";
    memcpy(copy, text.at, text.len);
    copy[text.len - zone] = '+';
    return aest_parse_iso((str){copy, text.len}, &out->instant) ? NULL : "";
}

static int find_choice(const struct parameter *p, str text) {
    for (int i = 0; p->choices[i]; i++)
        if (str_eq(text, str_from(p->choices[i])))
            return i;
    return -1;
}

static const char *read_choice(struct arena *a, const struct parameter *p, str text,
                               struct value *out) {
    (void)a;
    out->choice = find_choice(p, text);
    return out->choice < 0 ? "" : NULL;
}

static bool is_name(str text) {
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.at[i] < ' ' || text.at[i] == 0x7f)
            return false;
    return text.len > 0 && text.len <= LONGEST_NAME;
}

static const char *read_name(struct arena *a, const struct parameter *p, str text,
                             struct value *out) {
    (void)a, (void)p;
    out->name = text;
    return is_name(text) ? NULL : "";
}

/* Takes the next entry of a list from [text]; false when it was the last. */
typedef bool entry_cut(struct arena *a, str *text, str *entry);

static bool cut_choice(struct arena *a, str *text, str *entry) {
    (void)a;
    bool more = text->len && memchr(text->at, ',', text->len);
    *entry = str_cut(text, ',');
    return more;
}

/* A name may have commas itself: "\," is one, and "\\" is a backslash. */
static bool cut_name(struct arena *a, str *text, str *entry) {
    char *name = arena_alloc(a, text->len + 1);
    size_t length = 0, i = 0;
    for (; i < text->len && text->at[i] != ','; i++) {
        if (text->at[i] == '\\' && i + 1 < text->len && strchr(",\\", text->at[i + 1]))
            i++;
        name[length++] = text->at[i];
    }
    bool more = i < text->len;
    *entry = (str){name, length};
    *text = (str){text->at + i + more, text->len - i - more};
    return more;
}

/* Entries between commas, an empty one being none: [add] says what is wrong with one. */
static const char *read_list(struct arena *a, const struct parameter *p, str text,
                             struct value *out, entry_cut *cut,
                             bool (*add)(const struct parameter *, str, struct value *)) {
    int most = parameter_longest(p);
    bool more = true;
    out->count = 0;
    for (int entries = 1; more; entries++) {
        str entry;
        if (entries > most)
            return arena_printf(a, "must be a list of at most %d", most);
        more = cut(a, &text, &entry);
        if (!add(p, entry, out))
            return "";
    }
    return NULL;
}

static bool add_choice(const struct parameter *p, str text, struct value *out) {
    int choice = find_choice(p, text);
    for (size_t i = 0; i < out->count; i++)
        if (out->chosen[i] == choice)
            return true;
    if (choice >= 0)
        out->chosen[out->count++] = choice;
    return choice >= 0;
}

static bool add_name(const struct parameter *p, str text, struct value *out) {
    (void)p;
    for (size_t i = 0; i < out->count; i++)
        if (str_eq(out->names[i], text))
            return true;
    if (is_name(text))
        out->names[out->count++] = text;
    return is_name(text);
}

static const char *read_choices(struct arena *a, const struct parameter *p, str text,
                                struct value *out) {
    out->chosen = ARENA_ARRAY(a, int, (size_t)parameter_longest(p));
    return read_list(a, p, text, out, cut_choice, add_choice);
}

static const char *read_names(struct arena *a, const struct parameter *p, str text,
                              struct value *out) {
    out->names = ARENA_ARRAY(a, str, (size_t)parameter_longest(p));
    return read_list(a, p, text, out, cut_name, add_name);
}

static const char *read_number(struct arena *a, const struct parameter *p, str text,
                               struct value *out) {
    uint64_t whole;
    (void)a;
    if (p->type == PARAMETER_NUMBER) {
        if (!str_to_double(text, &out->number))
            return "";
    } else {
        if (!str_to_u64(text, &whole) || whole > (UINT64_C(1) << 53))
            return "";
        out->number = (double)whole;
    }
    return out->number >= p->low && out->number <= p->high ? NULL : "";
}

static const struct {
    char letter;
    int minutes;
} window_units[] = {{'m', 1}, {'h', 60}, {'d', 24 * 60}, {'w', 7 * 24 * 60}};
enum { SHORTEST_WINDOW = 5, LONGEST_WINDOW = 400 * 24 * 60 };

static const char *read_smooth(struct arena *a, const struct parameter *p, str text,
                               struct value *out) {
    uint64_t count;
    (void)a;
    out->choice = find_choice(p, str_cut(&text, ':'));
    if (out->choice < 1 || text.len < 2 || !str_to_u64((str){text.at, text.len - 1}, &count))
        return "";
    for (size_t i = 0; i < sizeof window_units / sizeof *window_units; i++)
        if (window_units[i].letter == text.at[text.len - 1] && count <= LONGEST_WINDOW)
            out->number = (double)count * window_units[i].minutes;
    return out->number >= SHORTEST_WINDOW && out->number <= LONGEST_WINDOW ? NULL : "";
}

static bool is_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

static const char *read_cursor(struct arena *a, const struct parameter *p, str text,
                               struct value *out) {
    str rest = text;
    uint64_t row;
    (void)a, (void)p;
    out->name = text;
    if (!str_to_u64(str_cut(&rest, '-'), &row) || rest.len != 16)
        return "";
    for (size_t i = 0; i < rest.len; i++)
        if (!is_hex(rest.at[i]))
            return "";
    return NULL;
}

/* What a value of the type matches, and how it is called in a sentence. */
static const struct {
    reader *read;
    const char *pattern, *what;
} types[] = {
    [PARAMETER_INSTANT] =
        {read_instant,
         "^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?"
         "(Z|[+-][0-9]{2}:[0-9]{2})?)?$",
         "an ISO 8601 date or date-time, as 2025-08-20 or 2025-08-20T18:10+10:00"},
    [PARAMETER_CHOICE] = {read_choice, NULL, "one of"},
    [PARAMETER_CHOICES] = {read_choices, NULL, "a list of"},
    [PARAMETER_NAME] = {read_name, "^[^\\u0000-\\u001f\\u007f]{1,100}$", "a name"},
    [PARAMETER_NAMES] = {read_names, "^([^\\u0000-\\u001f\\u007f,]|\\\\,){1,100}$",
                         "a list of names"},
    [PARAMETER_WHOLE] = {read_number, NULL, "a whole number"},
    [PARAMETER_NUMBER] = {read_number, NULL, "a number"},
    [PARAMETER_SMOOTH] =
        {read_smooth, "^(mean|exponential|loess):[0-9]+[mhdw]$",
         "mean, exponential or loess, a colon and a window from 5m to 400d, as mean:2h"},
    [PARAMETER_CURSOR] = {read_cursor, "^[0-9]+-[0-9a-f]{16}$", "meta.next of the answer before"},
};

const char *parameter_pattern(const struct parameter *p) {
    return types[p->type].pattern;
}

const char *parameter_allowed(struct arena *a, const struct parameter *p) {
    struct buf text = {0};
    buf_add_str(&text, str_from(types[p->type].what));
    if (p->type == PARAMETER_CHOICE || p->type == PARAMETER_CHOICES)
        for (int i = 0; p->choices[i]; i++)
            buf_printf(&text, "%s %s", i ? "," : "", p->choices[i]);
    else if (p->type == PARAMETER_WHOLE || p->type == PARAMETER_NUMBER)
        buf_printf(&text, " from %.15g to %.15g", p->low, p->high);
    if (parameter_is_list(p))
        buf_printf(&text, ", at most %d", parameter_longest(p));
    const char *copy = str_dup(a, buf_str(&text));
    buf_free(&text);
    return copy;
}

const char *parameter_read(struct arena *a, const struct parameter *p, str text,
                           struct value *out) {
    *out = (struct value){.count = 1};
    const char *wrong = types[p->type].read(a, p, text, out);
    return wrong && !*wrong ? arena_printf(a, "must be %s", parameter_allowed(a, p)) : wrong;
}
