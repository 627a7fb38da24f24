// SPDX-License-Identifier: GPL-2.0-or-later
/* Addresses to names. */
#include "ksym.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "kallsyms.h"

/* Bounds of the cache: all places that a host's packets are lost at are fewer. */
#define ADDRS_MAX 32768
#define NAMES_MAX (2U << 20)
#define BLOCK 65536
/*
 * No function is that long: an address farther behind a symbol lies outside all
 * text (the table does not say where a symbol ends).
 */
#define REACH (1U << 20)

/* An address that was looked up; name is NULL where no symbol was found. */
struct known {
	uint64_t addr, start;
	const char *name, *module;
};

struct block {
	struct block *next;
	char text[BLOCK];
};

struct nt_ksyms {
	/*
	 * Opened at once: the kernel decides by the opener's CAP_SYSLOG whether
	 * addresses are shown, and the capability may be dropped before the first
	 * look-up (kallsyms_show_value(), called by kallsyms_open() since 4.15).
	 */
	int fd; /* or -errno */
	bool hidden;
	uint32_t n;
	struct known *known; /* sorted by address */
	struct block *blocks;
	size_t used, total; /* of the newest block; of all */
};

/* Best symbol so far between the pending address before this one and this one. */
struct slot {
	uint64_t addr, start;
	/* Name and module, each with its NUL; NULL: no symbol here. */
	char *text;
	size_t room, module; /* module: offset in text, 0 for vmlinux */
};

struct pass {
	struct slot *slot;
	uint32_t n;
	uint32_t at; /* the slot of the last line: the next is mostly there too */
	uint64_t any;
	/* The best symbol of slot[at] in this chunk, not copied yet. */
	bool held;
	struct nt_ksym_line line;
	uint64_t start;
	bool failed;
};

struct nt_ksyms *nt_ksyms_new_in(const char *path)
{
	struct nt_ksyms *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (s->fd < 0)
		s->fd = -errno;
	return s;
}

struct nt_ksyms *nt_ksyms_new(void)
{
	return nt_ksyms_new_in(NT_KALLSYMS);
}

void nt_ksyms_free(struct nt_ksyms *s)
{
	struct block *b;

	if (!s)
		return;
	while ((b = s->blocks)) {
		s->blocks = b->next;
		free(b);
	}
	if (s->fd >= 0)
		close(s->fd);
	free(s->known);
	free(s);
}

/* Copy the symbol that was held back into its slot. */
static void settle(struct pass *p)
{
	struct slot *s = &p->slot[p->at];
	size_t n, module_len, need;
	const char *module;
	char *text;

	if (!p->held)
		return;
	p->held = false;
	n = nt_ksym_line_name(&p->line, &module, &module_len);
	need = n + module_len + 2;
	if (need > s->room) {
		text = realloc(s->text, need);
		if (!text) {
			p->failed = true;
			return;
		}
		s->text = text;
		s->room = need;
	}
	memcpy(s->text, p->line.name, n);
	s->text[n] = '\0';
	s->module = module ? n + 1 : 0;
	if (module)
		memcpy(s->text + n + 1, module, module_len);
	s->text[n + 1 + module_len] = '\0';
	s->start = p->start;
}

static void settle_chunk(void *arg)
{
	settle(arg);
}

/* The compilers' labels of the padding before a function (6.2: call thunks; kCFI). */
static bool is_padding(const char *name)
{
	return !memcmp(name, "__pfx_", 6) || !memcmp(name, "__cfi_", 6);
}

