/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside lib/sym, and for its tests: /proc/kallsyms line by line. */
#ifndef NT_KALLSYMS_H
#define NT_KALLSYMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "ksym.h"

#define NT_KALLSYMS "/proc/kallsyms"

/* A text symbol. Nothing ends with a NUL; NT_KALLSYMS_PAD bytes may be read from name. */
struct nt_ksym_line {
	const char *addr; /* hexadecimal digits */
	size_t addr_len;
	const char *name;
	const char *end; /* of the line */
};
#define NT_KALLSYMS_PAD 8

/*
 * Calls fn for every text symbol (types t, T, w, W), which may keep pointers
 * into the line until chunk(arg) is called (if not NULL). 0 or -errno.
 */
struct nt_ksym_reader {
	void (*line)(const struct nt_ksym_line *l, void *arg);
	void (*chunk)(void *arg);
	void *arg;
};
/* fd is read from its beginning. */
int nt_kallsyms_read(int fd, const struct nt_ksym_reader *r);

uint64_t nt_ksym_line_addr(const struct nt_ksym_line *l);
/* Length of the name; module and its length (0 for vmlinux) if the line has one. */
size_t nt_ksym_line_name(const struct nt_ksym_line *l, const char **module, size_t *module_len);

/* As the public ones, with another file. */
int nt_ksym_find_in(const char *path, struct nt_ksym_want *want, uint32_t n, struct nt_err *err);
struct nt_ksyms *nt_ksyms_new_in(const char *path);

#endif
