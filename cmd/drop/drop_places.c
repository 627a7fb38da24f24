// SPDX-License-Identifier: GPL-2.0-or-later
/* What the kernel's numbers mean: functions, reasons, stacks. */
#include "drop_tool.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "ksym.h"
#include "tape.h"

/* Entries of the tape that are this tool's own. */
#define TAPE_SYMBOL 1
#define TAPE_STACK 2
#define TAPE_REASON 3

struct taped_symbol {
	uint64_t addr, start;
	char name[128];
	char module[56];
};

struct taped_stack {
	uint64_t hash;
	uint64_t ip[NT_STACK_STORED(NT_STACK_DEPTH_MAX)];
};

struct taped_reason {
	uint32_t value, pad;
	char name[64];
};

struct drop_places {
	struct nt_ksyms *syms;      /* NULL on replay */
	struct nt_reasons *reasons; /* NULL on replay */
	bool hidden;                /* the kernel shows no addresses */
	/* Hashes of stacks in the order of first sight: their numbers. */
	uint64_t *stack_id;
	uint32_t n_ids, room_ids;
	/* From the tape; when recording what is on it already. */
	struct taped_symbol *symbol;
	struct taped_stack *stack;
	struct taped_reason *reason;
	uint32_t n_symbols, room_symbols, n_stacks, room_stacks, n_reasons, room_reasons;
};

/* One more element of size bytes in *v, zeroed; NULL: no memory. */
static void *append(void *v, uint32_t *n, uint32_t *room, size_t size)
{
	char **list = v;
	uint32_t more = *room ? *room * 2 : 16;
	char *p = *n < *room ? *list : realloc(*list, more * size);

	if (!p)
		return NULL;
	if (*n == *room)
		*room = more;
	*list = p;
	p += size * (*n)++;
	return memset(p, 0, size);
}

/* --- at the start --- */

static const struct {
	const char *name;
	uint8_t kind;
} kinds[] = {
#define F(name, kind) { #name, DROP_FN_##kind },
#include "drop_functions.def"
#undef F
};

const char *const drop_functions[] = {
#define F(name, kind) #name,
#include "drop_functions.def"
#undef F
	NULL,
};

const char *const drop_types[] = { NT_REASON_ENUM, NT_REASON_ENUM_OVS, NULL };

struct span {
	uint64_t start, end;
	uint8_t kind;
};

static int by_start(const void *a, const void *b)
{
	uint64_t x = ((const struct span *)a)->start, y = ((const struct span *)b)->start;

	return (x > y) - (x < y);
}

/* The functions' places, sorted, into the settings. How many. */
static uint32_t fill_functions(struct drop_kcfg *k, const struct nt_ksym_want *w)
{
	struct span v[DROP_FNS];
	uint32_t n = 0, i, j;

	for (i = 0; i < NT_ARRAY_SIZE(kinds); i++)
		for (j = 0; j < w[i].n_parts && n < DROP_FNS; j++)
			v[n++] = (struct span){ w[i].parts[j].start, w[i].parts[j].end,
						kinds[i].kind };
	qsort(v, n, sizeof(v[0]), by_start);
	for (i = 0; i < DROP_FNS; i++) {
		k->fn_start[i] = i < n ? v[i].start : UINT64_MAX;
		k->fn_end[i] = i < n ? v[i].end : UINT64_MAX;
		k->fn_kind[i] = i < n ? v[i].kind : 0;
	}
	return n;
}

static uint8_t reason_kind(const char *name)
{
	if (!strcmp(name, "NOT_SPECIFIED"))
		return DROP_R_NONE;
	if (!strcmp(name, "NO_SOCKET"))
		return DROP_R_NO_SOCKET;
	if (!strcmp(name, "SOCKET_CLOSE") || !strncmp(name, "UNIX_", 5))
		return DROP_R_TEARDOWN;
	if (!strcmp(name, "QUEUE_PURGE"))
		return DROP_R_PURGE;
	return !strcmp(name, "PACKET_SOCK_ERROR") ? DROP_R_TAP : 0;
}

