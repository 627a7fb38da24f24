// SPDX-License-Identifier: GPL-2.0-or-later
#include "load.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "kprobe.h"
#include "patch.h"
#include "prepare.h"
#include "validate.h"

#define LOG_BYTES (1U << 20)

/* libbpf's own words go nowhere: errors are told in our own, once. */
static int quiet(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	(void)level;
	(void)fmt;
	(void)ap;
	return 0;
}

/* libbpf opens the file again at load; after that nobody needs it. */
static void close_btf(struct nt_loaded *l)
{
	if (l->btf_fd > 0)
		close(l->btf_fd);
	l->btf_fd = 0;
}

void nt_unload(struct nt_loaded *l)
{
	uint32_t i;

	for (i = 0; i < NT_MAX_HOOKS; i++) {
		bpf_link__destroy(l->link[i]);
		l->link[i] = NULL;
	}
	bpf_object__close(l->obj);
	l->obj = NULL;
	close_btf(l);
}

static struct bpf_program *program_of(struct bpf_object *obj, const struct nt_choice *c)
{
	return c->v ? bpf_object__find_program_by_name(obj, c->v->prog) : NULL;
}

/* Which programs load. */
static int select_programs(struct bpf_object *obj, const struct nt_plan *p, struct nt_err *err)
{
	struct bpf_program *prog;
	uint32_t i;

	bpf_object__for_each_program(prog, obj) bpf_program__set_autoload(prog, false);
	for (i = 0; i < p->n; i++) {
		if (!p->c[i].v)
			continue;
		prog = program_of(obj, &p->c[i]);
		if (!prog)
			return nt_errf(err, NT_EXIT_RUNTIME, ENOENT,
				       "hook '%s': the object has no program '%s'",
				       p->c[i].hook->name, p->c[i].v->prog);
		bpf_program__set_autoload(prog, true);
	}
	return 0;
}

static int choose_buffer(const struct nt_load_opts *o, struct nt_loaded *l)
{
	struct bpf_map *map = bpf_object__find_map_by_name(l->obj, "nt_events");
	struct bpf_program *prog;
	int r;

	l->ring = nt_feature_have(&o->kernel->features, NT_F_RINGBUF, NULL);
	if (!map || !l->ring)
		return 0;
	r = bpf_map__set_type(map, BPF_MAP_TYPE_RINGBUF);
	r = r ?: bpf_map__set_key_size(map, 0);
	r = r ?: bpf_map__set_value_size(map, 0);
	r = r ?: bpf_map__set_max_entries(map, o->ring_bytes);
	if (r < 0)
		return r;
	bpf_object__for_each_program(prog, l->obj)
	{
		r = nt_patch_ringbuf(prog);
		if (r < 0)
			return r;
	}
	return 0;
}

/* libbpf crashes on damaged files: it gets the bytes that were checked. Of the kernel's
 * own it gets what its programs need: it would search the whole for each name. */
static int open_btf(const struct nt_kernel *k, struct nt_err *err)
{
	int r;

	if (!k->source.kernel_own)
		return nt_btf_checked_fd(k->source.path, err);
	r = nt_kernel_core_fd(k);
	if (r < 0)
		nt_errf(err, NT_EXIT_IMPOSSIBLE, -r,
			"the kernel's type information in %s cannot be used: %s; give --btf FILE",
			k->source.path, strerror(-r));
	return r;
}

static int open_object(const struct nt_load_opts *o, struct nt_loaded *l, struct nt_err *err)
{
	char btf[32];
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = o->object->name,
		    .btf_custom_path = btf);
	int r;

	l->btf_fd = open_btf(o->kernel, err);
	if (l->btf_fd < 0)
		return l->btf_fd;
	snprintf(btf, sizeof(btf), "/proc/self/fd/%d", l->btf_fd);
	l->obj = bpf_object__open_mem(o->object->data, o->object->size, &opts);
	if (!l->obj) {
		r = errno ? errno : EINVAL;
		return nt_errf(err, NT_EXIT_RUNTIME, r,
			       "the embedded object '%s' does not open: %s", o->object->name,
			       strerror(r));
	}
	r = select_programs(l->obj, o->plan, err);
	if (r < 0)
		return r;
	r = choose_buffer(o, l);
	if (!r && o->sizes)
		r = o->sizes(l->obj, o->arg);
	if (r < 0)
		return nt_errf(err, NT_EXIT_RUNTIME, -r, "map sizes are refused: %s", strerror(-r));
	return 0;
}

/* Note in the plan that the kernel refused the variant, and why. */
static void reject(struct nt_choice *c, const char *what, const char *reason)
{
	size_t used = strlen(c->why);
	uint32_t i = (uint32_t)(c->v - c->hook->v);

	c->rejected |= 1U << i;
	snprintf(c->why + used, sizeof(c->why) - used, "%s%s:%s: %s: %s", used ? "; " : "",
		 nt_kind_name(c->v->kind), c->v->symbol, what, reason);
}

/* The last line of a verifier log that says something. */
static const char *last_words(char *log)
{
	char *end, *line;

	for (;;) {
		end = strrchr(log, '\n');
		if (!end)
			return log;
		*end = 0;
		line = strrchr(log, '\n');
		line = line ? line + 1 : log;
		if (*line && strncmp(line, "processed ", 10) &&
		    strncmp(line, "verification time", 17) && strncmp(line, "stack depth", 11))
			return line;
	}
}

/* Before 5.11 maps count against RLIMIT_MEMLOCK ("bpf: Eliminate rlimit-based memory
 * accounting for bpf maps"): is a map refused only for its size? */
