// SPDX-License-Identifier: GPL-2.0-or-later
/* Values as text: the inverse of nt_opt_read(). */
#include "opt.h"
#include "parse.h"
#include "types.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

/* Like snprintf() into the rest of a buffer; counts what it wanted. */
struct text {
	char *buf;
	size_t len;
	size_t n;
};

__attribute__((format(printf, 2, 3))) static void put(struct text *t, const char *fmt, ...)
{
	size_t room = t->n < t->len ? t->len - t->n : 0;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(room ? t->buf + t->n : NULL, room, fmt, ap);
	va_end(ap);
	if (n > 0)
		t->n += (size_t)n;
}

/* "1.5ms": exact to the nanosecond, no idle zeros. */
static void put_duration(struct text *t, uint64_t ns, const char *unit)
{
	uint64_t mult, frac;
	char digits[24];
	size_t n = 0;

	unit = unit ? unit : "s";
	mult = nt_unit_ns(unit);
	/* Thirds of a minute or an hour have no end: smaller units then. */
	if (mult > 1000000000 && ns % mult) {
		unit = "s";
		mult = 1000000000;
	}
	if (!mult) {
		unit = "ns";
		mult = 1;
	}
	put(t, "%" PRIu64, ns / mult);
	for (frac = ns % mult; frac && n + 1 < sizeof(digits); frac %= mult) {
		frac *= 10;
		digits[n++] = (char)('0' + frac / mult);
	}
	if (n)
		put(t, ".%.*s", (int)n, digits);
	put(t, "%s", unit);
}

static void put_size(struct text *t, uint64_t v)
{
	static const char *const suffix[] = { "", "K", "M", "G", "T" };
	size_t i = 0;

	for (; i < 4 && v && v % 1024 == 0; i++)
		v /= 1024;
	put(t, "%" PRIu64 "%s", v, suffix[i]);
}

static uint32_t prefix_length(const struct nt_addr *a)
{
	uint32_t n = 0;

	for (int i = 0; i < 4; i++)
		n += (uint32_t)__builtin_popcount(a->mask[i]);
	return n;
}

static void put_addrs(struct text *t, const struct nt_addrs *l)
{
	uint32_t whole = l->family == 4 ? 32 : 128;
	char name[INET6_ADDRSTRLEN];

	for (uint32_t i = 0; i < l->n && i < NT_MAX_ADDRS; i++) {
		uint32_t len = prefix_length(&l->a[i]);

		if (!inet_ntop(l->family == 4 ? AF_INET : AF_INET6, l->a[i].addr, name,
			       sizeof(name)))
			name[0] = '\0';
		put(t, "%s%s", i ? "," : "", name);
		if (len != whole)
			put(t, "/%u", len);
	}
	if (!l->n)
		put(t, "any");
}

static void put_ports(struct text *t, const struct nt_ports *l)
{
	for (uint32_t i = 0; i < l->n && i < NT_MAX_PORTS; i++)
		put(t, "%s%u", i ? "," : "", l->p[i]);
	if (!l->n)
		put(t, "any");
}

static void put_names(struct text *t, const struct nt_names *l)
{
	for (uint32_t i = 0; i < l->n && i < NT_MAX_NAMES; i++)
		put(t, "%s%.*s", i ? "," : "", (int)sizeof(l->name[i]), l->name[i]);
	if (!l->n)
		put(t, "any");
}

static void put_protos(struct text *t, uint32_t set)
{
	static const struct {
		uint32_t bit;
		const char *name;
	} known[] = { { NT_PROTO_TCP, "tcp" },
		      { NT_PROTO_UDP, "udp" },
		      { NT_PROTO_ICMP, "icmp" },
		      { NT_PROTO_ICMP6, "icmp6" } };
	const char *comma = "";

	if (!set)
		put(t, "all");
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (set & known[i].bit) {
			put(t, "%s%s", comma, known[i].name);
			comma = ",";
		}
	}
	if (set & NT_PROTO_OTHER)
		put(t, "%s%u", comma, set >> 8);
}

static uint32_t get_u32(const void *field)
{
	uint32_t v;

	memcpy(&v, field, sizeof(v));
	return v;
}

static uint64_t get_u64(const void *field)
{
	uint64_t v;

	memcpy(&v, field, sizeof(v));
	return v;
}

static void put_string(struct text *t, const void *field)
{
	const char *s;

	memcpy(&s, field, sizeof(s));
	put(t, "%s", s ? s : "");
}

static void put_choice(struct text *t, const char *choices, uint32_t index)
{
	struct nt_span name;

	if (choices && nt_choice_name(choices, index, &name))
		put(t, "%.*s", (int)name.n, name.s);
	else
		put(t, "%u", index);
}

int nt_opt_format(const struct nt_opt *o, const void *field, char *buf, size_t len)
{
	struct text t = { buf, len, 0 };

	if (len)
		buf[0] = '\0';
	switch (o->type) {
	case NT_OPT_FLAG:
		put(&t, "%s", *(const bool *)field ? "on" : "off");
		break;
	case NT_OPT_U32:
		put(&t, "%u", get_u32(field));
		break;
	case NT_OPT_U64:
		put(&t, "%" PRIu64, get_u64(field));
		break;
	case NT_OPT_DURATION:
		put_duration(&t, get_u64(field), o->unit);
		break;
	case NT_OPT_SIZE:
		put_size(&t, get_u64(field));
		break;
	case NT_OPT_STRING:
		put_string(&t, field);
		break;
	case NT_OPT_CHOICE:
		put_choice(&t, o->choices, get_u32(field));
		break;
	case NT_OPT_ADDRS:
		put_addrs(&t, field);
		break;
	case NT_OPT_PORTS:
		put_ports(&t, field);
		break;
	case NT_OPT_IFACES:
		put_names(&t, field);
		break;
	case NT_OPT_PROTO:
		put_protos(&t, get_u32(field));
		break;
	default:
		break;
	}
	return (int)t.n;
}
