/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tools that follow packets from a first stage to a last one: the sweep of their
 * session table, how each ended, the figures of an interval and of the run, and
 * what is printed of these and of one packet (its story). A tool describes its
 * stages, ends and times in a struct nt_story_kind and hands it to
 * nt_stories_prepare(); most callbacks of its descriptor are those below. Its state
 * begins with struct nt_stories, its settings have a struct nt_story_cfg.
 */
#ifndef NT_STORIES_H
#define NT_STORIES_H

#include "run.h"
#include "sessions.h"

/* How a packet can end: text, JSON key, and its word in the summary. */
struct nt_status {
	const char *name, *key, *word;
};

/* A time between two stages. */
struct nt_span {
	const char *name, *key;
	uint32_t from, to;
	uint32_t dirs; /* bit per nt_sess.dir that has it; 0: each */
};

/* A figure beside those of the packets' ends; a line of the text if one is not 0. */
struct nt_extra {
	uint32_t counter;
	const char *word, *key; /* word "": not in the text */
};

/* Settings of the user: nt_story_cfg of the tool's options. */
struct nt_story_cfg {
	uint64_t timeout_ns;
	uint64_t threshold_ns; /* 0: none */
	uint32_t max_sessions;
	bool all;
	bool stats_mode;
};

#define NT_MAX_STATUSES 16
#define NT_NO_COUNTER UINT32_MAX

struct nt_figures {
	uint64_t status[NT_MAX_STATUSES];
	uint64_t total, in_flight, late, no_verdict;
	int64_t unaccounted;
	struct nt_counters c; /* of the period */
	struct nt_losses losses;
	struct nt_hist hist[]; /* per span */
};

/* What a tool has that its siblings have not. */
struct nt_story_kind {
	uint32_t stages, statuses, spans;
	uint32_t completes;       /* so many of the first statuses are good ends, by nt_sess.dir */
	uint32_t slot;            /* stages and what else a slot has: NT_WITH_OWN() */
	uint32_t first_status;    /* its counter; the others' follow */
	uint32_t late;            /* counter of what ended after the timeout */
	uint32_t not_asked;       /* of what began and then was not asked for, or NT_NO_COUNTER */
	const char *unit;         /* "flows": of the summary */
	const char *lost;         /* JSON key of the sum of the bad ends; NULL: not told */
	const char *nothing;      /* what to say at the end where there was none */
	const uint8_t *order;     /* of the stages, as a packet comes by; NULL: 0, 1, ... */
	const char *const *stage; /* names; NULL: nt_stories.stage, set by prepare() */
	const struct nt_status *status;
	const struct nt_span *span;   /* span i is histogram i */
	const struct nt_extra *extra; /* ends with a NULL word */
	const char *const *direction; /* JSON, by nt_sess.dir */
	int stage_width;

	/* As what an unfinished packet counts, or one that was late, at its timeout. */
	uint32_t (*gap)(const struct nt_run *run, const struct nt_story *y);
	/* The same of one that was late; NULL: as gap. */
	uint32_t (*late_gap)(const struct nt_run *run, const struct nt_story *y);
	/* A session that ended unfinished: add its packets by status. false: not to be shown.
	 * NULL: one, of its gap. */
	bool (*unfinished)(const struct nt_run *run, const struct nt_story *y, uint64_t *by_status);
	/* "ICMP a -> b id= seq=" */
	void (*title)(const struct nt_run *run, const struct nt_story *y, char *buf, size_t len);
	/* Between title and status. NULL: a line a stage, and the times if it is done. */
	void (*body)(struct nt_run *run, const struct nt_story *y);
	/* What is said of a stage besides; NULL: nothing. */
	void (*note)(const struct nt_story *y, uint32_t stage, char *buf, size_t len);
	/* Why it has its status, if it is unfinished: "no REQ_TX within 1000 ms". */
	void (*why)(const struct nt_run *run, const struct nt_story *y, uint32_t status, char *buf,
		    size_t len);
	/* Fields of an event before its stages; NULL: flow, direction, length, task. */
	void (*json)(struct nt_json *j, const struct nt_story *y);
	/* What else is told of one: behind its body, or (j) at the end of its JSON; NULL: nothing. */
	void (*more)(struct nt_run *run, struct nt_json *j, const struct nt_story *y);
	/* "flows=2 complete=1 ...", without an end of line; NULL: unit and words of all. */
	void (*ends)(struct nt_run *run, const struct nt_figures *f);
	/* The tool's own losses of a period, its counters in f->c; NULL: none. */
	void (*losses)(const struct nt_figures *f, struct nt_losses *l);
};

/* In a tool's state, as its first member. */
struct nt_stories {
	const struct nt_story_kind *kind;
	const struct nt_story_cfg *cfg;
	const char *const *stage;
	struct nt_sessions *sessions;
	uint32_t sets;
	uint64_t in_flight;
	struct nt_ends {
		uint64_t status[NT_MAX_STATUSES]; /* that user space found */
		uint64_t no_verdict;              /* not among them: an interface was away */
	} swept, swept_before;
	struct nt_counters before;   /* at the last report */
	struct nt_hist *hist_before; /* per span; owned */
};

static inline struct nt_stories *nt_stories(const struct nt_run *run)
{
	return run->state;
}

/*
 * For prepare(): checks --all, --stats-mode, --count and --interval together. cfg is a
 * member of run->cfg. 0, -EINVAL (exit code 2) or -ENOMEM.
 */
int nt_stories_prepare(struct nt_run *run, const struct nt_story_kind *kind,
		       const struct nt_story_cfg *cfg, struct nt_err *err);
/* Kernel settings of the sessions; a seed for the filter's hashes. */
void nt_stories_settings(struct nt_run *run, struct nt_sess_cfg *s);

/* Callbacks of the descriptor. */
int nt_stories_sizes(struct nt_run *run, struct bpf_object *obj);
void nt_stories_tick(struct nt_run *run, uint64_t now_ns);
void nt_stories_event(struct nt_run *run, const void *rec, size_t size);
int nt_stories_report(struct nt_run *run, bool final);
void nt_stories_done(struct nt_run *run);

/* The stages that were seen within the timeout, the first one in any case; bits. */
uint32_t nt_story_in_time(const struct nt_run *run, const struct nt_story *y);
/* The last stage that was seen, in the order of the kind. */
uint32_t nt_story_last(const struct nt_story_kind *k, const struct nt_story *y);
static inline uint32_t nt_stage_at(const struct nt_story_kind *k, uint32_t i)
{
	return k->order ? k->order[i] : i;
}
/* gap of a round trip (trip.h). */
uint32_t nt_story_trip_gap(const struct nt_run *run, const struct nt_story *y);
/* Unfinished while an interface was away: where it was lost is not known. */
bool nt_story_no_verdict(const struct nt_run *run, const struct nt_story *y);
/* A span's time. false: one of its ends was not seen, or its direction has none. */
bool nt_story_span_ns(const struct nt_story_kind *k, const struct nt_story *y, uint32_t span,
		      uint64_t *ns);

/* Text and JSON of one, and of figures. */
void nt_story_print(struct nt_run *run, const struct nt_story *y, uint32_t status);
void nt_figures_print(struct nt_run *run, const struct nt_figures *f, bool final);

#endif
