// SPDX-License-Identifier: GPL-2.0-or-later
/* The loop of a run, and its rounds. */
#include "run.h"

#include <errno.h>
#include <linux/membarrier.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cleanup.h"
#include "order.h"
#include "run_internal.h"
#include "seal.h"
#include "signals.h"
#include "stream.h"

#define NS_PER_MS 1000000ULL

/* Records wait this long to be put in order: longer than a CPU's delay between
 * taking the time and submitting. */
#define HOLD_NS (20 * NS_PER_MS)
#define POLL_BUSY_MS 5
#define POLL_IDLE_MS 50
/* So many records at once: the next ones are there already. */
#define MANY (NT_STREAM_BATCH / 4)

static uint64_t min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* --- one round of the loop --- */

static bool enough(const struct nt_run *run)
{
	return run->common->count && run->events >= run->common->count;
}

static void on_ordered(void *arg, const void *rec, size_t size)
{
	struct nt_run *run = arg;

	if (!enough(run))
		run->tool->on_event(run, rec, size);
}

/*
 * New records; returns how many, or -errno. In the last round all of them: nothing
 * is armed any more.
 */
static int drain(struct nt_run *run)
{
	int n;

	if (run->replay)
		return nt_taped_events(run);
	do {
		n = run->stream ? nt_stream_drain(run->stream) : 0;
	} while (run->final && n >= NT_STREAM_BATCH);
	nt_run_taped(run, NT_TAPE_END, 0, NULL, 0);
	return n;
}

static int watch(struct nt_run *run)
{
	if (run->replay)
		return nt_watch_replay(run);
	nt_watch_poll(run);
	return 0;
}

static int report(struct nt_run *run)
{
	int r;

	run->cycle++;
	r = run->tool->report ? run->tool->report(run, run->final) : 0;
	nt_watch_gone_text(run);
	run->last_report_ns = run->now_ns;
	return r;
}

static void tick(struct nt_run *run)
{
	uint32_t ms = run->tool->tick_ms ? run->tool->tick_ms : 1000;

	if (run->now_ns < run->next_tick_ns && !run->final)
		return;
	run->next_tick_ns = run->now_ns + ms * NS_PER_MS;
	if (run->tool->on_tick)
		run->tool->on_tick(run, run->now_ns);
}

/* Is a report due? The next one is at a whole number of intervals. */
static bool report_due(struct nt_run *run)
{
	uint64_t interval = run->common->interval_ns;

	if (run->final)
		return true;
	if (!interval || run->now_ns < run->next_report_ns)
		return false;
	run->next_report_ns += ((run->now_ns - run->next_report_ns) / interval + 1) * interval;
	return true;
}

/*
 * Up to which time no record can come any more: a moment ago, or if there were
 * more of them than were read, a moment before the newest of these.
 */
static uint64_t complete_until(const struct nt_run *run, int records)
{
	uint64_t t = run->now_ns;

	if (run->final)
		return UINT64_MAX;
	if (records >= NT_STREAM_BATCH)
		t = min_u64(t, run->newest_ns);
	return t > HOLD_NS ? t - HOLD_NS : 0;
}

/*
 * Everything that a moment in time calls for. What it takes in, the time first,
 * is on the tape, if there is one, so that a replay comes to the same. Returns
 * the number of new records, or -errno.
 */
static int round_once(struct nt_run *run)
{
	int n, r = nt_taped_round(run);

	r = r ?: watch(run);
	if (r < 0)
		return r;
	nt_devices_look(run);
	n = drain(run);
	if (n < 0)
		return n;
	tick(run);
	if (run->tool->on_event)
		nt_order_release(run->order, complete_until(run, n), on_ordered, run);
	if (!run->failed && report_due(run))
		r = report(run);
	r = r ?: run->failed;
	return r ?: n;
}

/* --- signals --- */

int nt_signals_open(struct nt_run *run, struct nt_err *err)
{
	bool files = run->common->output || run->common->log_file;
	int r = run->stop_fd = nt_signals_stop_fd(files);

	if (r >= 0 && files)
		r = run->hup_fd = nt_signals_hup_fd();
	if (r < 0)
		return nt_errf(err, NT_EXIT_RUNTIME, -r, "signals cannot be awaited: %s",
			       strerror(-r));
	return 0;
}

/* What was open goes on being written where the new file does not open. */
static void reopen(struct nt_run *run)
{
	int r = 0;

	while (nt_signals_taken(run->hup_fd))
		r = nt_out_reopen(run->out);
	if (r < 0)
		fprintf(stderr,
			"nettrace %s: the output does not open again: %s; writing goes on as before\n",
			run->tool->words, strerror(-r));
}