/* Where no names are known every reason is as good as none: the place decides. */
static void fill_reasons(struct drop_kcfg *k, const struct nt_reasons *r)
{
	uint32_t i, value;

	memset(k->reason_kind, nt_reasons_known(r) ? 0 : DROP_R_NONE, sizeof(k->reason_kind));
	k->reason_kind[0] = DROP_R_NONE;
	for (i = 0; i < nt_reasons_count(r); i++) {
		const char *name = nt_reasons_at(r, i, &value);

		if (name && value < DROP_REASONS)
			k->reason_kind[value] = reason_kind(name);
	}
}

struct drop_places *drop_places_of(const struct nt_run *run)
{
	return ((const struct drop_base *)run->state)->places;
}

struct drop_places *drop_places_new(void)
{
	return calloc(1, sizeof(struct drop_places));
}

int drop_places_open(struct nt_run *run, const struct nt_ksym_want *functions, struct nt_err *err)
{
	struct drop_places *p = drop_places_of(run);
	const struct nt_kernel_module *ovs = nt_kernel_module(&run->kernel, "openvswitch");

	p->syms = nt_ksyms_new();
	p->reasons = nt_reasons_load(run->kernel.vmlinux.btf, ovs ? ovs->btf.btf : NULL);
	if (!p->syms || !p->reasons)
		return nt_errf(err, NT_EXIT_RUNTIME, ENOMEM, "out of memory");
	fill_reasons(run->kcfg, p->reasons);
	p->hidden = !fill_functions(run->kcfg, functions);
	return 0;
}

const struct nt_reasons *drop_places_reasons(const struct drop_places *p)
{
	return p->reasons;
}

bool drop_places_reasoned(const struct drop_places *p)
{
	return p->reasons ? nt_reasons_known(p->reasons) : p->n_reasons > 0;
}

bool drop_places_hidden(const struct drop_places *p)
{
	return p->hidden;
}

void drop_places_free(struct drop_places *p)
{
	if (!p)
		return;
	nt_ksyms_free(p->syms);
	nt_reasons_free(p->reasons);
	free(p->stack_id);
	free(p->symbol);
	free(p->stack);
	free(p->reason);
	free(p);
}

/* --- functions --- */

static const struct taped_symbol *find_symbol(const struct drop_places *p, uint64_t addr)
{
	uint32_t i;

	for (i = 0; i < p->n_symbols; i++)
		if (p->symbol[i].addr == addr)
			return &p->symbol[i];
	return NULL;
}

static void symbol_of(const struct drop_places *p, uint64_t addr, struct taped_symbol *s)
{
	const struct taped_symbol *known = p->syms ? NULL : find_symbol(p, addr);
	struct nt_ksym k;

	memset(s, 0, sizeof(*s));
	s->addr = addr;
	if (known)
		*s = *known;
	if (!p->syms || !nt_ksyms_get(p->syms, addr, &k) || !k.name)
		return;
	s->start = k.start;
	snprintf(s->name, sizeof(s->name), "%s", k.name);
	snprintf(s->module, sizeof(s->module), "%s", k.module ? k.module : "");
}

void drop_place_of(struct nt_run *run, uint64_t addr, struct drop_place *pl)
{
	struct taped_symbol s;

	memset(pl, 0, sizeof(*pl));
	symbol_of(drop_places_of(run), addr, &s);
	if (!s.name[0]) {
		snprintf(pl->text, sizeof(pl->text), "0x%" PRIx64, addr);
		return;
	}
	pl->offset = addr - s.start;
	snprintf(pl->text, sizeof(pl->text),
		 s.module[0] ? "%s+0x%" PRIx64 " [%s]" : "%s+0x%" PRIx64, s.name, pl->offset,
		 s.module);
	s.name[strcspn(s.name, ".")] = 0;
	memcpy(pl->function, s.name, sizeof(pl->function));
	memcpy(pl->module, s.module, sizeof(pl->module));
}

/* --- stacks --- */

