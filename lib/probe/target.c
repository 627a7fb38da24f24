// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libbpf 1.1 reads and searches the type information of vmlinux, then that of
 * all modules, to find a target, and has no call that sets one. A section
 * handler may.
 */
#include "target.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"

static const struct {
	const char *section;
	enum bpf_attach_type attach;
} kinds[NT_TARGET_KINDS] = {
	{ "tp_btf+", BPF_TRACE_RAW_TP },
	{ "fentry+", BPF_TRACE_FENTRY },
	{ "fexit+", BPF_TRACE_FEXIT },
};

/* The kernel's object of a module's type information; -ENOENT: it is gone. */
static int module_btf_fd(const char *module)
{
	uint32_t id = 0;

	while (!bpf_btf_get_next_id(id, &id)) {
		NT_CLOSE int fd = bpf_btf_get_fd_by_id(id);
		struct bpf_btf_info info = { 0 };
		uint32_t len = sizeof(info);
		char name[64] = "";
		int keep;

		info.name = (uint64_t)(unsigned long)name;
		info.name_len = sizeof(name);
		/* Objects come and go; a long name is -ENOSPC. */
		if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &len) < 0)
			continue;
		if (!info.kernel_btf || strcmp(name, module) != 0)
			continue;
		keep = fd;
		fd = -1;
		return keep;
	}
	return -ENOENT;
}

/* Open as long as programs are loaded. */
static int module_fd(struct nt_targets *t, const char *module)
{
	uint32_t i;
	int fd;

	for (i = 0; i < t->n_fds; i++)
		if (!strcmp(t->fd[i].module, module))
			return t->fd[i].fd;
	if (t->n_fds == NT_MAX_MODULES)
		return -ENOSPC;
	fd = module_btf_fd(module);
	if (fd < 0)
		return fd;
	t->fd[t->n_fds].module = module;
	t->fd[t->n_fds++].fd = fd;
	return fd;
}

static const struct nt_choice *choice_of(const struct nt_plan *p, const char *prog)
{
	uint32_t i;

	for (i = 0; i < p->n; i++)
		if (p->c[i].v && !strcmp(p->c[i].v->prog, prog))
			return &p->c[i];
	return NULL;
}

static int set_target(struct bpf_program *prog, struct bpf_prog_load_opts *opts, long cookie)
{
	struct nt_targets *t = (struct nt_targets *)cookie;
	const struct nt_choice *c = choice_of(t->plan, bpf_program__name(prog));
	int fd = c && c->btf_module ? module_fd(t, c->btf_module) : 0;

	if (!c || !c->btf_id)
		return -ENOENT;
	if (fd < 0)
		return fd;
	opts->attach_btf_id = c->btf_id;
	opts->attach_btf_obj_fd = (uint32_t)fd;
	return bpf_program__set_type(prog, BPF_PROG_TYPE_TRACING);
}

int nt_targets_begin(struct nt_targets *t, const struct nt_plan *plan)
{
	LIBBPF_OPTS(libbpf_prog_handler_opts, opts, .cookie = (long)t,
		    .prog_prepare_load_fn = set_target);
	uint32_t i;
	int r;

	memset(t, 0, sizeof(*t));
	t->plan = plan;
	for (i = 0; i < NT_TARGET_KINDS; i++) {
		/* For a program of the type TRACING libbpf reads all of vmlinux's type
		 * information at once: it becomes one just before it is loaded. */
		r = libbpf_register_prog_handler(kinds[i].section, BPF_PROG_TYPE_RAW_TRACEPOINT,
						 kinds[i].attach, &opts);
		if (r < 0) {
			nt_targets_end(t);
			return r;
		}
		t->handler[i] = r;
	}
	return 0;
}

void nt_targets_end(struct nt_targets *t)
{
	uint32_t i;

	for (i = 0; i < NT_TARGET_KINDS; i++)
		if (t->handler[i] > 0)
			libbpf_unregister_prog_handler(t->handler[i]);
	for (i = 0; i < t->n_fds; i++)
		close(t->fd[i].fd);
	memset(t, 0, sizeof(*t));
}
