// SPDX-License-Identifier: GPL-2.0-or-later
/* The beginning and the end of a run: everything outside of its loop. */
#include <bpf/libbpf.h>
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "caps.h"
#include "cleanup.h"
#include "ends.h"
#include "ksym.h"
#include "order.h"
#include "procfs.h"
#include "run_internal.h"
#include "stream.h"

/* Mapped twice, it counts twice in the resident set. */
#define RING_BYTES (1U << 20)

static void print_error(const struct nt_run *run, const char *text)
{
	fprintf(stderr, "nettrace %s: %s\n", run->tool->words, text);
}

/* --- loading --- */

static int load_sizes(struct bpf_object *obj, void *arg)
{
	struct nt_run *run = arg;
	int cpus = nt_cpus_possible(), r = cpus < 0 ? cpus : 0;

	r = r ?: nt_run_map_entries(obj, "nt_cpus", (uint32_t)cpus);
	return r ?: run->tool->sizes ? run->tool->sizes(run, obj) : 0;
}

static int load_settings(struct bpf_object *obj, void *arg)
{
	struct nt_run *run = arg;

	run->loaded.obj = obj;
	return nt_run_push_settings(run);
}

#define PARTS 4 /* of a function: itself and what the compiler split off */

/* Choose the hooks and find the tool's functions. */
static int plan(struct nt_run *run, struct nt_err *err)
{
	const char *const *names = run->tool->functions;
	struct nt_ksym_part parts[NT_MAX_FUNCTIONS][PARTS];
	struct nt_ksym_want want[NT_MAX_FUNCTIONS];
	uint32_t n;
	int r;

	memset(want, 0, sizeof(want));
	for (n = 0; names && names[n] && n < NT_MAX_FUNCTIONS; n++) {
		want[n].name = names[n];
		want[n].parts = parts[n];
		want[n].max_parts = PARTS;
	}
	run->plan.functions = want;
	run->plan.n_functions = n;
	r = nt_plan_make(&run->plan, &run->kernel, err);
	run->plan.n_functions = 0;
	run->plan.functions = NULL;
	if (!r && run->tool->kernel)
		r = run->tool->kernel(run, want, err);
	return r;
}

/* All names that are looked for in the kernel's type information. */
static int want(struct nt_run *run, struct nt_err *err)
{
	const char *const *type = run->tool->types;
	struct nt_btf_roots *roots = &run->kernel.roots;
	int r = nt_kernel_want(roots, run->tool->object, run->tool->hooks, err);

	for (; type && *type && !r; type++)
		if (nt_btf_roots_add(roots, NT_BTF_TYPE, *type) < 0)
			r = nt_errf(err, NT_EXIT_RUNTIME, ENOMEM, "out of memory");
	return r;
}

static int load(struct nt_run *run, struct nt_err *err)
{
	struct nt_load_opts o = {
		.object = run->tool->object,
		.plan = &run->plan,
		.kernel = &run->kernel,
		.ring_bytes = RING_BYTES,
		.known = { [NT_KNOWN_FAMILY] = run->filter->family },
		.sizes = load_sizes,
		.settings = load_settings,
		.arg = run,
	};
	int r = nt_caps_check_bpf(err);

	if (!r)
		r = want(run, err);
	if (!r)
		r = nt_kernel_open(&run->kernel, run->common->btf, err);
	if (!r)
		r = plan(run, err);
	if (!r)
		r = nt_load(&o, &run->loaded, err);
	nt_kernel_close(&run->kernel);
	malloc_trim(0);
	return r;
}

static void on_record(void *arg, const void *rec, size_t size)
{
	struct nt_run *run = arg;

	if (run->record)
		nt_tape_write(run->record, NT_TAPE_EVENT, 0, rec, size);
	nt_run_queue(run, rec, size);
}

static int open_stream(struct nt_run *run, struct nt_err *err)
{
	struct bpf_map *map = bpf_object__find_map_by_name(run->loaded.obj, "nt_events");
	struct nt_stream_opts o;

	if (!map || !run->tool->on_event)
		return 0;
	o = (struct nt_stream_opts){ bpf_map__fd(map), run->loaded.ring, on_record, run };
	return nt_stream_open(&o, &run->stream, err);
}

/* --- begin --- */

static int prepare(struct nt_run *run, struct nt_err *err)
{
	int r = 0;

	if (!run->replay) {
		r = nt_features_init(&run->kernel.features, getenv("NETTRACE_WITHOUT"), err);
		if (!r)
			r = nt_netns_open(run->common->netns, &run->ns, err);
		if (!r)
			r = nt_watch_open(run, err);
		if (!r)
			r = nt_iface_list_by(run->list_fd, &run->ns, &run->ifaces, err);
	}
	nt_plan_init(&run->plan, run->tool->hooks);
	if (!r)
		r = run->tool->prepare(run, err);
	if (!r && !run->replay && nt_devices_place(run) < 0)
		r = nt_errf(err, NT_EXIT_RUNTIME, ENOSPC,
			    "the interfaces do not fit into the table");
	if (!run->ndevs)
		nt_watch_close(run); /* nobody looks at it */
	if (!r && run->tool->plan)
		run->tool->plan(run);
	return r;
}

