// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading the kernel side. Everything that is read goes onto the tape. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "run_internal.h"

int nt_run_map_entries(struct bpf_object *obj, const char *map, uint32_t entries)
{
	struct bpf_map *m = bpf_object__find_map_by_name(obj, map);

	return m ? bpf_map__set_max_entries(m, entries) : -ENOENT;
}

int nt_run_map_value_size(struct bpf_object *obj, const char *map, uint32_t bytes)
{
	struct bpf_map *m = bpf_object__find_map_by_name(obj, map);

	return m ? bpf_map__set_value_size(m, bytes) : -ENOENT;
}

int nt_run_map_fd(const struct nt_run *run, const char *name)
{
	struct bpf_map *m = bpf_object__find_map_by_name(run->loaded.obj, name);

	return m ? bpf_map__fd(m) : -ENOENT;
}

int nt_run_push_settings(struct nt_run *run)
{
	uint32_t zero = 0;
	int fd;

	if (run->replay)
		return 0;
	fd = nt_run_map_fd(run, "nt_cfg");
	return fd < 0 ? fd : bpf_map_update_elem(fd, &zero, run->kcfg, BPF_ANY);
}

/* One CPU's part of a sum: its counters, with the histograms behind them (NT_CPU_MAP). */
typedef void add_cpu_fn(const struct nt_counters *v, uint32_t which, void *sum);

/* add for every CPU, whose value has at least hists histograms. */
static int each_cpu(struct nt_run *run, uint32_t hists, add_cpu_fn *add, void *sum)
{
	struct bpf_map *m = bpf_object__find_map_by_name(run->loaded.obj, "nt_cpus");
	size_t size = m ? bpf_map__value_size(m) : 0;
	NT_FREE struct nt_counters *v = size ? malloc(size) : NULL;
	uint32_t cpu;

	if (!v || size < sizeof(*v) + hists * sizeof(struct nt_hist))
		return -EIO;
	for (cpu = 0; cpu < bpf_map__max_entries(m); cpu++) {
		if (bpf_map_lookup_elem(bpf_map__fd(m), &cpu, v) < 0)
			return -EIO;
		add(v, hists - 1, sum);
	}
	return 0;
}

static void add_counters(const struct nt_counters *v, uint32_t which, void *arg)
{
	struct nt_counters *sum = arg;
	uint32_t i;

	(void)which;
	for (i = 0; i < NT_C_MAX; i++)
		sum->c[i] += v->c[i];
}

static void add_hist(const struct nt_counters *v, uint32_t which, void *sum)
{
	nt_hist_merge(sum, (const struct nt_hist *)(v + 1) + which);
}

int nt_run_counters(struct nt_run *run, struct nt_counters *sum)
{
	int r;

	memset(sum, 0, sizeof(*sum));
	r = run->replay ? 0 : each_cpu(run, 0, add_counters, sum);
	return r ?: nt_run_taped(run, NT_TAPE_COUNTERS, 0, sum, sizeof(*sum));
}

#define HIST_HEAD offsetof(struct nt_hist, bucket)

/* On the tape without the empty buckets at its end, which are most of it. */
static void record_hist(struct nt_run *run, uint32_t which, const struct nt_hist *sum)
{
	uint32_t n = NT_HIST_BUCKETS;

	while (n && !sum->bucket[n - 1])
		n--;
	if (run->record)
		nt_tape_write(run->record, NT_TAPE_HIST, which, sum,
			      HIST_HEAD + n * sizeof(sum->bucket[0]));
}

static int taped_hist(struct nt_run *run, uint32_t which, struct nt_hist *sum)
{
	uint32_t id;
	int n = nt_tape_read(run->replay, NT_TAPE_HIST, &id, sum, sizeof(*sum));

	if (n < (int)HIST_HEAD || n % sizeof(sum->bucket[0]) || id != which)
		return -EBADMSG;
	return 0;
}

int nt_run_hist(struct nt_run *run, uint32_t which, struct nt_hist *sum)
{
	int r;

	memset(sum, 0, sizeof(*sum));
	if (run->replay)
		return taped_hist(run, which, sum);
	r = each_cpu(run, which + 1, add_hist, sum);
	if (!r)
		record_hist(run, which, sum);
	return r;
}
