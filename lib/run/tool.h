/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a tool is: one descriptor, from which everything else is derived.
 * A traced tool has hooks and an object; a plain command has only run_plain.
 */
#ifndef NT_TOOL_H
#define NT_TOOL_H

#include "doc.h"
#include "hook.h"
#include "opt.h"
#include "common_opts.h"

struct bpf_object;
struct nt_ksym_want;
struct nt_run;
struct nt_json;

/* What every traced tool needs. */
#define NT_NEEDS_TRACE                                                                         \
	"CAP_BPF and CAP_PERFMON (before 5.8 CAP_SYS_ADMIN), CAP_SYS_RESOURCE (before 5.11), " \
	"CAP_SYS_ADMIN (--netns)"
/* Besides, one that names addresses, and one with hooks in modules. */
#define NT_NEEDS_SYMBOLS ", CAP_SYSLOG (symbols)"
#define NT_NEEDS_MODULES ", CAP_SYS_ADMIN (type information of modules)"

struct nt_tool {
	const char *words;   /* "path icmp" */
	const char *family;  /* man page: nettrace-<family>(8) */
	const char *summary; /* one line, lower case, no full stop */
	const char *side;    /* "host", "guest" or "any" */
	const char *needs;   /* of a traced tool: capabilities, for doctor; a comma list */
	const struct nt_opt *opts;
	size_t cfg_size;                   /* settings; struct nt_common is their first member */
	const struct nt_legacy *legacy;    /* ends with a NULL name */
	const struct nt_example *examples; /* at least two; ends with NULL args */

	/* A command that traces nothing. Returns the exit code. */
	int (*run_plain)(const struct nt_tool *tool, void *cfg, int argc, char **argv);

	/* A traced tool. */
	const struct nt_object *object; /* the embedded BPF object */
	const struct nt_hook *hooks;    /* ends with a NULL name */
	size_t state_size;              /* zeroed memory for nt_run_state() */
	size_t kcfg_size;               /* of the one value in the map "nt_cfg" */
	uint64_t keep_caps;             /* bit set of CAP_* that it needs while running */
	uint32_t tick_ms;               /* period of on_tick; 0: 1000 */

	/* Functions of the kernel whose places it wants to know; ends with NULL. */
	const char *const *functions;
	/* Types of the kernel that it looks at itself, besides those of its programs; ends
	 * with NULL. */
	const char *const *types;

	/* Words for completion that only this machine knows, by the option's metavar. */
	void (*names)(const char *metavar, void (*add)(void *to, const char *name), void *to);

	/* After parsing: cross-checks, interfaces; fills the kernel settings. */
	int (*prepare)(struct nt_run *run, struct nt_err *err);
	/* Before load: hooks that the options switch off. */
	void (*plan)(struct nt_run *run);
	/* With the kernel's symbols and type information open, before load: the places
	 * of .functions, in order, and whatever of the type information it needs. */
	int (*kernel)(struct nt_run *run, const struct nt_ksym_want *functions, struct nt_err *err);
	/* What the kernel side keeps with a device: struct nt_dev.tool, from its role. */
	uint32_t (*dev_word)(uint32_t role);
	/* Before load: sizes of maps. 0 or -errno. */
	int (*sizes)(struct nt_run *run, struct bpf_object *obj);
	/* Lines of the start block that are the tool's own; with JSON the fields of the
	 * start line, j is NULL without. */
	void (*banner)(struct nt_run *run, struct nt_json *j);
	/*
	 * Right after the programs were armed, and right before they are disarmed (end; not
	 * on replay): what the kernel counts by itself is read at the same instants. 0 or -errno.
	 */
	int (*edge)(struct nt_run *run, bool end);
	/* One record from the kernel, in time order. */
	void (*on_event)(struct nt_run *run, const void *rec, size_t size);
	/* At least every tick_ms: sweep tables. */
	void (*on_tick)(struct nt_run *run, uint64_t now_ns);
	/* The interval's figures, then the run's (final). 0 or -errno. */
	int (*report)(struct nt_run *run, bool final);
	void (*done)(struct nt_run *run); /* frees what prepare took */
};

#endif
