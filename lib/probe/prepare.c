// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libbpf 1.1 reads and searches the type information of vmlinux, then that of
 * all modules, to find a target, and has no call that sets one. A section
 * handler may; it also sees the program with its sub-programs.
 */
#include "prepare.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "patch.h"

/*
 * For a program of the type TRACING libbpf reads all of vmlinux's type information
 * at once: it becomes one just before it is loaded.
 */
#define LATER_TRACING BPF_PROG_TYPE_RAW_TRACEPOINT

static const struct {
	const char *section;
	enum bpf_prog_type type;
	enum bpf_attach_type attach;
} sections[NT_PREPARE_SECTIONS] = {
	{ "tp_btf+", LATER_TRACING, BPF_TRACE_RAW_TP },
	{ "fentry+", LATER_TRACING, BPF_TRACE_FENTRY },
	{ "fexit+", LATER_TRACING, BPF_TRACE_FEXIT },
	{ "raw_tp+", BPF_PROG_TYPE_RAW_TRACEPOINT, 0 },
	{ "kprobe+", BPF_PROG_TYPE_KPROBE, 0 },
	{ "kretprobe+", BPF_PROG_TYPE_KPROBE, 0 },
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
static int module_fd(struct nt_prepare *p, const char *module)
{
	uint32_t i;
	int fd;

	for (i = 0; i < p->n_fds; i++)
		if (!strcmp(p->fd[i].module, module))
			return p->fd[i].fd;
	if (p->n_fds == NT_MAX_MODULES)
		return -ENOSPC;
	fd = module_btf_fd(module);
	if (fd < 0)
		return fd;
	p->fd[p->n_fds].module = module;
	p->fd[p->n_fds++].fd = fd;
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

static int set_target(struct nt_prepare *p, const struct nt_choice *c, struct bpf_program *prog,
		      struct bpf_prog_load_opts *opts)
{
	int fd = c->btf_module ? module_fd(p, c->btf_module) : 0;

	if (fd < 0)
		return fd;
	opts->attach_btf_id = c->btf_id;
	opts->attach_btf_obj_fd = (uint32_t)fd;
	return bpf_program__set_type(prog, BPF_PROG_TYPE_TRACING);
}

static int prepare(struct bpf_program *prog, struct bpf_prog_load_opts *opts, long cookie)
{
	struct nt_prepare *p = (struct nt_prepare *)cookie;
	const struct nt_choice *c = choice_of(p->plan, bpf_program__name(prog));
	int r = nt_patch_known(prog, p->marks);

	if (!c)
		return -ENOENT;
	if (!r && c->btf_id)
		r = set_target(p, c, prog, opts);
	return r;
}

int nt_prepare_begin(struct nt_prepare *p, const struct nt_plan *plan, const struct nt_marks *marks)
{
	LIBBPF_OPTS(libbpf_prog_handler_opts, opts, .cookie = (long)p,
		    .prog_prepare_load_fn = prepare);
	uint32_t i;
	int r;

	memset(p, 0, sizeof(*p));
	p->plan = plan;
	p->marks = marks;
	/* One that stays: libbpf (before 1.3) frees its list twice when the last one goes. */
	r = libbpf_register_prog_handler("nt_none", BPF_PROG_TYPE_UNSPEC, 0, NULL);
	if (r < 0)
		return r;
	for (i = 0; i < NT_PREPARE_SECTIONS; i++) {
		r = libbpf_register_prog_handler(sections[i].section, sections[i].type,
						 sections[i].attach, &opts);
		if (r < 0) {
			nt_prepare_end(p);
			return r;
		}
		p->handler[i] = r;
	}
	return 0;
}

void nt_prepare_end(struct nt_prepare *p)
{
	uint32_t i;

	for (i = 0; i < NT_PREPARE_SECTIONS; i++)
		if (p->handler[i] > 0)
			libbpf_unregister_prog_handler(p->handler[i]);
	for (i = 0; i < p->n_fds; i++)
		close(p->fd[i].fd);
	memset(p, 0, sizeof(*p));
}
