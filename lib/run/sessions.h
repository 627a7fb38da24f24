/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The session table from user space: finding the sessions that will not end
 * any more. The kernel's table is only read; what was reported is noted in the
 * map "nt_marks", so that the kernel does not count it again.
 */
#ifndef NT_SESSIONS_H
#define NT_SESSIONS_H

#include "run.h"
#include "session.h"

struct nt_sessions;

/* A session with its stamps, as a sweep or a record has it. */
struct nt_story {
	const struct nt_sess *s;
	const uint64_t *ts;  /* per stage */
	const uint32_t *dev; /* per stage */
	const void *own;     /* what the tool keeps besides; NULL: nothing */
};
/*
 * What a slot has, where "stages" is asked for below: their number alone, or with
 * so many bytes (a multiple of 8) of the tool's own behind them.
 */
#define NT_WITH_OWN(stages, bytes) ((stages) | (uint32_t)(bytes) << 8)
/* View a record of size bytes. false: not of these stages. */
bool nt_story_of(const void *rec, size_t size, uint32_t stages, struct nt_story *out);

/* max: packets that can be open at once, rounded up to a power of two >= 64. */
uint32_t nt_sessions_sets(uint32_t max);
/* Sizes of nt_sessions and nt_marks, before load. mmap: the kernel has NT_F_MMAP. */
int nt_sessions_sizes(struct nt_run *run, struct bpf_object *obj, uint32_t sets);
/* After load, or on replay (no table then). stages as in the kernel, at most 64. */
int nt_sessions_open(struct nt_run *run, uint32_t sets, uint32_t stages, struct nt_sessions **out);
void nt_sessions_close(struct nt_sessions *s);

/*
 * Hand every session that is older than timeout_ns at run->now_ns, and was not
 * handed out yet, to fn, once, and mark it. fn gets a consistent copy with
 * NT_SESS_SWEPT set and end_ns at its timeout; the copy is nt_story_size()
 * bytes from story->s on, so that it can be queued as a record. In the final
 * round also those that are younger: with NT_SESS_IN_FLIGHT instead. Returns
 * how many, or -errno.
 */
typedef void (*nt_session_fn)(struct nt_run *run, const struct nt_story *story);
int nt_sessions_sweep(struct nt_run *run, struct nt_sessions *s, uint64_t timeout_ns,
		      nt_session_fn fn);
/* Sessions that the last sweep found open and left alone, and that have not ended
 * since: of the whole run so many had started, so many ended. */
uint64_t nt_sessions_in_flight(const struct nt_sessions *s, uint64_t started, uint64_t ended);
size_t nt_story_size(uint32_t stages);

#endif
