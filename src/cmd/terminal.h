/* A terminal that a command draws on: a page of lines, drawn anew in its place.
 *
 * It is the other screen that terminals have for this, so that what stood there before is back
 * afterwards. Only sequences that all of them know are used: no library, no database of terminals.
 * Keys come without Enter. Whatever ends the command, a key, a signal or an error, terminal_leave
 * has to be called; while it is suspended (Ctrl-Z) the terminal is as it was.
 */
#ifndef CMD_TERMINAL_H
#define CMD_TERMINAL_H

#include "base/err.h"
#include "base/str.h"

/* Whether standard input and output are a terminal that can do this. */
bool terminal_there(void);
err *terminal_enter(void) ERR_NODISCARD;
void terminal_leave(void);
/* 80 by 24 where it isn't known. */
void terminal_size(int *columns, int *rows);

/* Draws the lines of [page], which ends with a line end, cut to the size. Colours, as in
 * "\033[31m", have no width. */
void terminal_draw(str page);

/* Waits for a key up to [milliseconds]: its letter; 0 when none came, or the size has changed; -1
 * when it is time to end: told by a signal, or nobody is there any more. */
int terminal_key(int milliseconds);

#endif
