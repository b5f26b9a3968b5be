#include "sim/tables/notice.h"

#include <stdio.h>
#include <stdlib.h>

#include "sim/model/noise.h"
#include "sim/model/streams.h"
#include "sim/tables/notice_story.h"
#include "sim/tables/registry.h"
#include "sim/tables/table.h"

enum { STREAM = SIM_STREAMS_NOTICE };

/* MARKETNOTICETYPE of 2020-10, and what came later. */
static const struct type_fact {
    const char *id, *description, *raisedby, *lastchanged;
} types[] = {
    {"FORCED MAJEURE", "Not applicable from 31/12/2000. (Administered Price Period/Cap)", "NEMMCO",
     "2001/09/28 11:28:05"},
    {"MARKET SUSPENSION", "Market suspended in region(s).", "NEMMCO", "2001/09/28 11:28:05"},
    {"TRAIN", "Training/Testing Notice", "RSO", "1998/06/30 22:01:21"},
    {"TEST", "Please double click on (Memo) in the reason column", "NEMMCO", "1998/06/30 22:01:21"},
    {"VOLL", "Dispatch Price is VOLL", "NEMMCO", "1998/08/17 16:31:53"},
    {"MARKET SYSTEMS", "Status of Market Systems", "NEMMCO", "1998/08/17 18:00:05"},
    {"POWER SYSTEM EVENTS", "Emergency events/conditions", "NEMMCO", "1998/08/17 18:02:18"},
    {"RESERVE NOTICE", "LRC/LOR1/LOR2/LOR3", "NEMMCO", "1998/08/17 18:12:41"},
    {"GENERAL NOTICE", "Subjects not covered in specific notices", "NEMMCO", "1998/08/17 18:11:01"},
    {"MARKET INTERVENTION", "Reserve Contract / Direction / Instruction", "NEMMCO",
     "2003/01/10 07:34:41"},
    {"NON-CONFORMANCE", "Details of Non-conformance/Conformance", "NEMMCO", "1998/08/17 18:32:02"},
    {"MARKET DIRECTION", "Not applicable from 09/12/2002", "NEMMCO", "2003/01/10 13:05:00"},
    {"PRICE ADJUSTMENT", "Prices have been reviewed and were adjusted", "NEMMCO",
     "2011/11/23 11:04:24"},
    {"RECLASSIFY CONTINGENCY", "Reclassify contingency events", "NEMMCO", "1998/12/17 14:12:10"},
    {"CONSTRAINTS", "New/Modified Constraints", "NEMMCO", "1998/12/31 13:36:32"},
    {"SYSTEM RECONFIGURATION", "Impact of System Reconfiguration", "NEMMCO", "1999/03/03 15:02:11"},
    {"MPDI", "Overconstrained Dispatch", "NEMMCO", "1998/12/17 12:42:27"},
    {"NEM SYSTEMS", "MMS, EMS, SCADA, IT, BIDDING", "NEMMCO", "2003/10/20 11:23:12"},
    {"POWER SYSTEM SECURITY", "Not applicable from 09/12/2002", "NEMMCO", "2003/01/10 13:05:00"},
    {"PROCESS INVESTIGATION", "Discontinued 24/09/2001- Process Investigation: Scheduling Error",
     "NEMMCO", "2001/09/28 11:28:05"},
    {"PROCESS REVIEW", "Process Review", "NEMMCO", "2001/09/28 11:28:05"},
    {"ADMINISTERED PRICE CAP", "Administered price periods declared.", "NEMMCO",
     "2001/09/28 11:28:05"},
    {"MANDATORY RESTRICTIONS", "Declaration/Cancellation; MR Schedule; Offers", "NEMMCO",
     "2003/10/15 13:04:43"},
    {"INTER-REGIONAL TRANSFER", "Inter-Regional Transfer limit variation", "NEMMCO",
     "2004/03/30 09:13:31"},
    {"SETTLEMENTS RESIDUE", "Management of Negative Residues", "NEMMCO", "2004/03/30 09:13:31"},
    {"PRICES SUBJECT TO REVIEW", "Prices are not firm due to an MII or OCD event", "NEMMCO",
     "2011/11/21 10:57:46"},
    {"PRICES UNCHANGED", "Prices have been reviewed and remain unchanged", "NEMMCO",
     "2011/11/23 11:03:49"},
    {"LOAD SHED", "NEL 116 Direction", "AEMO", "2017/06/29 12:50:12"},
    {"LOAD RESTORE", "NEL 116 Direction", "AEMO", "2017/06/29 12:50:12"},
    {"SYSTEM RESTART", "NEL 116 Direction", "AEMO", "2017/06/29 12:50:12"},
    {"RECALL GEN CAPACITY", "Recall Gen Capacity", "AEMO", "2018/01/15 12:16:05"},
    {"PROTECTED EVENT", "Protected Event", "AEMO", "2019/07/24 17:21:09"},
    {"MINIMUM SYSTEM LOAD", "MSL1/MSL2/MSL3", "AEMO", "2020/11/12 10:20:31"},
};
enum { TYPES = sizeof types / sizeof *types };

