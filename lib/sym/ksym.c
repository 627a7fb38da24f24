// SPDX-License-Identifier: GPL-2.0-or-later
/* Names to addresses. */
#include "ksym.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "kallsyms.h"

/* Heads of the chains of wanted names. */
#define SLOTS 1024
/* 16,384 bits: some hundred names let one line in fifty through. */
#define FILTER_BITS 14
#define NONE UINT32_MAX
#define PARTS_MAX 256

struct search {
	struct nt_ksym_want *want;
	uint32_t *next;
	uint32_t head[SLOTS];
	/* Bit per hash of the first four bytes of a wanted name: refuses nearly
	 * every line before its name's length is known. */
	uint64_t first4[(1U << FILTER_BITS) / 64];
	bool short_names; /* a wanted name is shorter than that */
	/* Parts so far, and between which addresses a symbol can end one. */
	uint32_t n_parts;
	struct nt_ksym_part *part[PARTS_MAX];
	uint64_t first, last;
};

static uint32_t hash4(const char *name)
{
	uint32_t v;

	memcpy(&v, name, sizeof(v));
	return v * 0x9e3779b1U >> (32 - FILTER_BITS);
}

static uint32_t slot_of(const char *name, size_t n)
{
	uint32_t h = 0x811c9dc5U;
	size_t i;

	for (i = 0; i < n; i++)
		h = (h ^ (unsigned char)name[i]) * 0x01000193U;
	return (h ^ h >> 15) % SLOTS;
}

/* The name without the suffix of a clone. */
static size_t stem(const char *name, size_t n)
{
	const char *dot = memchr(name, '.', n);

	return dot && dot != name ? (size_t)(dot - name) : n;
}

static void want_one(struct search *s, uint32_t i)
{
	struct nt_ksym_want *w = &s->want[i];
	size_t n = strlen(w->name);
	uint32_t slot = slot_of(w->name, stem(w->name, n)), bit;

	w->addr = 0;
	w->module[0] = w->suffix[0] = '\0';
	w->found = 0;
	w->suffixed = false;
	w->n_parts = 0;
	s->next[i] = s->head[slot];
	s->head[slot] = i;
	if (n < 4) {
		s->short_names = true;
		return;
	}
	bit = hash4(w->name);
	s->first4[bit / 64] |= 1ULL << bit % 64;
}

static void copy_cut(char *to, size_t room, const char *from, size_t n)
{
	if (n >= room)
		n = room - 1;
	memcpy(to, from, n);
	to[n] = '\0';
}

static void add_part(struct search *s, struct nt_ksym_want *w, uint64_t start)
{
	struct nt_ksym_part *p;

	if (w->n_parts == w->max_parts || s->n_parts == PARTS_MAX || !start)
		return;
	p = &w->parts[w->n_parts++];
	p->start = start;
	p->end = UINT64_MAX;
	if (!s->n_parts || start < s->first)
		s->first = start;
	s->last = UINT64_MAX;
	s->part[s->n_parts++] = p;
}

/* A symbol at addr: parts that reach beyond it end there. Modules are not in order. */
static void end_parts(struct search *s, uint64_t addr)
{
	uint32_t i;

	if (!s->n_parts || addr <= s->first || addr >= s->last)
		return;
	s->last = 0;
	for (i = 0; i < s->n_parts; i++) {
		struct nt_ksym_part *p = s->part[i];

		if (addr > p->start && addr < p->end)
			p->end = addr;
		if (p->end > s->last)
			s->last = p->end;
	}
}

static void match(struct search *s, struct nt_ksym_want *w, const struct nt_ksym_line *l, size_t n)
{
	size_t wn = strlen(w->name), module_len;
	const char *module;

	if (n < wn || memcmp(l->name, w->name, wn) != 0)
		return;
	if (w->parts && (n == wn || l->name[wn] == '.'))
		add_part(s, w, nt_ksym_line_addr(l));
	if (n == wn) {
		if (w->found++)
			return;
		w->addr = nt_ksym_line_addr(l);
		nt_ksym_line_name(l, &module, &module_len);
		if (module)
			copy_cut(w->module, sizeof(w->module), module, module_len);
	} else if (l->name[wn] == '.' && !w->suffixed) {
		w->suffixed = true;
		copy_cut(w->suffix, sizeof(w->suffix), l->name + wn, n - wn);
	}
}

static void find_line(const struct nt_ksym_line *l, void *arg)
{
	struct search *s = arg;
	const char *module;
	uint32_t bit, i;
	size_t n;

	if (s->n_parts)
		end_parts(s, nt_ksym_line_addr(l));
	bit = hash4(l->name);
	if (!(s->first4[bit / 64] >> bit % 64 & 1) && !s->short_names)
		return;
	n = nt_ksym_line_name(l, &module, &(size_t){ 0 });
	for (i = s->head[slot_of(l->name, stem(l->name, n))]; i != NONE; i = s->next[i])
		match(s, &s->want[i], l, n);
}

int nt_ksym_find_in(const char *path, struct nt_ksym_want *want, uint32_t n, struct nt_err *err)
{
	NT_FREE struct search *s = calloc(1, sizeof(*s));
	NT_FREE uint32_t *next = calloc(n ? n : 1, sizeof(*next));
	NT_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct nt_ksym_reader reader = { find_line, NULL, s };
	uint32_t i;
	int r;

	if (fd < 0)
		return nt_errf(err, NT_EXIT_IMPOSSIBLE, errno,
			       "cannot read the kernel's symbols ('%s', CONFIG_KALLSYMS): %s", path,
			       strerror(errno));
	if (!s || !next)
		return nt_errf(err, NT_EXIT_RUNTIME, ENOMEM, "out of memory");
	s->want = want;
	s->next = next;
	memset(s->head, 0xff, sizeof(s->head));
	for (i = 0; i < n; i++)
		want_one(s, i);
	r = nt_kallsyms_read(fd, &reader);
	if (r)
		return nt_errf(err, NT_EXIT_RUNTIME, -r,
			       "cannot read the kernel's symbols ('%s'): %s", path, strerror(-r));
	return 0;
}

int nt_ksym_find(struct nt_ksym_want *want, uint32_t n, struct nt_err *err)
{
	return nt_ksym_find_in(NT_KALLSYMS, want, n, err);
}
