// SPDX-License-Identifier: GPL-2.0-or-later
#include "feature.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "image.h"
#include "kprobe.h"
#include "procfs.h"

static const struct {
	const char *name, *text, *since;
} features[] = {
#define F(id, name, text, since) { name, text, since },
#include "features.def"
#undef F
};

const char *nt_feature_name(enum nt_feature f)
{
	return features[f].name;
}

const char *nt_feature_text(enum nt_feature f)
{
	return features[f].text;
}

const char *nt_feature_since(enum nt_feature f)
{
	return features[f].since;
}

static int mask_one(struct nt_features *f, const char *name, size_t len, struct nt_err *err)
{
	int i;

	for (i = 0; i < NT_FEATURES; i++) {
		if (strlen(features[i].name) == len && !strncmp(features[i].name, name, len)) {
			f->masked |= 1U << i;
			return 0;
		}
	}
	return nt_errf(err, NT_EXIT_USAGE, EINVAL,
		       "NETTRACE_WITHOUT: unknown feature '%.*s'; known: ringbuf, tp_btf, raw_tp, "
		       "fentry, kprobe, btf, module_btf, map_value, mmap",
		       (int)len, name);
}

int nt_features_init(struct nt_features *f, const char *without, struct nt_err *err)
{
	const char *p = without;
	int r;

	memset(f, 0, sizeof(*f));
	while (p && *p) {
		size_t len = strcspn(p, ",");

		r = len ? mask_one(f, p, len, err) : 0;
		if (r < 0)
			return r;
		p += len;
		p += *p == ',';
	}
	return 0;
}

/* r0 = 0; exit */
static const struct bpf_insn empty_prog[] = {
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
	{ .code = BPF_JMP | BPF_EXIT },
};

static int result(int fd)
{
	if (fd < 0)
		return errno ? errno : EINVAL;
	close(fd);
	return 0;
}

static int try_map(enum bpf_map_type type, uint32_t flags, uint32_t entries)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = flags);
	bool ring = type == BPF_MAP_TYPE_RINGBUF;

	return result(bpf_map_create(type, "nt_try", ring ? 0 : 4, ring ? 0 : 8, entries, &opts));
}

/* Load a program that has the address of a map's value. */
static int try_map_value(void)
{
	NT_CLOSE int map = bpf_map_create(BPF_MAP_TYPE_ARRAY, "nt_try", 4, 8, 1, NULL);
	struct bpf_insn insns[] = {
		{ .code = BPF_LD | BPF_IMM | BPF_DW, .src_reg = BPF_PSEUDO_MAP_VALUE, .imm = map },
		{ 0 },
		empty_prog[0],
		empty_prog[1],
	};

	if (map < 0)
		return errno ? errno : EINVAL;
	return result(bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, "nt_try", "GPL", insns,
				    NT_ARRAY_SIZE(insns), NULL));
}

/* Load the empty program with this type and attach it for an instant. */
static int try_attach(enum bpf_prog_type type, enum bpf_attach_type attach, int btf_id,
		      const char *raw_tp)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = attach,
		    .attach_btf_id = btf_id);
	NT_CLOSE int fd =
		bpf_prog_load(type, "nt_try", "GPL", empty_prog, NT_ARRAY_SIZE(empty_prog), &opts);

	if (fd < 0)
		return errno ? errno : EINVAL;
	return result(bpf_raw_tracepoint_open(raw_tp, fd));
}

/* No errno of bpf(): what is tried needs the kernel's own type information. */
#define NO_VMLINUX ENODATA

/* As NT_TRY_FUNCTION. */
#define TRY_TRACEPOINT "kfree_skb"

int nt_feature_want(struct nt_btf_roots *roots)
{
	int r = nt_btf_roots_add(roots, NT_BTF_TRACEPOINT, TRY_TRACEPOINT);

	return r ?: nt_btf_roots_add(roots, NT_BTF_FUNC, NT_TRY_FUNCTION);
}