static const char *description_of(const char *type) {
    for (int i = 0; i < TYPES; i++)
        if (!strcmp(types[i].id, type))
            return types[i].description;
    return "";
}

/* Ids: each date has DAY_IDS of them, from the one that was reached on FIRST_DATE. The last
 * LATE_IDS go to notices that take until the next date to come out. */
enum { FIRST_DATE = 20090701, FIRST_ID = 28000, DAY_IDS = 48, LATE_IDS = 6 };

static aest_day date_of(aest_us t) {
    return (aest_day)(t / AEST_DAY);
}

static int by_time(const void *a, const void *b) {
    const struct sim_draft *x = *(struct sim_draft *const *)a, *y = *(struct sim_draft *const *)b;
    if (x->created != y->created)
        return x->created < y->created ? -1 : 1;
    return x->key < y->key ? -1 : x->key > y->key;
}

/* The notices of some dates in the making. Each day's stories are told once. */
struct desk {
    struct sim_market *market;
    struct arena *memory;
    aest_day first;
    struct desk_day {
        bool told, sorted;
        struct sim_draft *begun;   /* what the stories that begin on the date tell */
        struct sim_draft **drafts; /* what is created on the date, by time */
        int count;
    } * days;
};

static struct sim_draft *begun_on(struct desk *desk, aest_day date) {
    struct desk_day *day = &desk->days[date - desk->first];
    if (!day->told)
        day->begun = sim_stories(desk->market, date, desk->memory);
    day->told = true;
    return day->begun;
}

/* No more of a date than there are ids. */
static const struct desk_day *drafts_on(struct desk *desk, aest_day date) {
    struct desk_day *day = &desk->days[date - desk->first];
    if (day->sorted)
        return day;
    size_t all = 0;
    for (int back = 0; back < SIM_STORY_DAYS; back++)
        for (struct sim_draft *d = begun_on(desk, date - back); d; d = d->next)
            all += date_of(d->created) == date;
    day->drafts = ARENA_ARRAY(desk->memory, struct sim_draft *, all + 1);
    for (int back = 0; back < SIM_STORY_DAYS; back++)
        for (struct sim_draft *d = begun_on(desk, date - back); d; d = d->next)
            if (date_of(d->created) == date)
                day->drafts[day->count++] = d;
    qsort(day->drafts, all, sizeof(struct sim_draft *), by_time);
    if (day->count > DAY_IDS - LATE_IDS)
        day->count = DAY_IDS - LATE_IDS;
    day->sorted = true;
    return day;
}

/* The id of the date's [n]th notice of [count]: mostly in order, with neighbours changed over, and
 * some from the numbers that the day before kept. */
static uint64_t id_of(const struct desk *desk, aest_day date, int n) {
    struct noise noise = {sim_market_seed(desk->market), (uint64_t)STREAM << 40};
    int64_t base = FIRST_ID + (date - date_of(sim_date_to_aest(FIRST_DATE))) * (int64_t)DAY_IDS;
    if (n > 0 && n <= LATE_IDS && noise_uniform(noise, base + n) < 0.06)
        return (uint64_t)(base - n);
    int partner = n ^ 1;
    bool swapped = partner < desk->days[date - desk->first].count &&
                   noise_uniform(noise, base + DAY_IDS + n / 2) < 0.2;
    return (uint64_t)(base + (swapped ? partner : n));
}

static uint64_t find_id(struct desk *desk, const struct sim_draft *wanted) {
    aest_day date = date_of(wanted->created);
    const struct desk_day *day = drafts_on(desk, date);
    int n = 0;
    while (n < day->count && day->drafts[n] != wanted)
        n++;
    return id_of(desk, date, n);
}

/* A draft's text with what it follows up put in, and with CRLF. */
static const char *finish(struct desk *desk, const struct sim_draft *d, const char *text) {
    struct buf out = {0};
    for (; *text; text++) {
        if (*text == *SIM_EARLIER)
            buf_printf(&out, "%llu", (unsigned long long)find_id(desk, d->earlier));
        else if (*text == '\n')
            buf_add_str(&out, STR("\r\n"));
        else
            buf_add_char(&out, *text);
    }
    char *copy = str_dup(desk->memory, buf_str(&out));
    buf_free(&out);
    return copy;
}

static struct sim_notice publish(struct desk *desk, aest_day date, int n) {
    const struct sim_draft *d = drafts_on(desk, date)->drafts[n];
    return (struct sim_notice){
        .id = id_of(desk, date, n),
        .type = d->type,
        .description = description_of(d->type),
        .created = d->created,
        .reference = finish(desk, d, d->reference),
        .reason = finish(desk, d, d->reason),
    };
}

