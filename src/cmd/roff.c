#include "cmd/roff.h"

#include <ctype.h>

/* -- letters ------------------------------------------------------------------------------------
 */

/* The number of the letter that begins [s], and its bytes taken off. */
static unsigned take_letter(str *s) {
    static const unsigned char lead[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    size_t length = str_utf8_length(*s);
    unsigned letter = (unsigned char)s->at[0] & lead[length <= 4 ? length : 0];
    for (size_t i = 1; i < length; i++)
        letter = letter << 6 | ((unsigned char)s->at[i] & 0x3f);
    length = length ? length : 1;
    *s = (str){s->at + length, s->len - length};
    return letter;
}

/* What roff takes for commands, or draws otherwise than it is typed. */
static void add_letter(struct buf *out, str *s) {
    static const struct {
        char letter;
        const char *name;
    } special[] = {{'\\', "\\e"},  {'-', "\\-"},    {'~', "\\(ti"}, {'^', "\\(ha"},
                   {'`', "\\(ga"}, {'\'', "\\(aq"}, {'"', "\\(dq"}};
    unsigned letter = take_letter(s);
    for (size_t i = 0; i < sizeof special / sizeof *special; i++)
        if (letter == (unsigned char)special[i].letter) {
            buf_add_str(out, str_from(special[i].name));
            return;
        }
    if (letter < 0x80)
        buf_add_char(out, (char)letter);
    else
        buf_printf(out, "\\[u%04X]", letter);
}

static void add_letters(struct buf *out, str s) {
    if (s.len && s.at[0] == '.') /* would be a macro at the beginning of a line */
        buf_add_str(out, STR("\\&"));
    while (s.len)
        add_letter(out, &s);
}

static void add_font(struct buf *out, char font, str s) {
    buf_printf(out, "\\f%c", font);
    add_letters(out, s);
    buf_add_str(out, STR("\\fR"));
}

/* -- words --------------------------------------------------------------------------------------
 */

static bool is_option(str s, size_t i) {
    bool begins = i == 0 || strchr(" (,|[", s.at[i - 1]);
    return begins && i + 2 < s.len && s.at[i] == '-' && s.at[i + 1] == '-' &&
           islower((unsigned char)s.at[i + 2]);
}

static size_t option_end(str s, size_t i) {
    while (i < s.len && (s.at[i] == '-' || islower((unsigned char)s.at[i])))
        i++;
    return i;
}

/* A line of prose. */
static void add_prose(struct buf *out, str s) {
    if (s.len && s.at[0] == '.')
        buf_add_str(out, STR("\\&"));
    for (size_t i = 0; i < s.len;) {
        str rest = {s.at + i, s.len - i};
        const char *close =
            rest.at[0] == '`' ? memchr(rest.at + 1, '`', rest.len - 1) : (const char *)NULL;
        if (close) {
            add_font(out, 'B', (str){rest.at + 1, (size_t)(close - rest.at) - 1});
            i = (size_t)(close - s.at) + 1;
        } else if (is_option(s, i)) {
            size_t end = option_end(s, i);
            add_font(out, 'B', (str){rest.at, end - i});
            i = end;
        } else if (rest.at[0] == '\'' || rest.at[0] == '"') { /* as it is set in prose */
            buf_add_char(out, rest.at[0]);
            i++;
        } else {
            add_letter(out, &rest);
            i = (size_t)(rest.at - s.at);
        }
    }
}

void roff_title(struct buf *out, const char *name, int section, const char *version) {
    buf_add_str(out, STR(".TH \""));
    for (; *name; name++)
        buf_add_char(out, (char)toupper((unsigned char)*name));
    buf_printf(out, "\" %d \"\" \"nemd %s\" \"nemd's manual\"\n", section, version);
}

void roff_section(struct buf *out, const char *title) {
    buf_printf(out, ".SH %s\n", title);
}

/* Letters that belong together: of an option or a word to be typed (small), or of a word that
 * stands for another (capital). */
static size_t word_end(str s) {
    size_t i = 1;
    if (isupper((unsigned char)s.at[0]))
        while (i < s.len && isupper((unsigned char)s.at[i]))
            i++;
    else
        while (i < s.len && (islower((unsigned char)s.at[i]) || s.at[i] == '-'))
            i++;
    return i;
}

void roff_usage(struct buf *out, const char *command, const char *usage) {
    add_font(out, 'B', str_from(command));
    buf_add_char(out, ' ');
    for (str rest = str_from(usage); rest.len;) {
        bool word = isalpha((unsigned char)rest.at[0]) || rest.at[0] == '-';
        if (!word) {
            add_letter(out, &rest);
            continue;
        }
        size_t end = word_end(rest);
        add_font(out, isupper((unsigned char)rest.at[0]) ? 'I' : 'B', (str){rest.at, end});
        rest = (str){rest.at + end, rest.len - end};
    }
    buf_add_char(out, '\n');
}

/* -- paragraphs ---------------------------------------------------------------------------------
 */

enum block { START, PROSE, ITEM, SHOWN };

static size_t blanks(str line) {
    size_t i = 0;
    while (i < line.len && line.at[i] == ' ')
        i++;
    return i;
}

/* Where the text of "word  text" begins; 0 for a line that is no item. */
static size_t item_column(str line) {
    ptrdiff_t gap = str_find(line, STR("  "));
    if (gap <= 0)
        return 0;
    size_t column = (size_t)gap;
    return column + blanks((str){line.at + column, line.len - column});
}

static void begin(struct buf *out, enum block *now, enum block next) {
    if (*now == SHOWN && next != SHOWN)
        buf_add_str(out, STR(".fi\n.RE\n"));
    if (*now != START && next == PROSE && *now != PROSE)
        buf_add_str(out, STR(".PP\n"));
    if (next == SHOWN && *now != SHOWN)
        buf_add_str(out, STR(".PP\n.RS 4\n.nf\n"));
    *now = next;
}

static void add_line(struct buf *out, str line, enum block *now, size_t *column) {
    size_t indent = blanks(line), item = indent ? 0 : item_column(line);
    if (*now == ITEM && indent && indent == *column) {
        add_prose(out, str_trim(line));
    } else if (indent >= 2) {
        begin(out, now, SHOWN);
        add_letters(out, (str){line.at + 2, line.len - 2});
    } else if (item) {
        begin(out, now, ITEM);
        *column = item;
        buf_add_str(out, STR(".TP\n"));
        add_font(out, 'B', str_trim((str){line.at, item}));
        buf_add_char(out, '\n');
        add_prose(out, (str){line.at + item, line.len - item});
    } else {
        begin(out, now, PROSE);
        add_prose(out, line);
    }
    buf_add_char(out, '\n');
}

void roff_text(struct buf *out, const char *text) {
    enum block now = START;
    size_t column = 0;
    for (str rest = str_from(text); rest.len;) {
        str line = str_cut(&rest, '\n');
        if (line.len) {
            add_line(out, line, &now, &column);
            continue;
        }
        begin(out, &now, now == START ? START : PROSE);
        buf_add_str(out, STR(".PP\n"));
        now = START;
    }
    begin(out, &now, START);
}

void roff_entry(struct buf *out, const char *head, const char *value, const char *text) {
    buf_add_str(out, STR(".TP\n"));
    add_font(out, 'B', str_from(head));
    if (value) {
        buf_add_char(out, ' ');
        add_font(out, 'I', str_from(value));
    }
    buf_add_char(out, '\n');
    add_prose(out, str_from(text));
    buf_add_char(out, '\n');
}

void roff_example(struct buf *out, const char *line, const char *does) {
    buf_add_str(out, STR(".PP\n"));
    add_prose(out, str_from(does));
    buf_add_str(out, STR(":\n.PP\n.RS 4\n.nf\n"));
    add_letters(out, str_from(line));
    buf_add_str(out, STR("\n.fi\n.RE\n"));
}
