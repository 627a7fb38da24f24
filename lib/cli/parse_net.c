// SPDX-License-Identifier: GPL-2.0-or-later
/* Addresses, ports, protocols and interface names. */
#include "opt.h"
#include "parse.h"
#include "types.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Room for "an IPv6 address / length". */
#define ADDR_TEXT 64

/* Copy a list entry as a string; false if it does not fit. */
static bool entry_text(struct nt_span p, char *buf, size_t len)
{
	if (p.n >= len)
		return false;
	memcpy(buf, p.s, p.n);
	memset(buf + p.n, 0, len - p.n);
	return true;
}

/* The entry for an error message, however long it is. */
static const char *entry_quote(struct nt_span p, char q[NT_QUOTE_LEN])
{
	char buf[NT_QUOTE_LEN];

	if (p.n >= sizeof(buf))
		p.n = sizeof(buf) - 1;
	memcpy(buf, p.s, p.n);
	buf[p.n] = '\0';
	return nt_quote(buf, q);
}

static int empty_entry(const char *s, struct nt_err *err)
{
	char q[NT_QUOTE_LEN];

	if (!*s)
		return nt_errf(err, NT_EXIT_USAGE, EINVAL, "the value is empty");
	return nt_errf(err, NT_EXIT_USAGE, EINVAL, "'%s' has an empty entry: check the commas",
		       nt_quote(s, q));
}

/* Set the mask and clear the host bits. */
static void set_prefix(struct nt_addr *a, uint32_t words, uint32_t bits)
{
	for (uint32_t i = 0; i < 4; i++) {
		uint32_t n = bits > 32 * i ? bits - 32 * i : 0;

		if (i >= words || !n)
			a->mask[i] = 0;
		else
			a->mask[i] = n >= 32 ? UINT32_MAX : htonl(~(UINT32_MAX >> n));
		a->addr[i] &= a->mask[i];
	}
}

static int parse_addr(struct nt_span p, struct nt_addr *a, uint32_t *family, struct nt_err *err)
{
	char text[ADDR_TEXT], q[NT_QUOTE_LEN], *slash;
	uint64_t bits = 0, most;

	memset(a, 0, sizeof(*a));
	if (!entry_text(p, text, sizeof(text)))
		goto bad;
	slash = strchr(text, '/');
	if (slash)
		*slash = '\0';
	if (inet_pton(AF_INET, text, a->addr) == 1)
		*family = 4;
	else if (inet_pton(AF_INET6, text, a->addr) == 1)
		*family = 6;
	else
		goto bad;
	most = *family == 4 ? 32 : 128;
	bits = most;
	if (slash && nt_parse_u64(slash + 1, 0, most, &bits, NULL))
		return nt_errf(err, NT_EXIT_USAGE, EINVAL,
			       "'%s': the length of an IPv%u prefix is 0 to %u", entry_quote(p, q),
			       *family, (unsigned int)most);
	set_prefix(a, *family == 4 ? 1 : 4, (uint32_t)bits);
	return 0;
bad:
	return nt_errf(err, NT_EXIT_USAGE, EINVAL, "'%s' is not an IPv4 or IPv6 address or prefix",
		       entry_quote(p, q));
}

int nt_parse_addrs(const char *s, struct nt_addrs *out, struct nt_err *err)
{
	struct nt_addrs list = { 0 };
	const char *rest = s;
	char q[NT_QUOTE_LEN];
	struct nt_span p;
	uint32_t family = 0;
	int r;

	while (strcmp(s, "any") && nt_span_next(&rest, ',', &p)) {
		nt_span_trim(&p);
		if (!p.n)
			return empty_entry(s, err);
		if (list.n == NT_MAX_ADDRS)
			return nt_errf(err, NT_EXIT_USAGE, EINVAL,
				       "more than %d addresses; a prefix (10.0.0.0/24) takes many",
				       NT_MAX_ADDRS);
		r = parse_addr(p, &list.a[list.n], &family, err);
		if (r)
			return r;
		if (list.n && family != list.family)
			return nt_errf(err, NT_EXIT_USAGE, EINVAL,
				       "'%s' mixes IPv4 and IPv6; give one family at a time",
				       nt_quote(s, q));
		list.family = family;
		list.n++;
	}
	*out = list;
	return 0;
}