void sim_notices(struct sim_market *m, aest_us from, aest_us to, struct arena *a,
                 const struct sim_notice **out, int *count) {
    *count = 0;
    *out = NULL;
    if (to <= from)
        return;
    /* what the first date's notices follow up, and the stories of that */
    enum { BEFORE = 2 * (SIM_STORY_DAYS - 1) };
    aest_day first = date_of(from), last = date_of(to);
    size_t dates = (size_t)last - (size_t)first + 1;
    struct desk desk = {.market = m, .memory = a, .first = first - BEFORE};
    desk.days = ARENA_ARRAY(a, struct desk_day, dates + BEFORE);
    struct sim_notice *list = ARENA_ARRAY(a, struct sim_notice, dates * DAY_IDS);
    for (aest_day date = first; date <= last; date++) {
        const struct desk_day *day = drafts_on(&desk, date);
        for (int n = 0; n < day->count; n++)
            if (day->drafts[n]->created > from && day->drafts[n]->created <= to)
                list[(*count)++] = publish(&desk, date, n);
    }
    *out = list;
}

const char *sim_notice_name(const struct sim_notice *n, char out[SIM_NOTICE_NAME]) {
    snprintf(out, SIM_NOTICE_NAME, "NEMITWEB1_MKTNOTICE_%d.R%llu", sim_date_of(n->created),
             (unsigned long long)n->id);
    return out;
}

void sim_notice_print(const struct sim_notice *n, struct buf *out) {
    static const char rule[] =
        "-------------------------------------------------------------------\r\n";
    int date = sim_date_of(n->created), second = (int)(n->created % AEST_DAY / AEST_SECOND);
    int year = date / 10000, month = date / 100 % 100, day = date % 100;
    buf_printf(out, "%s                           MARKET NOTICE\r\n%s\r\n", rule, rule);
    buf_printf(out,
               "From :              AEMO\r\n"
               "To   :              NEMITWEB1\r\n"
               "Creation Date :     %02d/%02d/%d     %02d:%02d:%02d\r\n\r\n%s\r\n",
               day, month, year, second / 3600, second / 60 % 60, second % 60, rule);
    buf_printf(out,
               "Notice ID               :         %llu\r\n"
               "Notice Type ID          :         %s\r\n"
               "Notice Type Description :         %s\r\n"
               "Issue Date              :         %02d/%02d/%d\r\n"
               "External Reference      :         %s\r\n\r\n%s\r\n",
               (unsigned long long)n->id, n->type, n->description, day, month, year, n->reference,
               rule);
    buf_printf(out, "Reason :\r\n\r\n%s\r\n%sEND OF REPORT\r\n%s", n->reason, rule, rule);
}

struct notice_row {
    int64_t id;
    const char *type, *description, *raisedby, *reference, *reason;
    aest_us effective, lastchanged;
};

static const struct sim_cell notice_cells[] = {
    {"NOTICEID", SIM_CELL_INTEGER, offsetof(struct notice_row, id), 0, NULL},
    {"EFFECTIVEDATE", SIM_CELL_TIME, offsetof(struct notice_row, effective), 0, NULL},
    {"TYPEID", SIM_CELL_TEXT, offsetof(struct notice_row, type), 0, NULL},
    {"NOTICETYPE", SIM_CELL_LITERAL, 0, 0, "1"},
    {"DESCRIPTION", SIM_CELL_TEXT, offsetof(struct notice_row, description), 0, NULL},
    {"RAISEDBY", SIM_CELL_TEXT, offsetof(struct notice_row, raisedby), 0, NULL},
    {"LASTCHANGED", SIM_CELL_TIME, offsetof(struct notice_row, lastchanged), 0, NULL},
    {"REASON", SIM_CELL_TEXT, offsetof(struct notice_row, reason), 0, NULL},
    {"EXTERNALREFERENCE", SIM_CELL_TEXT, offsetof(struct notice_row, reference), 0, NULL},
    {0},
};

static void data_rows(struct sim_file *f, aest_us from, aest_us to) {
    struct arena memory = {0};
    const struct sim_notice *list;
    int count;
    sim_notices(f->market, from, to, &memory, &list, &count);
    for (int i = 0; i < count; i++) {
        struct notice_row row = {
            .id = (int64_t)list[i].id,
            .type = list[i].type,
            .reference = list[i].reference,
            .reason = list[i].reason,
            .effective = list[i].created,
            .lastchanged = list[i].created,
        };
        sim_file_row(f, &row);
    }
    arena_free(&memory);
}

static void type_rows(struct sim_file *f, aest_us from, aest_us to) {
    (void)from;
    for (int i = 0; i < TYPES; i++) {
        struct notice_row row = {.type = types[i].id,
                                 .description = types[i].description,
                                 .raisedby = types[i].raisedby};
        if (aest_parse_mms(str_from(types[i].lastchanged), &row.lastchanged) &&
            row.lastchanged <= to)
            sim_file_row(f, &row);
    }
}

const struct sim_table sim_marketnoticedata = {"MARKET_NOTICE", "MARKETNOTICEDATA", notice_cells,
                                               data_rows};
const struct sim_table sim_marketnoticetype = {"MARKET_NOTICE", "MARKETNOTICETYPE", notice_cells,
                                               type_rows};
