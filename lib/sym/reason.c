// SPDX-License-Identifier: GPL-2.0-or-later
#include "reason.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cleanup.h"
#include "procfs.h"
#include "reason_internal.h"

/* Kernel 6.18 has 130 and the subsystems a dozen each. */
#define REASONS_MAX 2048
#define NAME_MAX_LEN 64
/* The format file of kernel 6.18 has 7 KiB. */
#define FORMAT_MAX 65536
#define PREFIX "SKB_DROP_REASON_"

struct reason {
	uint32_t value;
	char name[NAME_MAX_LEN];
};

struct nt_reasons {
	uint32_t n, room;
	struct reason *v;
};

struct nt_reasons *nt_reasons_new(void)
{
	return calloc(1, sizeof(struct nt_reasons));
}

void nt_reasons_free(struct nt_reasons *r)
{
	if (!r)
		return;
	free(r->v);
	free(r);
}

static bool begins(const char *s, const char *with)
{
	return !strncmp(s, with, strlen(with));
}

/* Ends of the enum, not reasons; the format file of 6.1 lists the first one too. */
static bool is_limit(const char *name, size_t len)
{
	return (len == 3 && begins(name, "MAX")) || (len == 11 && begins(name, "SUBSYS_MASK"));
}

/* 1, 0 when it is not a name that the kernel gives a drop, or -ENOMEM. */
static int add(struct nt_reasons *r, const char *name, size_t len, uint64_t value)
{
	struct reason *v;
	uint32_t room;

	if (!len || len >= NAME_MAX_LEN || value > UINT32_MAX || r->n == REASONS_MAX)
		return 0;
	if (is_limit(name, len))
		return 0;
	if (r->n == r->room) {
		room = r->room ? 2 * r->room : 128;
		v = realloc(r->v, room * sizeof(*v));
		if (!v)
			return -ENOMEM;
		r->v = v;
		r->room = room;
	}
	v = &r->v[r->n++];
	v->value = (uint32_t)value;
	memcpy(v->name, name, len);
	v->name[len] = '\0';
	return 1;
}

/* An enum with all its names, of either kind. NULL when it is not there. */
static const struct btf_type *find_enum(const struct btf *btf, const char *name)
{
	int id = btf__find_by_name_kind(btf, name, BTF_KIND_ENUM);

	if (id < 0)
		id = btf__find_by_name_kind(btf, name, BTF_KIND_ENUM64);
	return id < 0 ? NULL : btf__type_by_id(btf, (uint32_t)id);
}

static const char *enumerator(const struct btf *btf, const struct btf_type *t, uint32_t i,
			      uint64_t *value)
{
	if (btf_is_enum(t)) {
		*value = (uint32_t)btf_enum(t)[i].val;
		return btf__name_by_offset(btf, btf_enum(t)[i].name_off);
	}
	*value = btf_enum64_value(&btf_enum64(t)[i]);
	return btf__name_by_offset(btf, btf_enum64(t)[i].name_off);
}

int nt_reasons_add_core(struct nt_reasons *r, const struct btf *btf)
{
	const struct btf_type *t = find_enum(btf, NT_REASON_ENUM);
	uint64_t value;
	uint32_t i;
	int n = 0, a;

	for (i = 0; t && i < btf_vlen(t); i++) {
		const char *name = enumerator(btf, t, i, &value);

		if (!name)
			continue;
		/* The first ones are SKB_NOT_DROPPED_YET and SKB_CONSUMED. */
		if (begins(name, PREFIX))
			name += strlen(PREFIX);
		else if (begins(name, "SKB_"))
			name += strlen("SKB_");
		a = add(r, name, strlen(name), value);
		if (a < 0)
			return a;
		n += a;
	}
	return n;
}

/*
 * The values have the subsystem in their upper half already, so that its number,
 * which is not the same in all kernels, need not be known.
 */
int nt_reasons_add_ovs(struct nt_reasons *r, const struct btf *btf)
{
	const struct btf_type *t = find_enum(btf, NT_REASON_ENUM_OVS);
	uint64_t value;
	uint32_t i;
	int n = 0, a;

	for (i = 0; t && i < btf_vlen(t); i++) {
		const char *name = enumerator(btf, t, i, &value);

		if (!name || !begins(name, "OVS_DROP_") || !strcmp(name, "OVS_DROP_MAX") ||
		    value <= UINT16_MAX)
			continue;
		a = add(r, name, strlen(name), value);
		if (a < 0)
			return a;
		n += a;
	}
	return n;
}