int nt_parse_ports(const char *s, struct nt_ports *out, struct nt_err *err)
{
	struct nt_ports list = { 0 };
	const char *rest = s;
	char text[24], q[NT_QUOTE_LEN];
	struct nt_span p;
	uint64_t port = 0;

	if (!strcmp(s, "0") || !strcmp(s, "any"))
		rest = NULL;
	while (nt_span_next(&rest, ',', &p)) {
		nt_span_trim(&p);
		if (!p.n)
			return empty_entry(s, err);
		if (!entry_text(p, text, sizeof(text)) ||
		    nt_parse_u64(text, 1, UINT16_MAX, &port, NULL))
			return nt_errf(err, NT_EXIT_USAGE, EINVAL, "'%s' is not a port: 1-65535%s",
				       entry_quote(p, q),
				       nt_span_is(p, "0") ? "; 0 (any) stands alone" : "");
		if (list.n == NT_MAX_PORTS)
			return nt_errf(err, NT_EXIT_USAGE, EINVAL, "more than %d ports",
				       NT_MAX_PORTS);
		list.p[list.n++] = (uint16_t)port;
	}
	*out = list;
	return 0;
}

/* The kernel's dev_valid_name(). NULL if good, else what is wrong. */
static const char *name_fault(struct nt_span p)
{
	if (p.n >= NT_IFNAMSIZ)
		return "longer than 15 characters";
	if (nt_span_is(p, ".") || nt_span_is(p, ".."))
		return "reserved";
	for (size_t i = 0; i < p.n; i++) {
		if (p.s[i] == '/' || p.s[i] == ':' || strchr(" \t\n\v\f\r", p.s[i]))
			return "no blanks, ':' or '/' in it";
	}
	return NULL;
}

static bool has_name(const struct nt_names *l, const char *name)
{
	for (uint32_t i = 0; i < l->n; i++) {
		if (!strcmp(l->name[i], name))
			return true;
	}
	return false;
}

int nt_parse_names(const char *s, struct nt_names *out, struct nt_err *err)
{
	struct nt_names list = { 0 };
	char name[NT_IFNAMSIZ], q[NT_QUOTE_LEN];
	const char *rest = s, *fault;
	struct nt_span p;

	while (nt_span_next(&rest, ',', &p)) {
		nt_span_trim(&p);
		if (!p.n)
			return empty_entry(s, err);
		fault = name_fault(p);
		if (fault)
			return nt_errf(err, NT_EXIT_USAGE, EINVAL,
				       "'%s' is not an interface name: %s", entry_quote(p, q),
				       fault);
		entry_text(p, name, sizeof(name));
		if (has_name(&list, name))
			continue;
		if (list.n == NT_MAX_NAMES)
			return nt_errf(err, NT_EXIT_USAGE, EINVAL, "more than %d interfaces",
				       NT_MAX_NAMES);
		memcpy(list.name[list.n++], name, sizeof(name));
	}
	*out = list;
	return 0;
}

static uint32_t proto_bits(uint64_t number)
{
	switch (number) {
	case 1:
		return NT_PROTO_ICMP;
	case 6:
		return NT_PROTO_TCP;
	case 17:
		return NT_PROTO_UDP;
	case 58:
		return NT_PROTO_ICMP6;
	default:
		return NT_PROTO_OTHER | (uint32_t)number << 8;
	}
}

static bool proto_entry(struct nt_span p, uint32_t *bits)
{
	static const struct {
		const char *name;
		uint32_t bits;
	} known[] = { { "tcp", NT_PROTO_TCP },
		      { "udp", NT_PROTO_UDP },
		      { "icmp", NT_PROTO_ICMP },
		      { "icmp6", NT_PROTO_ICMP6 },
		      { "icmpv6", NT_PROTO_ICMP6 } };
	uint64_t number = 0;
	char text[24];

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (nt_span_is(p, known[i].name)) {
			*bits = known[i].bits;
			return true;
		}
	}
	if (!entry_text(p, text, sizeof(text)) || nt_parse_u64(text, 0, 255, &number, NULL))
		return false;
	*bits = proto_bits(number);
	return true;
}

int nt_parse_protos(const char *s, uint32_t *out, struct nt_err *err)
{
	uint32_t set = 0, bits = 0;
	const char *rest = s;
	char q[NT_QUOTE_LEN];
	struct nt_span p;

	if (!strcmp(s, "all"))
		rest = NULL;
	while (nt_span_next(&rest, ',', &p)) {
		nt_span_trim(&p);
		if (!p.n)
			return empty_entry(s, err);
		if (!proto_entry(p, &bits))
			return nt_errf(err, NT_EXIT_USAGE, EINVAL,
				       "'%s' is not a protocol: tcp, udp, icmp, icmp6, a number "
				       "0-255, or all alone",
				       entry_quote(p, q));
		if ((set & NT_PROTO_OTHER) && (bits & NT_PROTO_OTHER) && set >> 8 != bits >> 8)
			return nt_errf(err, NT_EXIT_USAGE, EINVAL,
				       "'%s': only one protocol besides tcp, udp, icmp, icmp6",
				       nt_quote(s, q));
		set |= bits;
	}
	*out = set;
	return 0;
}
