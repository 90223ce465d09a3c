/* The child of a fork: what it checks, and how it ended. */
#ifndef CHILD_H
#define CHILD_H

#include "check.h"

/* Forks, runs `body` in the child, and checks that it ended well and in time. `leave`: by exit, so
 * that a leak checker has its say; else by becoming another program, for where threads were lost,
 * what they held is lost with them. */
bool in_child(void (*body)(void), bool leave);

#endif
