/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of lib/run share among themselves. */
#ifndef NT_RUN_INTERNAL_H
#define NT_RUN_INTERNAL_H

#include "run.h"

/* devices.c: fill the kernel's device table. 0, or -ENOSPC. */
int nt_devices_place(struct nt_run *run);
/* Once a round, when what came and went is known: for nt_run_away(). */
void nt_devices_look(struct nt_run *run);
/* Add the devices that a name stands for in a list; with --wait an absent one as gone. */
int nt_devices_resolve(struct nt_run *run, const struct nt_iface_list *l,
		       const struct nt_run_want *want, struct nt_err *err);

/*
 * watch.c: devices and the namespace come and go. Opened before the devices are
 * listed, so that nothing falls in between; closed again when none is asked for.
 */
int nt_watch_open(struct nt_run *run, struct nt_err *err);
void nt_watch_poll(struct nt_run *run);
/* What a recorded run saw of it in a round. */
int nt_watch_replay(struct nt_run *run);
/* After attaching: note the modules whose functions the hooks are on. */
void nt_watch_modules(struct nt_run *run);
void nt_watch_close(struct nt_run *run);
/* In every report: the hooks whose module was unloaded, and since when. */
void nt_watch_gone_text(struct nt_run *run);
void nt_watch_gone_json(struct nt_run *run, struct nt_json *j);

/*
 * taped.c: parts of a run in the order in which they are on a tape. Each writes
 * when the run records and reads when it replays; 0 or -EBADMSG.
 */
int nt_taped_settings(struct nt_run *run, struct nt_err *err);
/* The devices from number first on; on replay those before it stay. */
int nt_taped_devices(struct nt_run *run, uint32_t first);
/* The kernel's release, the plan, the time of the start block. */
int nt_taped_start(struct nt_run *run);
/* now_ns and the clock, as an entry of a kind. */
int nt_taped_time(struct nt_run *run, enum nt_tape_kind kind);
/* The same for a round, and whether it is the last. */
int nt_taped_round(struct nt_run *run);
/* On replay: the records of a round; returns how many. */
int nt_taped_events(struct nt_run *run);

/* --overhead: have the kernel time the programs, before the capability for it is gone. */
void nt_overhead_begin(struct nt_run *run);
/*
 * misses.c: run->misses anew, from the kernel or the tape; the first time also what
 * later figures are counted from. 0 or -EBADMSG.
 */
int nt_misses_begin(struct nt_run *run);
int nt_misses_read(struct nt_run *run);

/* files.c: are the files that are named on the command line all different, is --ready-fd open? */
int nt_files_check(const struct nt_run *run, struct nt_err *err);
/* The recording that is written or read. */
int nt_files_tapes(struct nt_run *run, struct nt_err *err);
/* Output and log file, as late as can be: a run that cannot begin leaves an older file as it is. */
int nt_files_output(struct nt_run *run, struct nt_err *err);

/* start.c: the start block, and the JSON line of type "start". */
void nt_start_block(struct nt_run *run);
void nt_start_ready(struct nt_run *run);

/*
 * run.c: from when signals are awaited a run that writes must look at them; not
 * earlier, so that what waits for a file to open can be stopped.
 */
int nt_signals_open(struct nt_run *run, struct nt_err *err);
/* Rounds until the end: 0 or -errno. */
int nt_loop(struct nt_run *run);
int nt_replay(struct nt_run *run);

/* privilege.c: give up what is no longer needed. */
int nt_privilege_drop(struct nt_run *run, struct nt_err *err);

#endif
