/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A tape of everything that the kernel gave to a run: rounds of the loop with
 * their time, records, counters, histograms, table rows, devices. A run that
 * reads a tape instead of a kernel prints the same text and JSON, which is how
 * the user side is tested, and how a case from the field is looked at again.
 *
 * File: a header, then entries of {kind, id, size} and size bytes, host byte
 * order. The reader trusts nothing in it. What is on it, in order (replay.c):
 *
 *	SETTINGS	the options that it was recorded with
 *	DEVICE... END	for every nt_run_add_devices(); DATA of prepare()
 *	START HOOK...	the kernel and the plan
 *	MISSES		what it counts of hits that it held back
 *	CLOCK		when it was armed; DATA of edge()
 *	rounds:		ROUND, TOLD..., DEVICE... END after a change,
 *			EVENT... END, then what on_tick() and report() read:
 *			ROW... END, COUNTERS, MISSES, HIST, DATA
 */
#ifndef NT_TAPE_H
#define NT_TAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

struct nt_tape;

enum nt_tape_kind {
	NT_TAPE_SETTINGS = 1, /* text */
	NT_TAPE_START,
	NT_TAPE_HOOK,  /* id: number in the plan */
	NT_TAPE_CLOCK, /* when it was armed */
	NT_TAPE_ROUND, /* id 1: the last round */
	NT_TAPE_TOLD,  /* a device or the namespace came or went */
	NT_TAPE_DEVICE,
	NT_TAPE_EVENT,
	NT_TAPE_ROW, /* a session of a sweep; id: slot */
	NT_TAPE_END, /* end of a list */
	NT_TAPE_COUNTERS,
	NT_TAPE_HIST,   /* id: which */
	NT_TAPE_DATA,   /* of one tool; id: its own */
	NT_TAPE_MISSES, /* hits that the kernel held back; may be absent */
	NT_TAPE_KINDS
};

/* Number of the runtime's own DATA; those of tools are below. */
#define NT_TAPED_NAMES 0x100

#define NT_TAPE_MAX_ENTRY (1U << 20)

/*
 * Create a tape for a command ("path icmp"): a regular file. What is in it already is
 * only lost with nt_tape_begin(): a run that cannot begin leaves it as it was.
 */
int nt_tape_create(const char *path, const char *command, struct nt_tape **out, struct nt_err *err);
/* Once: what was written up to now goes to the file, and all that follows. 0 or -errno. */
int nt_tape_begin(struct nt_tape *t);
/* Open one; it must be of this command and of this build's layout. */
int nt_tape_open(const char *path, const char *command, struct nt_tape **out, struct nt_err *err);
/* 0 or -errno of the first failed write, after which nothing more is written. */
int nt_tape_close(struct nt_tape *t);

/* 0 or -errno, as nt_tape_close() tells it again; -E2BIG: more than NT_TAPE_MAX_ENTRY. */
int nt_tape_write(struct nt_tape *t, enum nt_tape_kind kind, uint32_t id, const void *data,
		  size_t size);
/*
 * Read the next entry into buf if it is of this kind: its size, at most room.
 * -ENODATA at the end of the tape, -ENOMSG when the next entry is of another
 * kind (nothing is consumed), -EBADMSG when it is damaged or larger than room.
 */
int nt_tape_read(struct nt_tape *t, enum nt_tape_kind kind, uint32_t *id, void *buf, size_t room);
/* Is the next entry of this kind? */
bool nt_tape_next_is(struct nt_tape *t, enum nt_tape_kind kind);
/* Text of a tape goes to terminals: has it an end, and nothing that a terminal acts on? */
bool nt_tape_is_text(const char *s, size_t size);

#endif