/* First pending address at or above start: there is one. */
static uint32_t first_at_least(const struct pass *p, uint64_t start)
{
	uint32_t low = 0, high = p->n, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (p->slot[mid].addr < start)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/*
 * The table ascends within vmlinux only: modules come in the order of their
 * list. So each symbol is put to the first address that it can stand for, where
 * the highest one wins; the sweep afterwards lets a symbol stand for later
 * addresses too. Of several names at one place the first one stays.
 */
static void resolve_line(const struct nt_ksym_line *l, void *arg)
{
	struct pass *p = arg;
	uint64_t start = nt_ksym_line_addr(l);
	uint32_t at = p->at;

	p->any |= start;
	if (start > p->slot[p->n - 1].addr)
		return;
	if (start > p->slot[at].addr || (at && start <= p->slot[at - 1].addr)) {
		at = first_at_least(p, start);
		settle(p);
		p->at = at;
	}
	if (p->held ? start <= p->start : p->slot[at].text && start <= p->slot[at].start)
		return;
	if (is_padding(l->name))
		return;
	p->held = true;
	p->line = *l;
	p->start = start;
}

/* A copy of n bytes that lives as long as s; NULL: the bound is reached. */
static const char *keep(struct nt_ksyms *s, const char *text, size_t n)
{
	struct block *b = s->blocks;

	if (n > BLOCK || s->total + n > NAMES_MAX)
		return NULL;
	if (!b || s->used + n > BLOCK) {
		b = malloc(sizeof(*b));
		if (!b)
			return NULL;
		b->next = s->blocks;
		s->blocks = b;
		s->used = 0;
	}
	text = memcpy(b->text + s->used, text, n);
	s->used += n;
	s->total += n;
	return text;
}

static const struct known *find(const struct nt_ksyms *s, uint64_t addr)
{
	uint32_t low = 0, high = s->n, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (s->known[mid].addr == addr)
			return &s->known[mid];
		if (s->known[mid].addr < addr)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

static int by_addr(const void *a, const void *b)
{
	uint64_t x = ((const struct slot *)a)->addr, y = ((const struct slot *)b)->addr;

	return (x > y) - (x < y);
}

/* The addresses that are not known yet, sorted, each once. */
static int pending(const struct nt_ksyms *s, const uint64_t *addrs, uint32_t n, struct pass *p)
{
	uint32_t i, kept;

	p->slot = calloc(n ? n : 1, sizeof(*p->slot));
	if (!p->slot)
		return -ENOMEM;
	for (i = 0; i < n; i++)
		if (!find(s, addrs[i]))
			p->slot[p->n++].addr = addrs[i];
	qsort(p->slot, p->n, sizeof(*p->slot), by_addr);
	for (i = 0, kept = 0; i < p->n; i++)
		if (!kept || p->slot[kept - 1].addr != p->slot[i].addr)
			p->slot[kept++].addr = p->slot[i].addr;
	p->n = kept;
	return 0;
}

static void pass_free(struct pass *p)
{
	uint32_t i;

	for (i = 0; p->slot && i < p->n; i++)
		free(p->slot[i].text);
	free(p->slot);
}

/*
 * Of the slots up to each address, the one with the highest symbol. Names beyond
 * the bound are as good as not found.
 */
static void sweep(struct nt_ksyms *s, const struct pass *p, struct known *out)
{
	struct known best = { 0 };
	uint32_t i;

	for (i = 0; i < p->n; i++) {
		const struct slot *t = &p->slot[i];

		/* Higher than all before it: they are not above the address before. */
		if (t->text) {
			size_t n = strlen(t->text) + 1;

			if (t->module)
				n += strlen(t->text + n) + 1;
			best.start = t->start;
			best.name = keep(s, t->text, n);
			best.module = best.name && t->module ? best.name + t->module : NULL;
		}
		out[i] = best;
		out[i].addr = t->addr;
		if (best.name && t->addr - best.start >= REACH)
			out[i] = (struct known){ .addr = t->addr };
	}
}

/* Add the pass's results (sorted, none of them known) to the cache. */
static int merge(struct nt_ksyms *s, const struct pass *p)
{
	uint32_t i = s->n, j = p->n, to = s->n + p->n;
	NT_FREE struct known *new = calloc(p->n, sizeof(*new));
	struct known *all;

	if (!new)
		return -ENOMEM;
	sweep(s, p, new);
	all = realloc(s->known, to * sizeof(*all));
	if (!all)
		return -ENOMEM;
	s->known = all;
	s->n = to;
	while (j) {
		if (i && all[i - 1].addr > new[j - 1].addr)
			all[--to] = all[--i];
		else
			all[--to] = new[--j];
	}
	return 0;
}

static int resolve(struct nt_ksyms *s, struct pass *p)
{
	struct nt_ksym_reader reader = { resolve_line, settle_chunk, p };
	int r;

	if (!p->n)
		return 0;
	if (s->fd < 0)
		return s->fd;
	if (s->hidden)
		return -EPERM;
	if (s->n + p->n > ADDRS_MAX)
		return -ENOSPC;
	r = nt_kallsyms_read(s->fd, &reader);
	if (r)
		return r;
	if (!p->any) {
		s->hidden = true;
		return -EPERM;
	}
	return p->failed ? -ENOMEM : merge(s, p);
}

int nt_ksyms_resolve(struct nt_ksyms *s, const uint64_t *addrs, uint32_t n)
{
	struct pass p = { 0 };
	int r = pending(s, addrs, n, &p);

	if (!r)
		r = resolve(s, &p);
	pass_free(&p);
	return r;
}

bool nt_ksyms_get(const struct nt_ksyms *s, uint64_t addr, struct nt_ksym *out)
{
	const struct known *k = find(s, addr);

	if (!k) {
		memset(out, 0, sizeof(*out));
		return false;
	}
	*out = (struct nt_ksym){ k->name, k->module, k->start };
	return true;
}

char *nt_ksyms_format(const struct nt_ksyms *s, uint64_t addr, char *buf, uint32_t len)
{
	struct nt_ksym k;

	if (!nt_ksyms_get(s, addr, &k) || !k.name)
		snprintf(buf, len, "0x%" PRIx64, addr);
	else if (k.module)
		snprintf(buf, len, "%s+0x%" PRIx64 " [%s]", k.name, addr - k.start, k.module);
	else
		snprintf(buf, len, "%s+0x%" PRIx64, k.name, addr - k.start);
	return buf;
}