/*
 * One `{ 2, "NOT_SPECIFIED" }` at *s, which moves behind it. false where there is
 * something else, as a name in place of the number.
 */
static bool format_entry(const char **s, uint64_t *value, const char **name, size_t *len)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789_";
	const char *p = *s;
	char *end;

	p += strspn(p, " {");
	if (*p < '0' || *p > '9')
		return false;
	*value = strtoull(p, &end, 0);
	p = end + strspn(end, " ,");
	if (*p++ != '"')
		return false;
	*name = p;
	*len = strspn(p, letters);
	p += *len;
	if (*p++ != '"')
		return false;
	*s = p + strspn(p, " }");
	return true;
}

int nt_reasons_add_format(struct nt_reasons *r, const char *text)
{
	const char *s = strstr(text, "__print_symbolic(REC->reason,"), *name;
	uint64_t value;
	int n = 0, a;
	size_t len;

	s = s ? strchr(s, ',') : NULL;
	while (s && *s++ == ',' && format_entry(&s, &value, &name, &len)) {
		a = add(r, name, len, value);
		if (a < 0)
			return a;
		n += a;
	}
	return n;
}

static int by_value(const void *a, const void *b)
{
	const struct reason *x = a, *y = b;

	if (x->value != y->value)
		return x->value < y->value ? -1 : 1;
	return strcmp(x->name, y->name);
}

void nt_reasons_sort(struct nt_reasons *r)
{
	if (r->n)
		qsort(r->v, r->n, sizeof(*r->v), by_value);
}

static int load_format(struct nt_reasons *r)
{
	static const char *const paths[] = {
		"/sys/kernel/tracing/events/skb/kfree_skb/format",
		"/sys/kernel/debug/tracing/events/skb/kfree_skb/format",
	};
	NT_FREE char *text = malloc(FORMAT_MAX);
	size_t i;

	if (!text)
		return -ENOMEM;
	for (i = 0; i < NT_ARRAY_SIZE(paths); i++)
		if (nt_read_text(paths[i], text, FORMAT_MAX) >= 0)
			return nt_reasons_add_format(r, text);
	return 0;
}

struct nt_reasons *nt_reasons_load(const struct btf *vmlinux, const struct btf *ovs)
{
	struct nt_reasons *r = nt_reasons_new();
	int n;

	if (!r)
		return NULL;
	n = vmlinux ? nt_reasons_add_core(r, vmlinux) : 0;
	if (n == 0)
		n = load_format(r);
	if (n >= 0 && vmlinux) {
		n = nt_reasons_add_ovs(r, vmlinux);
		if (n == 0 && ovs)
			n = nt_reasons_add_ovs(r, ovs);
	}
	if (n < 0) {
		nt_reasons_free(r);
		return NULL;
	}
	nt_reasons_sort(r);
	return r;
}

bool nt_reasons_known(const struct nt_reasons *r)
{
	return r->n > 0;
}

const char *nt_reason_name(const struct nt_reasons *r, uint32_t value)
{
	uint32_t low = 0, high = r->n, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (r->v[mid].value < value)
			low = mid + 1;
		else
			high = mid;
	}
	return low < r->n && r->v[low].value == value ? r->v[low].name : NULL;
}

char *nt_reason_format(const struct nt_reasons *r, uint32_t value, char *buf, uint32_t len)
{
	const char *name = nt_reason_name(r, value);

	if (name)
		snprintf(buf, len, "%s", name);
	else
		snprintf(buf, len, value > UINT16_MAX ? "0x%" PRIx32 : "%" PRIu32, value);
	return buf;
}

int nt_reason_value(const struct nt_reasons *r, const char *name, uint32_t *value)
{
	unsigned long long number;
	uint32_t i;
	char *end;

	if (*name >= '0' && *name <= '9') {
		errno = 0;
		number = strtoull(name, &end, 0);
		if (*end || errno || number > UINT32_MAX)
			return -ENOENT;
		*value = (uint32_t)number;
		return 0;
	}
	if (!strncasecmp(name, PREFIX, strlen(PREFIX)))
		name += strlen(PREFIX);
	for (i = 0; i < r->n; i++) {
		if (!strcasecmp(r->v[i].name, name)) {
			*value = r->v[i].value;
			return 0;
		}
	}
	return -ENOENT;
}

uint32_t nt_reasons_count(const struct nt_reasons *r)
{
	return r->n;
}

const char *nt_reasons_at(const struct nt_reasons *r, uint32_t i, uint32_t *value)
{
	if (i >= r->n)
		return NULL;
	*value = r->v[i].value;
	return r->v[i].name;
}