static bool memory_is_locked(void)
{
	NT_CLOSE int small = bpf_map_create(BPF_MAP_TYPE_ARRAY, "nt_try", 4, 8, 1, NULL);
	NT_CLOSE int large = bpf_map_create(BPF_MAP_TYPE_ARRAY, "nt_try", 4, 8, 4U << 20, NULL);

	return small >= 0 && large < 0;
}

/*
 * The object did not load: load again with a log per program to learn which
 * one the kernel refuses. Returns 0 when one was found and noted.
 */
static int find_culprit(const struct nt_load_opts *o, int load_err, struct nt_err *err)
{
	NT_FREE char *log = calloc(o->plan->n, LOG_BYTES);
	struct nt_loaded l = { 0 };
	bool found = false;
	uint32_t i;
	int r;

	if (!log)
		return nt_errf(err, NT_EXIT_RUNTIME, ENOMEM, "out of memory");
	r = open_object(o, &l, err);
	for (i = 0; !r && i < o->plan->n; i++) {
		struct bpf_program *prog = program_of(l.obj, &o->plan->c[i]);

		if (prog)
			bpf_program__set_log_buf(prog, log + (size_t)i * LOG_BYTES, LOG_BYTES);
	}
	if (!r)
		bpf_object__load(l.obj);
	for (i = 0; !r && i < o->plan->n; i++) {
		char *text = log + (size_t)i * LOG_BYTES;

		if (!*text)
			continue;
		text[LOG_BYTES - 1] = 0;
		reject(&o->plan->c[i], "refused at load", last_words(text));
		found = true;
		break;
	}
	nt_unload(&l);
	if (r < 0)
		return r;
	if (found)
		return 0;
	if (load_err == EPERM && memory_is_locked())
		return nt_errf(
			err, NT_EXIT_IMPOSSIBLE, EPERM,
			"this kernel counts maps as locked memory, and the limit is reached: "
			"add CAP_SYS_RESOURCE, or raise it with 'ulimit -l unlimited'");
	return nt_errf(err, NT_EXIT_IMPOSSIBLE, load_err,
		       "the kernel refuses the programs: %s; see 'nettrace doctor'",
		       strerror(load_err));
}

static struct bpf_link *attach_kprobe(struct bpf_program *prog, const struct nt_choice *c)
{
	const struct nt_kprobe p = { .ret = c->v->kind == NT_KRETPROBE,
				     .addr = c->addr,
				     .symbol = c->v->symbol };
	NT_CLOSE int fd = nt_kprobe_open(&p);
	struct bpf_link *link;

	if (fd < 0) {
		errno = -fd;
		return NULL;
	}
	link = bpf_program__attach_perf_event(prog, fd);
	if (link)
		fd = -1; /* the link's now */
	return link;
}

static struct bpf_link *attach_one(struct bpf_program *prog, const struct nt_choice *c)
{
	switch (c->v->kind) {
	case NT_RAW_TP:
		return bpf_program__attach_raw_tracepoint(prog, c->v->symbol);
	case NT_KPROBE:
	case NT_KRETPROBE:
		return attach_kprobe(prog, c);
	default:
		return bpf_program__attach_trace(prog);
	}
}

/* When a module is loaded anew its functions' addresses may be others'. */
static bool moved(struct nt_kernel *k, const struct nt_choice *c)
{
	return c->addr && c->hook->module && !nt_kernel_module_same(k, c->hook->module);
}

/* 0, 1 when a variant was refused and the plan must be made again, or -errno. */
static int attach_all(const struct nt_load_opts *o, struct nt_loaded *l)
{
	uint32_t i;

	for (i = 0; i < o->plan->n; i++) {
		struct nt_choice *c = &o->plan->c[i];

		if (!c->v)
			continue;
		l->link[i] = attach_one(program_of(l->obj, c), c);
		if (!l->link[i] || moved(o->kernel, c)) {
			reject(c, "refused at attach",
			       l->link[i] ? "its module was loaded anew" : strerror(errno));
			return 1;
		}
	}
	return 0;
}

/* One attempt: 0, 1 for "plan again", or -errno. */
static int attempt(const struct nt_load_opts *o, struct nt_loaded *l, struct nt_err *err)
{
	int r = open_object(o, l, err);

	if (r < 0)
		return r;
	r = bpf_object__load(l->obj);
	close_btf(l);
	if (r < 0) {
		nt_unload(l);
		r = find_culprit(o, -r, err);
		return r < 0 ? r : 1;
	}
	r = o->settings ? o->settings(l->obj, o->arg) : 0;
	if (r < 0)
		return nt_errf(err, NT_EXIT_RUNTIME, -r, "settings are refused: %s", strerror(-r));
	return attach_all(o, l);
}

int nt_load(const struct nt_load_opts *o, struct nt_loaded *l, struct nt_err *err)
{
	const struct nt_marks marks = {
		.known = o->known,
		.map_value = nt_feature_have(&o->kernel->features, NT_F_VALUE, NULL),
	};
	struct nt_prepare prepare;
	int r;

	memset(l, 0, sizeof(*l));
	libbpf_set_print(quiet);
	r = nt_prepare_begin(&prepare, o->plan, &marks);
	if (r < 0)
		return nt_errf(err, NT_EXIT_RUNTIME, -r, "%s", strerror(-r));
	for (;;) {
		r = attempt(o, l, err);
		if (r == 0)
			break;
		nt_unload(l);
		/* Each round rejects one variant for good, so this ends. */
		if (r > 0)
			r = nt_plan_make(o->plan, o->kernel, err);
		if (r < 0)
			break;
	}
	nt_prepare_end(&prepare);
	return r;
}
