// SPDX-License-Identifier: GPL-2.0-or-later
/* --overhead: the tool's own cost, as the kernel accounts for it. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <string.h>

#include "procfs.h"
#include "run_internal.h"

static bool prog_info(const struct bpf_program *prog, struct bpf_prog_info *info)
{
	uint32_t len = sizeof(*info);
	int fd = bpf_program__fd(prog);

	memset(info, 0, sizeof(*info));
	return fd >= 0 && bpf_obj_get_info_by_fd(fd, info, &len) == 0;
}

static uint64_t map_bytes(const struct bpf_map *map)
{
	uint64_t per = bpf_map__key_size(map) + ((bpf_map__value_size(map) + 7ULL) & ~7ULL);

	if (bpf_map__type(map) == BPF_MAP_TYPE_RINGBUF)
		return bpf_map__max_entries(map);
	return per * bpf_map__max_entries(map);
}

/*
 * The kernel counts a program's runs and time while somebody asks for it: the run
 * itself (BPF_ENABLE_STATS, "bpf: Sharing bpf runtime stats with BPF_ENABLE_STATS",
 * 5.8), or for all the sysctl (5.1).
 */
void nt_overhead_begin(struct nt_run *run)
{
	char on[4];

	if (!run->common->overhead)
		return;
	run->stats_fd = bpf_enable_stats(BPF_STATS_RUN_TIME);
	run->programs_timed =
		run->stats_fd >= 0 ||
		(nt_read_text("/proc/sys/kernel/bpf_stats_enabled", on, sizeof(on)) > 0 &&
		 strcmp(on, "0") != 0);
}

static void program_text(struct nt_run *run, const char *name, const struct bpf_prog_info *info)
{
	uint64_t runs = info->run_cnt, ns = info->run_time_ns;

	if (!run->programs_timed)
		nt_out_text(run->out, "  program %-20s runs -            time -\n", name);
	else
		nt_out_text(run->out, "  program %-20s runs %-12llu time %llu us, %llu ns a run\n",
			    name, (unsigned long long)runs, (unsigned long long)ns / 1000,
			    (unsigned long long)(runs ? ns / runs : 0));
}

static void programs(struct nt_run *run, struct nt_json *j)
{
	struct bpf_program *prog;
	struct bpf_prog_info info;

	nt_json_arr(j, "programs");
	bpf_object__for_each_program(prog, run->loaded.obj)
	{
		if (!prog_info(prog, &info))
			continue;
		nt_json_obj(j, NULL);
		nt_json_str(j, "name", bpf_program__name(prog));
		if (run->programs_timed) {
			nt_json_u64(j, "runs", info.run_cnt);
			nt_json_u64(j, "time_ns", info.run_time_ns);
		} else {
			nt_json_null(j, "runs");
			nt_json_null(j, "time_ns");
		}
		nt_json_end(j);
		program_text(run, bpf_program__name(prog), &info);
	}
	nt_json_end(j);
}

void nt_run_overhead(struct nt_run *run, struct nt_json *j)
{
	struct nt_self self;
	struct bpf_map *map;
	uint64_t bytes = 0;

	if (!run->common->overhead || run->replay)
		return;
	if (!j)
		j = nt_json_line(run->out); /* text: writes nothing */
	nt_json_obj(j, "overhead");
	nt_out_text(run->out, "Overhead of nettrace itself%s:\n",
		    run->programs_timed ?
			    "" :
			    " (program times need sysctl kernel.bpf_stats_enabled=1)");
	programs(run, j);
	bpf_object__for_each_map(map, run->loaded.obj) bytes += map_bytes(map);
	nt_self_read(&self);
	nt_json_u64(j, "user_cpu_us", self.user_us);
	nt_json_u64(j, "system_cpu_us", self.system_us);
	nt_json_u64(j, "rss_bytes", self.rss_bytes);
	nt_json_u64(j, "peak_rss_bytes", self.peak_rss_bytes);
	nt_json_u64(j, "map_bytes", bytes);
	nt_out_text(
		run->out,
		"  user CPU %.1f ms, system CPU %.1f ms, RSS %.1f MiB (peak %.1f), maps %.1f MiB\n",
		self.user_us / 1e3, self.system_us / 1e3, self.rss_bytes / 1048576.0,
		self.peak_rss_bytes / 1048576.0, bytes / 1048576.0);
	nt_json_end(j);
}