static const struct taped_stack *find_stack(const struct drop_places *p, uint64_t hash)
{
	uint32_t i;

	for (i = 0; i < p->n_stacks; i++)
		if (p->stack[i].hash == hash)
			return &p->stack[i];
	return NULL;
}

/* The frames as they are stored, zeroes behind them. */
static bool read_stack(struct nt_run *run, uint64_t hash, struct taped_stack *s)
{
	const struct taped_stack *known = find_stack(drop_places_of(run), hash);
	int fd;

	memset(s, 0, sizeof(*s));
	s->hash = hash;
	if (known)
		*s = *known;
	if (known || run->replay || !hash)
		return known;
	fd = nt_run_map_fd(run, "nt_stacks");
	return fd >= 0 && !bpf_map_lookup_elem(fd, &hash, s->ip);
}

static uint32_t stack_number(struct drop_places *p, uint64_t hash)
{
	uint64_t *new;
	uint32_t i;

	for (i = 0; i < p->n_ids; i++)
		if (p->stack_id[i] == hash)
			return i + 1;
	new = append(&p->stack_id, &p->n_ids, &p->room_ids, sizeof(*new));
	if (!new)
		return 0;
	*new = hash;
	return p->n_ids;
}

/* The way from the freeing function to this program: not part of the stack. */
static bool is_plumbing(const char *name)
{
	return !strncmp(name, "bpf_", 4) || !strncmp(name, "__bpf_", 6) ||
	       !strncmp(name, "__traceiter_", 12) || !strncmp(name, "kfree_skb", 9) ||
	       !strcmp(name, "sk_skb_reason_drop");
}

bool drop_stack_get(struct nt_run *run, const struct drop_spot *spot, uint32_t depth,
		    struct drop_stack *s)
{
	struct drop_places *p = drop_places_of(run);
	struct taped_stack t;
	struct taped_symbol sym;
	uint32_t i = 0;

	memset(s, 0, sizeof(*s));
	if (!spot->stack || !read_stack(run, spot->stack, &t))
		return false;
	s->id = stack_number(p, spot->stack);
	/* Where the place itself is not in the stack, it begins with the plumbing. */
	while (i < NT_ARRAY_SIZE(t.ip) && t.ip[0] != spot->place) {
		symbol_of(p, t.ip[i], &sym);
		if (!is_plumbing(sym.name))
			break;
		i++;
	}
	for (; i < NT_ARRAY_SIZE(t.ip) && t.ip[i] && s->n < depth; i++)
		s->ip[s->n++] = t.ip[i];
	s->cut = i < NT_ARRAY_SIZE(t.ip) && t.ip[i];
	return true;
}

/* --- learning names, and the tape --- */

static void tape_symbol(struct nt_run *run, uint64_t addr)
{
	struct drop_places *p = drop_places_of(run);
	struct taped_symbol *new;

	if (!run->record || find_symbol(p, addr))
		return;
	new = append(&p->symbol, &p->n_symbols, &p->room_symbols, sizeof(*new));
	if (!new)
		return;
	symbol_of(p, addr, new);
	nt_tape_write(run->record, NT_TAPE_DATA, TAPE_SYMBOL, new, sizeof(*new));
}

static void tape_stack(struct nt_run *run, const struct taped_stack *s)
{
	struct drop_places *p = drop_places_of(run);
	struct taped_stack *new;

	if (!run->record || find_stack(p, s->hash))
		return;
	new = append(&p->stack, &p->n_stacks, &p->room_stacks, sizeof(*new));
	if (!new)
		return;
	*new = *s;
	nt_tape_write(run->record, NT_TAPE_DATA, TAPE_STACK, new, sizeof(*new));
}

static void tape_reasons(struct nt_run *run)
{
	struct drop_places *p = drop_places_of(run);
	struct taped_reason *new;
	const char *name;
	uint32_t i, value;

	for (i = p->n_reasons; run->record && i < nt_reasons_count(p->reasons); i++) {
		name = nt_reasons_at(p->reasons, i, &value);
		new = append(&p->reason, &p->n_reasons, &p->room_reasons, sizeof(*new));
		if (!new)
			return;
		new->value = value;
		snprintf(new->name, sizeof(new->name), "%s", name ? name : "");
		nt_tape_write(run->record, NT_TAPE_DATA, TAPE_REASON, new, sizeof(*new));
	}
}