/* --- the loop --- */

/* Milliseconds until something is due. */
static int wait_ms(const struct nt_run *run, int records)
{
	uint64_t now = nt_clock_mono_ns(), due = run->next_tick_ns;
	uint64_t poll_ns = (records ? POLL_BUSY_MS : POLL_IDLE_MS) * NS_PER_MS;

	if (records >= MANY)
		return 0;
	if (run->stream)
		due = min_u64(due, now + poll_ns);
	if (run->common->interval_ns)
		due = min_u64(due, run->next_report_ns);
	if (run->common->duration_ns)
		due = min_u64(due, run->start_ns + run->common->duration_ns);
	return due <= now ? 0 : (int)((due - now + NS_PER_MS - 1) / NS_PER_MS);
}

/*
 * Wait for the next round. A signal to stop stays pending: whoever waits for the
 * output's reader later shall see it too.
 */
static int wait_round(struct nt_run *run, int records)
{
	struct pollfd p[3] = { { .fd = run->stop_fd, .events = POLLIN },
			       { .fd = run->hup_fd, .events = POLLIN },
			       { .fd = run->link_fd, .events = POLLIN } };

	if (poll(p, 3, wait_ms(run, records)) < 0)
		return errno == EINTR ? 0 : -errno;
	if (p[0].revents)
		run->stop = true;
	if (p[1].revents)
		reopen(run);
	return 0;
}

static bool over(const struct nt_run *run)
{
	return run->stop || enough(run) || nt_out_error(run->out) ||
	       (run->common->duration_ns &&
		run->now_ns >= run->start_ns + run->common->duration_ns);
}

/* membarrier() ends after a grace period (kernel/sched/membarrier.c). It fails with
 * nohz_full and does nothing with one processor online, where a program may have been
 * preempted all the same; then a moment has to do: no program runs that long. */
#define GRACE_US 20000

void nt_run_settle(void)
{
	if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) < 0 ||
	    sysconf(_SC_NPROCESSORS_ONLN) < 2)
		usleep(GRACE_US);
}

/* The figures of the summary must hold still. */
static void disarm(struct nt_run *run)
{
	run->filter->armed = 0;
	nt_run_push_settings(run);
	nt_run_settle();
}

static void take_time(struct nt_run *run)
{
	run->now_ns = nt_clock_mono_ns();
	nt_clock_sync(&run->clock);
}

int nt_loop(struct nt_run *run)
{
	int n = 0, r = 0;

	while (!over(run) && n >= 0) {
		r = wait_round(run, n);
		if (r < 0)
			return r;
		take_time(run);
		n = round_once(run);
		nt_out_flush(run->out);
	}
	if (n < 0)
		return n;
	if (run->tool->edge)
		r = run->tool->edge(run, true);
	if (r < 0)
		return r;
	disarm(run);
	take_time(run);
	run->final = true;
	n = round_once(run);
	return n < 0 ? n : 0;
}

int nt_replay(struct nt_run *run)
{
	int n = 0;

	while (!run->final && n >= 0 && !nt_out_error(run->out))
		n = round_once(run);
	return n < 0 ? n : 0;
}

/* --- small services for tools --- */

void nt_run_set_flow(struct nt_run *run, const struct nt_flow *flow)
{
	struct nt_filter *f = run->filter;

	f->src = flow->src;
	f->dst = flow->dst;
	f->family = flow->src.n ? flow->src.family : flow->dst.family;
	f->sport = flow->sport;
	f->dport = flow->dport;
	f->protos = flow->proto & 0xff;
	f->proto_num = flow->proto >> 8;
	nt_filter_seal(f);
}

uint64_t nt_run_wall(const struct nt_run *run, uint64_t mono_ns)
{
	return nt_clock_wall_ns(&run->clock, mono_ns);
}

void nt_run_queue(struct nt_run *run, const void *rec, size_t size)
{
	uint64_t time = 0;

	if (nt_order_add(run->order, rec, size) < 0)
		run->order_failed++;
	memcpy(&time, rec, size < sizeof(time) ? size : sizeof(time));
	if (time > run->newest_ns)
		run->newest_ns = time;
}

void nt_run_fail(struct nt_run *run, int r)
{
	if (!run->failed && r < 0)
		run->failed = r;
}

void nt_run_shown(struct nt_run *run)
{
	run->events++;
}