static int try_btf_attach(const struct nt_btf_part *vmlinux, const char *name, uint32_t kind,
			  enum bpf_attach_type attach)
{
	int id;

	if (!vmlinux || !vmlinux->btf)
		return NO_VMLINUX;
	id = nt_btf_part_find(vmlinux, name, kind);
	if (id < 0)
		return ENOENT;
	return try_attach(BPF_PROG_TYPE_TRACING, attach, (int)nt_btf_part_kernel_id(vmlinux, id),
			  NULL);
}

static int try_kprobe(uint64_t addr)
{
	const struct nt_kprobe p = { .addr = addr, .symbol = NT_TRY_FUNCTION };
	int fd = nt_kprobe_open(&p);

	return fd < 0 ? -fd : result(fd);
}

static int try_module_btf(void)
{
	uint32_t id = 0;

	/* Also tells a missing CAP_SYS_ADMIN, which reading module BTF takes. */
	if (access("/sys/kernel/btf/vmlinux", R_OK))
		return errno;
	return bpf_btf_get_next_id(0, &id) ? errno : 0;
}

static int try_feature(const struct nt_features *f, enum nt_feature which,
		       const struct nt_btf_part *vmlinux)
{
	switch (which) {
	case NT_F_BTF:
		return access("/sys/kernel/btf/vmlinux", R_OK) ? errno : 0;
	case NT_F_MODULE_BTF:
		return try_module_btf();
	case NT_F_RINGBUF:
		return try_map(BPF_MAP_TYPE_RINGBUF, 0, (uint32_t)sysconf(_SC_PAGESIZE));
	case NT_F_TP_BTF:
		return try_btf_attach(vmlinux, "btf_trace_" TRY_TRACEPOINT, BTF_KIND_TYPEDEF,
				      BPF_TRACE_RAW_TP);
	case NT_F_RAW_TP:
		return try_attach(BPF_PROG_TYPE_RAW_TRACEPOINT, 0, 0, TRY_TRACEPOINT);
	case NT_F_FENTRY:
		return try_btf_attach(vmlinux, NT_TRY_FUNCTION, BTF_KIND_FUNC, BPF_TRACE_FENTRY);
	case NT_F_KPROBE:
		return try_kprobe(f->function_addr);
	case NT_F_VALUE:
		return try_map_value();
	case NT_F_MMAP:
		return try_map(BPF_MAP_TYPE_ARRAY, BPF_F_MMAPABLE, 1);
	case NT_FEATURES:
		break;
	}
	return EINVAL;
}

bool nt_feature_have(struct nt_features *f, enum nt_feature which,
		     const struct nt_btf_part *vmlinux)
{
	const uint32_t bit = 1U << which;

	if (which >= NT_FEATURES || (f->masked & bit))
		return false;
	if (!(f->tried & bit)) {
		f->err[which] = try_feature(f, which, vmlinux);
		f->tried |= bit;
		if (!f->err[which])
			f->have |= bit;
	}
	return f->have & bit;
}

bool nt_feature_masked(const struct nt_features *f, enum nt_feature which)
{
	return f->masked & (1U << which);
}

/* Debian and Ubuntu patch in a level above the last one of Linux, 2. */
static bool perf_is_forbidden(void)
{
	char level[16];

	return nt_read_text("/proc/sys/kernel/perf_event_paranoid", level, sizeof(level)) > 0 &&
	       strtol(level, NULL, 10) > 2;
}

const char *nt_feature_why(const struct nt_features *f, enum nt_feature which)
{
	if (nt_feature_masked(f, which))
		return "masked by NETTRACE_WITHOUT";
	if (which == NT_F_KPROBE && f->err[which] == EACCES && perf_is_forbidden())
		return "Permission denied; with kernel.perf_event_paranoid above 2 this takes "
		       "CAP_SYS_ADMIN here: add it, or set that to 2";
	if (f->err[which] == NO_VMLINUX)
		return "needs type information of the kernel's own";
	return f->err[which] ? strerror(f->err[which]) : "available";
}
