/* Texts of the command table (command.h) as pages of the manual: man(7)'s macros and few of them,
 * which groff and mandoc both read. `words` and --options are set in bold. */
#ifndef CMD_ROFF_H
#define CMD_ROFF_H

#include "base/str.h"

/* A page begins: ".TH" and what it is called in. */
void roff_title(struct buf *out, const char *name, int section, const char *version);
void roff_section(struct buf *out, const char *title);
/* A usage line: words to be typed in bold, those to be replaced in italics. */
void roff_usage(struct buf *out, const char *command, const char *usage);
/* Paragraphs, lists and examples. */
void roff_text(struct buf *out, const char *text);
/* An entry: its head in bold, what stands for a value in italics (or NULL), and a text of one
 * paragraph. */
void roff_entry(struct buf *out, const char *head, const char *value, const char *text);
/* A line to be typed, and what it does. */
void roff_example(struct buf *out, const char *line, const char *does);

#endif
