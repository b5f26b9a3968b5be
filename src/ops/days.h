/* The rows that the store has of some days, in whichever files they lie. */
#ifndef OPS_DAYS_H
#define OPS_DAYS_H

#include "store/store.h"

/* Puts them into [days], whose frames are empty. */
err *days_read(struct store *s, struct frames *days) ERR_NODISCARD;

#endif