/* The start block, then the instant from which on everything is counted. */
static int start(struct nt_run *run, struct nt_err *err)
{
	int r;

	run->now_ns = nt_clock_mono_ns();
	nt_clock_sync(&run->clock);
	r = nt_taped_start(run);
	r = r ?: nt_misses_begin(run);
	if (!r)
		nt_start_block(run);
	run->now_ns = nt_clock_mono_ns();
	r = r ?: nt_taped_time(run, NT_TAPE_CLOCK);
	if (!r && run->record)
		nt_tape_begin(run->record); /* an error is told at the end */
	run->start_ns = run->last_report_ns = run->next_tick_ns = run->now_ns;
	run->next_report_ns = run->start_ns + run->common->interval_ns;
	run->filter->armed = 1;
	if (r)
		return r;
	r = nt_run_push_settings(run);
	if (r < 0)
		return nt_errf(err, NT_EXIT_RUNTIME, -r, "arming: %s", strerror(-r));
	if (run->tool->edge)
		r = run->tool->edge(run, false);
	if (!r && !run->replay)
		nt_start_ready(run);
	return r;
}

static int run_live(struct nt_run *run, struct nt_err *err)
{
	int r = load(run, err);

	if (!r)
		nt_watch_modules(run);
	if (!r)
		r = open_stream(run, err);
	if (!r)
		r = nt_signals_open(run, err);
	if (!r)
		r = nt_files_output(run, err);
	nt_overhead_begin(run);
	if (!r)
		r = nt_privilege_drop(run, err);
	if (!r)
		r = start(run, err);
	return r ?: nt_loop(run);
}

static int run_replay(struct nt_run *run, struct nt_err *err)
{
	int r = nt_files_output(run, err);

	if (!r)
		r = start(run, err);
	return r ?: nt_replay(run);
}

static int run_all(struct nt_run *run, struct nt_err *err)
{
	int r = nt_files_check(run, err);

	r = r ?: nt_interval_check(run->common->interval_ns, err);
	run->order = nt_order_new();
	if (!run->order)
		return -ENOMEM;
	if (!r)
		r = nt_files_tapes(run, err);
	if (!r)
		r = prepare(run, err);
	if (!r)
		r = run->replay ? run_replay(run, err) : run_live(run, err);
	if (r < 0 && !err->text[0])
		nt_errf(err, NT_EXIT_RUNTIME, -r, "%s%s",
			r == -EBADMSG && run->replay ? "the recording is damaged: " : "",
			strerror(-r));
	return r < 0 ? r : 0;
}

/* --- end --- */

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

static void release(struct nt_run *run)
{
	if (run->tool->done)
		run->tool->done(run);
	nt_stream_close(run->stream);
	nt_unload(&run->loaded);
	nt_order_free(run->order);
	nt_iface_list_free(&run->ifaces);
	nt_netns_close(&run->ns);
	nt_kernel_close(&run->kernel);
	nt_watch_close(run);
	nt_tape_close(run->replay);
	close_fd(run->stop_fd);
	close_fd(run->hup_fd);
	close_fd(run->stats_fd);
	free(run->state);
	free(run->kcfg);
}

static int end_record(struct nt_run *run, int code)
{
	int r = nt_tape_close(run->record);

	run->record = NULL;
	if (r == 0)
		return code;
	fprintf(stderr, "nettrace %s: the recording is not complete: %s\n", run->tool->words,
		strerror(-r));
	return NT_EXIT_RUNTIME;
}

int nt_run_tool(const struct nt_run_args *args)
{
	NT_FREE struct nt_run *run = calloc(1, sizeof(*run));
	struct nt_err err = { 0 };
	int r, code = 0;

	if (!run) {
		fprintf(stderr, "nettrace %s: out of memory\n", args->tool->words);
		return NT_EXIT_RUNTIME;
	}
	run->tool = args->tool;
	run->command = args->command;
	run->legacy = args->legacy;
	run->cfg = args->cfg;
	run->common = args->cfg;
	run->given = args->given;
	run->link_fd = run->list_fd = run->stop_fd = run->hup_fd = run->stats_fd = -1;
	run->ns.fd = -1;
	run->state = calloc(1, run->tool->state_size ? run->tool->state_size : 1);
	run->kcfg = calloc(1, run->tool->kcfg_size);
	run->filter = run->kcfg;
	r = run->state && run->kcfg ? run_all(run, &err) : -ENOMEM;
	if (r < 0) {
		print_error(run, err.text[0] ? err.text : strerror(-r));
		code = err.exit_code ? err.exit_code : NT_EXIT_RUNTIME;
	}
	if (run->out)
		code = nt_output_end(run->tool->words, run->out, code);
	run->out = NULL;
	if (run->record)
		code = end_record(run, code);
	release(run);
	return code;
}
