// SPDX-License-Identifier: GPL-2.0-or-later
/* path merge: the verdict, as text and as JSON from the same figures. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "clock.h"
#include "fmt.h"
#include "latency.h"
#include "path_merge.h"
#include "procfs.h"

enum place { IN_A, BETWEEN, IN_B, PLACES };
enum way { TO_B, TO_A, WAY_UNKNOWN, WAYS };

#define MAX_NOTES 12

struct figures {
	uint64_t lost[PLACES][WAYS];
	uint64_t beyond[2]; /* outside both: behind A (before it, of what goes to B), behind B */
	uint64_t late, only[2], not_there, untold;
	bool totals;       /* what is between them is of the totals, not of single packets */
	bool between_gone; /* and they do not go together: not known */
	uint32_t notes;
	char note[MAX_NOTES][240];
};

static const char *const place_names[PLACES] = { "inside A", "between A and B", "inside B" };
static const char *const place_keys[PLACES] = { "inside_a", "between", "inside_b" };
static const char *const way_keys[WAYS] = { "to_b", "to_a", "way_unknown" };

static void note(struct figures *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void note(struct figures *f, const char *fmt, ...)
{
	va_list ap;

	if (f->notes == MAX_NOTES)
		return;
	va_start(ap, fmt);
	vsnprintf(f->note[f->notes++], sizeof(f->note[0]), fmt, ap);
	va_end(ap);
}

static uint64_t at(const struct figures *f, enum place p)
{
	return f->lost[p][TO_B] + f->lost[p][TO_A] + f->lost[p][WAY_UNKNOWN];
}

static uint64_t all_lost(const struct figures *f)
{
	return at(f, IN_A) + at(f, BETWEEN) + at(f, IN_B) + f->beyond[0] + f->beyond[1];
}

static const struct merge_recording *side(const struct merge_result *m, int b)
{
	return &m->rec[m->a ^ (unsigned int)b];
}

static const struct merge_tally *tally(const struct merge_result *m)
{
	return &m->joined->tally[m->a];
}

/* --- from the packets --- */

static void of_packets(const struct merge_result *m, struct figures *f)
{
	for (unsigned int rev = 0; rev < 2; rev++) {
		const uint64_t *n = tally(m)->n[rev];
		enum place u = rev ? IN_B : IN_A, d = rev ? IN_A : IN_B;
		enum way out = rev ? TO_A : TO_B, back = rev ? TO_B : TO_A;

		f->lost[u][out] += n[MERGE_U_OUT];
		f->lost[u][back] += n[MERGE_U_BACK];
		f->lost[d][out] += n[MERGE_D_OUT];
		f->lost[d][back] += n[MERGE_D_BACK];
		f->lost[BETWEEN][out] += n[MERGE_OUT];
		f->lost[BETWEEN][back] += n[MERGE_BACK];
		f->lost[BETWEEN][WAY_UNKNOWN] += n[MERGE_WAY_UNKNOWN];
		f->beyond[!rev] += n[MERGE_FAR];
		f->beyond[rev] += n[MERGE_NEAR];
		f->late += n[MERGE_LATE];
		f->only[rev] += n[MERGE_ONLY_U];
		f->only[!rev] += n[MERGE_ONLY_D];
		f->not_there += n[MERGE_OTHER_NOT_THERE];
		f->untold += n[MERGE_UNTOLD];
	}
	f->untold += m->joined->evicted;
}

/* --- from the totals --- */

static uint64_t less(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

/* Of pings that are lost between them, those on the way there: what left and did not come. */
static bool split_ways(const struct merge_recording *a, const struct merge_recording *b,
		       uint64_t *between)
{
	uint64_t left = less(a->total, a->inside + a->in_flight), there = less(left, b->total);

	if (left < b->total || there > between[WAY_UNKNOWN])
		return false;
	between[TO_B] += there;
	between[TO_A] += between[WAY_UNKNOWN] - there;
	between[WAY_UNKNOWN] = 0;
	return true;
}

static void icmp_totals(const struct merge_recording *a, const struct merge_recording *b,
			struct figures *f)
{
	uint64_t in_b = b->inside + b->inside_back + b->outside, lost = less(a->outside, a->late);

	f->lost[IN_A][TO_B] = a->inside;
	f->lost[IN_A][TO_A] = a->inside_back;
	f->lost[IN_B][TO_B] = b->inside;
	f->lost[IN_B][TO_A] = b->inside_back;
	f->beyond[1] = less(b->outside, b->late);
	f->late = a->late;
	f->between_gone = in_b > a->outside;
	f->lost[BETWEEN][WAY_UNKNOWN] = less(lost, in_b);
	(void)split_ways(a, b, f->lost[BETWEEN]);
}

/* Datagrams that left A whole less those that came whole to B. */
static void udp_totals(const struct merge_recording *a, const struct merge_recording *b,
		       struct figures *f)
{
	uint64_t came = less(b->total, b->before);

	f->lost[IN_A][TO_B] = a->inside;
	f->lost[IN_B][TO_B] = b->inside;
	f->beyond[0] = a->before;
	f->between_gone = came > a->complete;
	f->lost[BETWEEN][TO_B] = less(a->complete, came);
}

static void of_totals(const struct merge_result *m, struct figures *f)
{
	const struct merge_recording *a = side(m, 0), *b = side(m, 1);
	bool stats = a->stats_mode || b->stats_mode;

	if (a->all && b->all && !stats)
		return;
	if (!a->have_summary || !b->have_summary) {
		if (stats || a->proto == MERGE_UDP || at(f, BETWEEN))
			note(f,
			     "%s between them cannot be told: one has no summary, and not every "
			     "packet is recorded",
			     stats || a->proto == MERGE_UDP ? "what is lost" :
							      "on which way they were lost");
		f->between_gone = stats || a->proto == MERGE_UDP;
		return;
	}
	if (a->proto == MERGE_TCP) {
		f->between_gone = stats;
		if (stats)
			note(f, "of path tcp --stats-mode nothing can be put together: record "
				"without it");
		return;
	}
	f->totals = true;
	if (a->proto == MERGE_UDP) {
		udp_totals(a, b, f);
	} else if (stats) {
		icmp_totals(a, b, f);
	} else if (!f->lost[BETWEEN][WAY_UNKNOWN]) {
		f->totals = false;
	} else if (!split_ways(a, b, f->lost[BETWEEN])) {
		f->totals = false;
		note(f, "on which way those between them were lost cannot be told: --all on both "
			"tells it");
	}
	if (f->totals)
		note(f,
		     "%s told by the totals of both, right only if both recorded all the while that "
		     "packets passed; --all on both tells it of each packet",
		     a->proto == MERGE_UDP || stats ? "what is lost between them is" :
						      "the way on which they were lost is");
	if (f->between_gone)
		note(f, "B saw more packets than left A: they did not record at the same time");
}

/* --- what else the reader must know --- */

static void note_recording(const struct merge_recording *r, char name, struct figures *f)
{
	if (r->cut)
		note(f, "%c ends within a line, which is left out", name);
	if (!r->have_summary)
		note(f, "%c has no summary: the tool was killed or is still running", name);
	if (r->bad_lines + r->lines.too_long)
		note(f, "%c has %" PRIu64 " lines that cannot be read, which are left out", name,
		     r->bad_lines + r->lines.too_long);
	if (r->unknown)
		note(f, "%c has %" PRIu64 " events that are not understood, which are left out",
		     name, r->unknown);
	if (r->lost)
		note(f,
		     "%c lost %" PRIu64
		     " of its own records or packets: as many of those that count "
		     "as lost between may be these",
		     name, r->lost);
	if (!r->have_start)
		note(f, "%c has no start line (--quiet): its filter and mode are not known", name);
}

static void notes(const struct merge_result *m, struct figures *f)
{
	const struct merge_joined *j = m->joined;

	if (m->a)
		note(f, "the files are in the other order: the packets show that the second is "
			"nearer to the sender");
	if (j->votes[0] && j->votes[1])
		note(f,
		     "packets contradict each other about which is nearer to the sender (%" PRIu64
		     " and %" PRIu64 "): do the numbers of different packets meet?",
		     j->votes[0], j->votes[1]);
	note_recording(side(m, 0), 'A', f);
	note_recording(side(m, 1), 'B', f);
	if (!j->pairs && side(m, 0)->events && !f->totals)
		note(f, "no packet is in both: whether they recorded at the same time cannot be "
			"told");
	if (f->not_there)
		note(f,
		     "%" PRIu64 " were lost behind one while the other did not record: not "
		     "counted as lost in any place",
		     f->not_there);
	if (f->only[0])
		note(f, "%" PRIu64 " were seen by A alone and yet arrived%s", f->only[0],
		     side(m, 0)->proto == MERGE_TCP ?
			     ": lost between and sent again, or cut anew by offloads" :
			     ": is there another way past B?");
	if (f->only[1])
		note(f, "%" PRIu64 " were seen by B alone: before A recorded, or by another way",
		     f->only[1]);
	if (f->untold)
		note(f, "%" PRIu64 " cannot be told%s", f->untold,
		     j->evicted ? ", most for want of room: give a larger --max-pending" : "");
	if (f->late)
		note(f, "%" PRIu64 " came after their timeout: late, not lost", f->late);
}

/* --- text --- */

static void row(struct nt_out *o, const char *name, const uint64_t n[WAYS])
{
	nt_out_text(o, "  %-18s %10" PRIu64 " %10" PRIu64 " %12" PRIu64 "\n", name, n[TO_B],
		    n[TO_A], n[WAY_UNKNOWN]);
}

static void recording_text(struct nt_out *o, const struct merge_recording *r, char name)
{
	char path[160];

	nt_out_text(o, "  %-18c %s: ", name,
		    nt_fmt_name(r->path, strlen(r->path), path, sizeof(path)));
	if (r->have_summary)
		nt_out_text(o, "%" PRIu64 " packets, ", r->total);
	nt_out_text(o, "%" PRIu64 " recorded (%s)\n", r->events,
		    r->all        ? "every one" :
		    r->stats_mode ? "figures only" :
				    "those in trouble");
}

static void verdict_text(struct nt_out *o, const struct figures *f)
{
	const char *sep = ": ";

	if (!all_lost(f) && !f->between_gone) {
		nt_out_text(o, "VERDICT: nothing lost\n");
		return;
	}
	nt_out_text(o, "VERDICT: %" PRIu64 " lost", all_lost(f));
	for (int p = 0; p < PLACES; p++) {
		if (!at(f, p))
			continue;
		nt_out_text(o, "%s%" PRIu64 " %s", sep, at(f, p), place_names[p]);
		sep = ", ";
	}
	for (int b = 0; b < 2; b++) {
		if (!f->beyond[b])
			continue;
		nt_out_text(o, "%s%" PRIu64 " beyond %c", sep, f->beyond[b], 'A' + b);
		sep = ", ";
	}
	nt_out_text(o, "%s\n", f->between_gone ? "; between them: not known" : "");
}

static const struct {
	const char *key, *name;
} segments[] = {
	{ "req_internal", "ReqInternal" }, { "external", "External" },
	{ "rep_internal", "RepInternal" }, { "total", "Total" },
	{ "internal", "Internal" },        { "fwd_internal", "Internal" },
};

static void latency_text(struct nt_out *o, const struct merge_result *m)
{
	char name[NT_LATENCY_NAME];

	nt_latency_head(o, NT_LATENCY_NAME, "Latency");
	for (int b = 0; b < 2; b++) {
		for (size_t i = 0; i < NT_ARRAY_SIZE(segments); i++) {
			const struct nt_hist *h = merge_segment(side(m, b), segments[i].key);

			if (!h)
				continue;
			snprintf(name, sizeof(name), "%c %s", 'A' + b, segments[i].name);
			nt_latency_row(o, NT_LATENCY_NAME, name, h);
		}
	}
	if (m->rec[0].proto == MERGE_ICMP)
		nt_latency_row(o, NT_LATENCY_NAME, "Between, both ways", &tally(m)->between);
}

/* C + J: what is outside of A less all of B. Of averages where packets are not recorded. */
static bool between_avg(const struct merge_result *m, uint64_t *ns)
{
	const struct nt_hist *ext = merge_segment(side(m, 0), "external");
	const struct nt_hist *total = merge_segment(side(m, 1), "total");
	struct nt_latency e, t;

	if (!ext || !total || !ext->count || !total->count)
		return false;
	nt_hist_latency(ext, &e);
	nt_hist_latency(total, &t);
	*ns = less(e.avg, t.avg);
	return e.avg > t.avg;
}

static void text(struct nt_out *o, const struct merge_result *m, const struct figures *f)
{
	static const char *const words[] = { "icmp", "udp", "tcp" };
	uint64_t avg;

	nt_out_text(o, "=== nettrace path merge: path %s on both hosts ===\n",
		    words[m->rec[0].proto]);
	recording_text(o, side(m, 0), 'A');
	recording_text(o, side(m, 1), 'B');
	nt_out_text(o, "  %-18s A, %s\n", "nearer to sender",
		    m->by_data ? "as the packets show" : "by the order of the files");
	nt_out_text(o, "  %-18s %" PRIu64 "\n", "in both", m->joined->pairs);
	nt_out_text(o, "  %-18s %10s %10s %12s\n", "lost", "A to B", "B to A", "way unknown");
	for (int p = 0; p < PLACES; p++)
		row(o, place_names[p], f->lost[p]);
	nt_out_text(o, "  %-18s %10" PRIu64 "\n  %-18s %10" PRIu64 "\n", "beyond A", f->beyond[0],
		    "beyond B", f->beyond[1]);
	verdict_text(o, f);
	latency_text(o, m);
	if (!tally(m)->between.count && between_avg(m, &avg))
		nt_out_text(o,
			    "Between, both ways, on average: %.1f us (A External less B Total)\n",
			    (double)avg / 1000);
	for (uint32_t i = 0; i < f->notes; i++)
		nt_out_text(o, "Note: %s\n", f->note[i]);
}

/* --- JSON --- */

static struct nt_json *line(struct nt_out *o, const char *type)
{
	struct nt_json *j = nt_json_line(o);
	struct nt_clock clock;
	char t[NT_TIME_LEN];

	nt_clock_sync(&clock);
	nt_json_str(j, "type", type);
	nt_json_str(j, "time",
		    nt_fmt_rfc3339(nt_clock_wall_ns(&clock, nt_clock_mono_ns()), t, sizeof(t)));
	nt_json_str(j, "command", "path merge");
	return j;
}

static void start_json(struct nt_out *o, const struct merge_result *m)
{
	struct nt_json *j = line(o, "start");
	char release[NT_RELEASE_LEN];

	nt_kernel_release(release);
	nt_json_str(j, "version", NT_VERSION);
	nt_json_str(j, "kernel", release);
	nt_json_obj(j, "filters");
	nt_json_str(j, "src_ip", m->rec[0].src_ip);
	nt_json_str(j, "dst_ip", m->rec[0].dst_ip);
	nt_json_end(j);
	nt_json_arr(j, "devices");
	nt_json_end(j);
	nt_json_arr(j, "hooks");
	nt_json_end(j);
	nt_json_end_line(j);
}

static void recording_json(struct nt_json *j, const struct merge_result *m, int b)
{
	const struct merge_recording *r = side(m, b);

	nt_json_obj(j, b ? "b" : "a");
	nt_json_str(j, "file", r->path);
	nt_json_u64(j, "events", r->events);
	nt_json_bool(j, "all", r->all);
	nt_json_bool(j, "summary", r->have_summary);
	nt_json_bool(j, "cut", r->cut);
	if (r->have_summary)
		nt_json_u64(j, "total", r->total);
	else
		nt_json_null(j, "total");
	nt_json_end(j);
}

static void counts_json(struct nt_json *j, const struct merge_result *m, const struct figures *f)
{
	char key[64];

	nt_json_obj(j, "counts");
	nt_json_u64(j, "in_both", m->joined->pairs);
	nt_json_u64(j, "lost", all_lost(f));
	for (int p = 0; p < PLACES; p++) {
		nt_json_u64(j, place_keys[p], at(f, p));
		for (int w = 0; w < WAYS; w++) {
			snprintf(key, sizeof(key), "%s_%s", place_keys[p], way_keys[w]);
			nt_json_u64(j, key, f->lost[p][w]);
		}
	}
	nt_json_u64(j, "beyond_a", f->beyond[0]);
	nt_json_u64(j, "beyond_b", f->beyond[1]);
	nt_json_u64(j, "late", f->late);
	nt_json_u64(j, "only_a", f->only[0]);
	nt_json_u64(j, "only_b", f->only[1]);
	nt_json_u64(j, "other_not_recording", f->not_there);
	nt_json_end(j);
}

static void latency_json(struct nt_json *j, const struct merge_result *m)
{
	char key[64];

	nt_json_obj(j, "latency");
	for (int b = 0; b < 2; b++) {
		const struct merge_recording *r = side(m, b);

		for (uint32_t i = 0; i < r->segments; i++) {
			snprintf(key, sizeof(key), "%c_%s", 'a' + b, r->segment[i].key);
			nt_latency_json(j, key, &r->segment[i].hist);
		}
	}
	if (m->rec[0].proto == MERGE_ICMP)
		nt_latency_json(j, "between", &tally(m)->between);
	nt_json_end(j);
}

static void loss_json(struct nt_json *j, const struct merge_result *m, const struct figures *f)
{
	const struct merge_recording *r = m->rec;

	nt_json_obj(j, "loss");
	nt_json_u64(j, "unread_lines",
		    r[0].bad_lines + r[0].lines.too_long + r[1].bad_lines + r[1].lines.too_long);
	nt_json_u64(j, "not_understood", r[0].unknown + r[1].unknown);
	nt_json_u64(j, "no_room", m->joined->evicted);
	nt_json_u64(j, "untold", less(f->untold, m->joined->evicted));
	nt_json_u64(j, "recordings_lost", r[0].lost + r[1].lost);
	nt_json_end(j);
}

static void json(struct nt_out *o, const struct merge_result *m, const struct figures *f)
{
	struct nt_json *j;
	uint64_t avg;

	start_json(o, m);
	j = line(o, "summary");
	recording_json(j, m, 0);
	recording_json(j, m, 1);
	nt_json_bool(j, "a_by_data", m->by_data);
	nt_json_bool(j, "by_totals", f->totals);
	nt_json_bool(j, "between_known", !f->between_gone);
	counts_json(j, m, f);
	latency_json(j, m);
	if (between_avg(m, &avg))
		nt_json_us(j, "between_avg_us", avg);
	else
		nt_json_null(j, "between_avg_us");
	loss_json(j, m, f);
	nt_json_arr(j, "notes");
	for (uint32_t i = 0; i < f->notes; i++)
		nt_json_str(j, NULL, f->note[i]);
	nt_json_end(j);
	nt_json_end_line(j);
}

void merge_print(struct nt_out *out, const struct merge_result *m)
{
	struct figures f = { 0 };

	of_packets(m, &f);
	of_totals(m, &f);
	notes(m, &f);
	if (nt_out_json(out))
		json(out, m, &f);
	else
		text(out, m, &f);
}
