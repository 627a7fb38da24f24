// SPDX-License-Identifier: GPL-2.0-or-later
/* After attaching, the process gives up every capability it no longer needs. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "caps.h"
#include "run_internal.h"

static int any_map_fd(const struct bpf_object *obj)
{
	struct bpf_map *map = bpf_object__find_map_by_name(obj, "nt_cfg");

	return map ? bpf_map__fd(map) : -1;
}

/*
 * Does a look-up in a map of our own work without capabilities? Where
 * kernel.unprivileged_bpf_disabled is set, kernels before 5.19 refuse every
 * bpf() call to a process without CAP_BPF ("bpf: refine kernel.
 * unprivileged_bpf_disabled behaviour"). Tried once, in a child.
 */
static bool lookup_works_bare(int fd, size_t value_size)
{
	char value[65536];
	uint32_t key = 0;
	int status;
	pid_t pid;

	if (fd < 0 || value_size > sizeof(value))
		return false;
	pid = fork();
	if (pid == 0)
		_exit(nt_caps_drop(0) < 0 || bpf_map_lookup_elem(fd, &key, value) < 0);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return false;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int nt_privilege_drop(struct nt_run *run, struct nt_err *err)
{
	uint64_t keep = run->tool->keep_caps;
	int r;

	run->lookups_need_cap =
		!lookup_works_bare(any_map_fd(run->loaded.obj), run->tool->kcfg_size);
	run->lookups_cap = (uint32_t)__builtin_ctzll(nt_caps_bpf_bit());
	if (run->lookups_need_cap)
		keep |= nt_caps_bpf_bit();
	r = nt_caps_drop(keep);
	if (r < 0)
		return nt_errf(err, NT_EXIT_RUNTIME, -r, "dropping capabilities: %s", strerror(-r));
	return 0;
}
