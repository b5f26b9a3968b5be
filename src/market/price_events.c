#include "market/price_events.h"

static size_t run_length(const struct span *prices, double threshold, size_t from) {
    size_t length = 0;
    while (from + length < prices->length && prices->values[from + length] >= threshold)
        length++;
    return length;
}

static struct price_event event_of(const struct span *prices, size_t from, size_t length) {
    struct price_event e = {
        .first = span_time(prices, from),
        .last = span_time(prices, from + length - 1),
        .intervals = length,
        .peak = prices->values[from],
        .peak_at = span_time(prices, from),
        .is_open = from + length == prices->length,
    };
    double sum = 0;
    for (size_t i = from; i < from + length; i++) {
        sum += prices->values[i];
        if (prices->values[i] > e.peak) {
            e.peak = prices->values[i];
            e.peak_at = span_time(prices, i);
        }
    }
    e.mean = sum / (double)length;
    return e;
}

struct price_event *price_events_find(struct arena *a, const struct span *prices, double threshold,
                                      size_t *count) {
    struct price_event *events = NULL;
    for (int fill = 0; fill < 2; fill++) {
        size_t found = 0;
        for (size_t i = 0, run; i < prices->length; i += run ? run : 1) {
            run = run_length(prices, threshold, i);
            if (run && fill)
                events[found] = event_of(prices, i, run);
            found += run > 0;
        }
        *count = found;
        if (!fill)
            events = ARENA_ARRAY(a, struct price_event, found);
    }
    return events;
}
