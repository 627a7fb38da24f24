// SPDX-License-Identifier: GPL-2.0-or-later
/* Hits that the kernel did not pass on to a program, as far as it counts them. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <stddef.h>
#include <string.h>

#include "run_internal.h"

/*
 * Programs that were at work on that CPU already. In bpf_prog_info since 5.12
 * ("bpf: Count the number of times recursion was prevented").
 */
static bool prog_misses(const struct nt_run *run, const char *name, uint64_t *n)
{
	const uint32_t need = offsetof(struct bpf_prog_info, recursion_misses) + sizeof(uint64_t);
	struct bpf_program *prog = bpf_object__find_program_by_name(run->loaded.obj, name);
	struct bpf_prog_info info;
	uint32_t len = sizeof(info);

	memset(&info, 0, sizeof(info));
	if (!prog || bpf_obj_get_info_by_fd(bpf_program__fd(prog), &info, &len) < 0 || len < need)
		return false;
	*n += info.recursion_misses;
	return true;
}

/* The head of struct bpf_link_info as far as "missed" of a kprobe, which the headers
 * of the building machine need not have. */
struct kprobe_link {
	uint32_t type, id, prog_id, pad;
	uint32_t perf_type, pad2;
	uint64_t name;
	uint32_t name_len, offset;
	uint64_t addr;
	uint64_t missed;
};
_Static_assert(offsetof(struct kprobe_link, missed) == 48, "as in the kernel's");

#define LINK_PERF_EVENT 7
#define PERF_KPROBE 3
#define PERF_KRETPROBE 4

/*
 * Hits of a kprobe within another one, and of a kretprobe without a free instance.
 * Since 6.7 ("bpf: Add missed value to kprobe perf link info"), which also began to
 * count the recursion of its programs: how much of the struct the kernel fills tells.
 */
static bool kprobe_missed(const struct bpf_link *link, uint64_t *n)
{
	struct kprobe_link info = { 0 };
	uint32_t len = sizeof(info);

	if (!link || bpf_obj_get_info_by_fd(bpf_link__fd(link), &info, &len) < 0 ||
	    len < sizeof(info) || info.type != LINK_PERF_EVENT ||
	    (info.perf_type != PERF_KPROBE && info.perf_type != PERF_KRETPROBE))
		return false;
	*n += info.missed;
	return true;
}

/* Since the programs were loaded. */
static void read_kernel(const struct nt_run *run, struct nt_misses *m)
{
	uint32_t i;

	m->known = NT_MISS_ASKED | NT_MISS_RECURSION | NT_MISS_PROBE;
	for (i = 0; i < run->plan.n; i++) {
		const struct nt_variant *v = run->plan.c[i].v;

		if (!v)
			continue;
		if (!prog_misses(run, v->prog, &m->recursion))
			m->known &= ~NT_MISS_RECURSION;
		if ((v->kind == NT_KPROBE || v->kind == NT_KRETPROBE) &&
		    !kprobe_missed(run->loaded.link[i], &m->probe))
			m->known &= ~(NT_MISS_RECURSION | NT_MISS_PROBE);
	}
}

/* Older recordings do not have it: then nothing is known. */
int nt_misses_read(struct nt_run *run)
{
	struct nt_misses m = { 0 };
	int r = 0;

	if (run->replay && nt_tape_next_is(run->replay, NT_TAPE_MISSES))
		r = nt_run_taped(run, NT_TAPE_MISSES, 0, &m, sizeof(m));
	if (!run->replay) {
		read_kernel(run, &m);
		nt_run_taped(run, NT_TAPE_MISSES, 0, &m, sizeof(m));
	}
	run->misses = m;
	return r;
}

int nt_misses_begin(struct nt_run *run)
{
	int r = nt_misses_read(run);

	run->misses_start = run->misses_before = run->misses;
	return r;
}
