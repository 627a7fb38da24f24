/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Signals as file descriptors: what ends a run, what opens its output again. */
#ifndef NT_SIGNALS_H
#define NT_SIGNALS_H

#include <stdbool.h>

/*
 * From now on readable, and never read, when a signal asks the program to end: SIGINT,
 * SIGTERM, and SIGHUP where no output has a file (files) that it would open again. An fd
 * or -errno.
 */
int nt_signals_stop_fd(bool files);
/* The same for SIGHUP with files; read with nt_signals_taken(). */
int nt_signals_hup_fd(void);
/* Takes one of those that came; false: none left. */
bool nt_signals_taken(int fd);

#endif
