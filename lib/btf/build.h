/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Make a type information file for a kernel that has none, or none for its
 * modules, on any machine that has the kernel's debug files.
 */
#ifndef NT_BTF_BUILD_H
#define NT_BTF_BUILD_H

#include "err.h"
#include "roots.h"

#include <stddef.h>
#include <stdint.h>

/*
 * vmlinux: an ELF file with DWARF or .BTF, or raw BTF such as
 * /sys/kernel/btf/vmlinux. modules: ELF files (.ko) with DWARF, or with .BTF
 * that rests on the given vmlinux's own, or raw BTF such as
 * /sys/kernel/btf/openvswitch; all of the same build of the kernel. If there
 * are modules and every file has DWARF, all are encoded from it; else .BTF is
 * used where there is one. (A module encoded from DWARF beside a vmlinux that
 * has only .BTF works too, but common types may be kept twice.) Files
 * compressed by xz or zstd are not read.
 */
struct nt_btf_build {
	const char *vmlinux;
	const char *const *modules;
	size_t n_modules;
	struct nt_btf_roots *roots; /* NULL or empty: everything is kept */
	const char *output;         /* file to write; appears complete or not at all */

	/* Called before each step with a line without newline; may be NULL. */
	void (*step)(void *arg, const char *line);
	void *arg;
};

struct nt_btf_built {
	char pahole[32];       /* its version; empty if it was not needed */
	uint32_t merged_types; /* all inputs, each type once */
	uint32_t types;        /* in the file */
	size_t bytes;
};

/*
 * Read all inputs, encode DWARF by pahole (each file stand-alone), merge,
 * deduplicate, reduce to the roots, validate, write. What is kept: each root
 * type with all it holds by value, functions and tracepoints with their
 * prototypes; a struct that is no root and only pointed to is a forward
 * declaration there. Sorts roots and sets found in them; a root that is not
 * there is no error.
 *
 * 0, or -errno with err set: exit code 3 for an input or pahole that is
 * missing or of no use, 1 for a failure to write or no memory.
 */
int nt_btf_build(const struct nt_btf_build *b, struct nt_btf_built *out, struct nt_err *err);

#endif