union taped {
	struct taped_symbol symbol;
	struct taped_stack stack;
	struct taped_reason reason;
};

/* Where an entry of this number and size goes; NULL: there is none such. */
static void *taped_place(struct drop_places *p, uint32_t id, size_t size)
{
	if (id == TAPE_SYMBOL && size == sizeof(struct taped_symbol))
		return append(&p->symbol, &p->n_symbols, &p->room_symbols, size);
	if (id == TAPE_STACK && size == sizeof(struct taped_stack))
		return append(&p->stack, &p->n_stacks, &p->room_stacks, size);
	if (id == TAPE_REASON && size == sizeof(struct taped_reason))
		return append(&p->reason, &p->n_reasons, &p->room_reasons, size);
	return NULL;
}

/* Names of a tape are text from elsewhere. */
static bool taped_is_sound(uint32_t id, const union taped *u)
{
	if (id == TAPE_SYMBOL)
		return nt_tape_is_text(u->symbol.name, sizeof(u->symbol.name)) &&
		       nt_tape_is_text(u->symbol.module, sizeof(u->symbol.module));
	return id != TAPE_REASON || nt_tape_is_text(u->reason.name, sizeof(u->reason.name));
}

static int learn_from_tape(struct nt_run *run)
{
	union taped u;
	uint32_t id;
	void *new;
	int r;

	while ((r = nt_tape_read(run->replay, NT_TAPE_DATA, &id, &u, sizeof(u))) >= 0) {
		new = taped_place(drop_places_of(run), id, (size_t)r);
		if (!new || !taped_is_sound(id, &u))
			return -EBADMSG;
		memcpy(new, &u, (size_t)r);
	}
	r = nt_tape_read(run->replay, NT_TAPE_END, NULL, &u, sizeof(u));
	return r < 0 ? -EBADMSG : 0;
}

struct addrs {
	uint64_t *v;
	uint32_t n, room;
};

static void add_addr(struct addrs *a, uint64_t addr)
{
	uint64_t *new = addr ? append(&a->v, &a->n, &a->room, sizeof(*new)) : NULL;

	if (new)
		*new = addr;
}

int drop_places_learn(struct nt_run *run, const struct drop_spot *v, uint32_t n)
{
	struct drop_places *p = drop_places_of(run);
	struct addrs a = { 0 };
	struct taped_stack s;
	uint32_t i, j;
	int r = 0;

	if (run->replay)
		return learn_from_tape(run);
	for (i = 0; i < n; i++) {
		add_addr(&a, v[i].place);
		if (!read_stack(run, v[i].stack, &s))
			continue;
		for (j = 0; j < NT_ARRAY_SIZE(s.ip); j++)
			add_addr(&a, s.ip[j]);
		tape_stack(run, &s);
	}
	if (a.n)
		r = nt_ksyms_resolve(p->syms, a.v, a.n);
	p->hidden |= r == -EPERM;
	for (i = 0; i < a.n; i++)
		tape_symbol(run, a.v[i]);
	tape_reasons(run);
	free(a.v);
	if (run->record)
		nt_tape_write(run->record, NT_TAPE_END, 0, NULL, 0);
	/* Without names there are still addresses. */
	return 0;
}

/* --- reasons --- */

const char *drop_reason_text(struct nt_run *run, uint32_t flags, uint32_t reason, char *buf,
			     size_t len)
{
	const struct drop_places *p = drop_places_of(run);
	uint32_t i;

	if (!(flags & DROP_ROW_REASON))
		return NULL;
	if (p->reasons)
		return nt_reason_format(p->reasons, reason, buf, (uint32_t)len);
	for (i = 0; i < p->n_reasons; i++)
		if (p->reason[i].value == reason)
			return nt_fmt_name(p->reason[i].name, sizeof(p->reason[i].name), buf, len);
	snprintf(buf, len, "%u", reason);
	return buf;
}
