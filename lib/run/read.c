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

/* One key of a per-CPU map: size bytes per possible CPU, to be freed. */
static void *read_percpu(struct nt_run *run, const char *map, uint32_t key, size_t size, int *cpus)
{
	int fd = nt_run_map_fd(run, map), n = libbpf_num_possible_cpus();
	size_t stride = (size + 7) & ~(size_t)7;
	void *buf;

	if (fd < 0 || n <= 0)
		return NULL;
	buf = calloc((size_t)n, stride);
	if (buf && bpf_map_lookup_elem(fd, &key, buf) < 0) {
		free(buf);
		return NULL;
	}
	*cpus = n;
	return buf;
}

static int live_counters(struct nt_run *run, struct nt_counters *sum)
{
	int n, i, j;
	NT_FREE struct nt_counters *v = read_percpu(run, "nt_counts", 0, sizeof(*v), &n);

	if (!v)
		return -EIO;
	for (i = 0; i < n; i++)
		for (j = 0; j < NT_C_MAX; j++)
			sum->c[j] += v[i].c[j];
	return 0;
}

int nt_run_counters(struct nt_run *run, struct nt_counters *sum)
{
	int r;

	memset(sum, 0, sizeof(*sum));
	r = run->replay ? 0 : live_counters(run, sum);
	return r ?: nt_run_taped(run, NT_TAPE_COUNTERS, 0, sum, sizeof(*sum));
}

static int live_hist(struct nt_run *run, uint32_t which, struct nt_hist *sum)
{
	int n, i;
	NT_FREE struct nt_hist *v = read_percpu(run, "nt_hists", which, sizeof(*v), &n);

	if (!v)
		return -EIO;
	for (i = 0; i < n; i++)
		nt_hist_merge(sum, &v[i]);
	return 0;
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
	r = live_hist(run, which, sum);
	if (!r)
		record_hist(run, which, sum);
	return r;
}
