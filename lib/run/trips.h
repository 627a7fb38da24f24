/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Round trips (trip.h) on the user side: which were lost, the figures of an interval
 * and of the run, and their JSON. A tool has the words, and prints its own text.
 */
#ifndef NT_TRIPS_H
#define NT_TRIPS_H

#include "run.h"
#include "sessions.h"
#include "trip.h"

struct nt_trip_word {
	const char *name; /* text */
	const char *key;  /* JSON */
};

struct nt_trip_words {
	struct nt_trip_word status[NT_TRIP_STATUSES];
	struct nt_trip_word segment[NT_TRIP_SEGMENTS];
	const char *lost;    /* JSON key of the sum of the lost; NULL: not told */
	const char *refused; /* of what drivers refused; NULL: nobody looks */
};

/* In a tool's state, zeroed. */
struct nt_trips {
	struct nt_sessions *sessions;
	uint32_t sets;
	bool quiet;                       /* no stories, only figures */
	uint64_t swept[NT_TRIP_STATUSES]; /* lost ones that user space found */
	uint64_t no_verdict;              /* of them: an interface was away */
	uint64_t in_flight;
	uint64_t timeout_ns;
	struct nt_counters before; /* at the last report */
	uint64_t swept_before[NT_TRIP_STATUSES];
	uint64_t no_verdict_before;
	struct nt_hist hist_before[NT_TRIP_SEGMENTS];
};

/* --all, --stats-mode, --count and --interval together. 0 or -EINVAL (exit code 2). */
int nt_trips_check(struct nt_run *run, bool all, bool stats_mode, struct nt_err *err);
/* For prepare(), sizes(), on_tick(), done(). */
void nt_trips_prepare(struct nt_trips *t, uint32_t max_sessions, bool quiet);
int nt_trips_sizes(struct nt_run *run, const struct nt_trips *t, struct bpf_object *obj);
typedef void (*nt_trips_fn)(struct nt_run *run, const struct nt_story *y);
void nt_trips_tick(struct nt_run *run, struct nt_trips *t, uint64_t timeout_ns, nt_trips_fn swept);
void nt_trips_done(struct nt_trips *t);
/* A session of a sweep: counts it, and queues it as a record if stories are told. */
void nt_trips_swept(struct nt_run *run, struct nt_trips *t, const struct nt_story *y);

/* Kernel settings of the sessions, but for the threshold. */
void nt_trips_settings(struct nt_sess_cfg *s, const struct nt_trips *t, uint64_t timeout_ns);

/* Status of a story: of one that did not end in time what it was at its timeout. */
uint32_t nt_trip_status_of(const struct nt_story *y, uint64_t timeout_ns);
#define NT_TRIP_NO_VERDICT "NO_VERDICT"
/* Unfinished while an interface was away: where it was lost is not known. */
bool nt_trip_no_verdict(const struct nt_run *run, const struct nt_story *y, uint64_t timeout_ns);
/* A segment's time. false: one of its ends was not seen. */
bool nt_trip_segment_ns(const struct nt_story *y, uint32_t segment, uint64_t *ns);
/* The stage at which a segment begins or ends. */
uint32_t nt_trip_segment_from(uint32_t segment);
uint32_t nt_trip_segment_to(uint32_t segment);

struct nt_trip_figures {
	uint64_t status[NT_TRIP_STATUSES];
	uint64_t total, in_flight, late, duplicate, untracked, icmp_errors, xmit_failed, no_verdict;
	int64_t unaccounted;
	struct nt_losses losses;
	struct nt_hist hist[NT_TRIP_SEGMENTS];
};

/* Of the run (final), or since the last call. 0 or -errno. */
int nt_trips_figures(struct nt_run *run, struct nt_trips *t, bool final, struct nt_trip_figures *f);
/* The line of the interval before text figures. */
void nt_trips_interval_text(struct nt_run *run);
/* The table of latencies, with --verbose their distribution, and what was lost of it. */
void nt_trips_latency_text(struct nt_run *run, const struct nt_trip_figures *f,
			   const struct nt_trip_words *w);
void nt_trips_figures_json(struct nt_run *run, const struct nt_trip_figures *f,
			   const struct nt_trip_words *w, bool final);

/* What an ICMP error said, or the driver, as the end of a status line; or "". */
void nt_trip_error_text(const struct nt_sess *s, char *buf, size_t len);
/* One packet's story; stage: the names of its stages, direction: of its way. */
struct nt_trip_story {
	const struct nt_trip_words *words;
	const char *const *stage;
	const char *direction;
	uint64_t timeout_ns;
};
void nt_trip_story_json(struct nt_run *run, const struct nt_story *y,
			const struct nt_trip_story *s);

#endif
