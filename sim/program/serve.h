/* The command that serves a tree over HTTP. */
#ifndef SIM_SERVE_H
#define SIM_SERVE_H

#include "sim/program/options.h"

extern const struct sim_command sim_command_serve;

#endif
