// SPDX-License-Identifier: GPL-2.0-or-later
/* Reasons: which ones are asked for, and what stands for them where the kernel gives none. */
#include "drop_tool.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cleanup.h"

static const struct {
	const char *pattern, *hint;
} hints[] = {
#define H(pattern, hint) { pattern, hint },
#include "drop_hints.def"
#undef H
};

/* --- by the function --- */

static bool fits(const char *pattern, const char *name)
{
	size_t n = strlen(pattern), m = strlen(name);

	if (pattern[0] == '*')
		return m >= n - 1 && !strcmp(name + m - (n - 1), pattern + 1);
	if (pattern[n - 1] == '*')
		return !strncmp(name, pattern, n - 1);
	return !strcmp(name, pattern);
}

const char *drop_hint(const char *function)
{
	size_t i;

	for (i = 0; function[0] && i < NT_ARRAY_SIZE(hints); i++)
		if (fits(hints[i].pattern, function))
			return hints[i].hint;
	return NULL;
}

bool drop_informational(const char *reason, const char *function)
{
	static const char *const reasons[] = { "OTHERHOST", "TCP_OLD_DATA", "TCP_OFOMERGE",
					       "TCP_OFO_DROP", "DUP_FRAG" };
	bool unsaid = !reason || !strcmp(reason, "NOT_SPECIFIED");
	size_t i;

	for (i = 0; reason && i < NT_ARRAY_SIZE(reasons); i++)
		if (!strcmp(reason, reasons[i]))
			return true;
	return !strcmp(function, "tun_queue_purge") ||
	       (unsaid && !strcmp(function, "ip6_mc_input"));
}

/* --- what was asked for --- */

int drop_asked_parse(const char *list, struct drop_asked *a, struct nt_err *err)
{
	const char *s;
	char q[NT_QUOTE_LEN];
	size_t n;

	a->n = 0;
	for (s = list; s; s = s[n] ? s + n + 1 : NULL) {
		n = strcspn(s, ",");
		if (!n || n >= sizeof(a->name[0]))
			return nt_errf(err, NT_EXIT_USAGE, EINVAL,
				       n ? "--reason: a name is too long in '%s'" :
					   "--reason: a name is missing in '%s'",
				       nt_quote(list, q));
		if (a->n == DROP_ASKED)
			return nt_errf(err, NT_EXIT_USAGE, EINVAL,
				       "--reason: at most %d names can be given", DROP_ASKED);
		memcpy(a->name[a->n], s, n);
		a->name[a->n++][n] = 0;
	}
	return 0;
}

#define NAME_MAX_LEN 64

/*
 * Reason number i that can be derived, by the hints' order, not all of them
 * different: "NO_SOCKET/UDP_CSUM" is two. NULL: there are no more.
 */
static const char *derived_name(uint32_t i, char buf[NAME_MAX_LEN])
{
	const char *p;
	size_t h, n;

	for (h = 0; h < NT_ARRAY_SIZE(hints); h++) {
		for (p = hints[h].hint; p; p = p[n] ? p + n + 1 : NULL) {
			n = strcspn(p, "/");
			if (n >= NAME_MAX_LEN || i--)
				continue;
			memcpy(buf, p, n);
			buf[n] = 0;
			return buf;
		}
	}
	return NULL;
}

/* Name number i: of the kernel's, or, where it has none, of those that are derived. */
static const char *name_at(const struct nt_reasons *r, uint32_t i, char buf[NAME_MAX_LEN])
{
	uint32_t value;

	return nt_reasons_known(r) ? nt_reasons_at(r, i, &value) : derived_name(i, buf);
}

static const char *without_prefix(const char *name)
{
	static const char prefix[] = "SKB_DROP_REASON_";

	return strncasecmp(name, prefix, sizeof(prefix) - 1) ? name : name + sizeof(prefix) - 1;
}

/* The name with another case, or one that is near. */
static int unknown(const char *name, const struct nt_reasons *r, struct nt_err *err)
{
	char upper[NAME_MAX_LEN], buf[NAME_MAX_LEN], best[NAME_MAX_LEN] = "", q[NT_QUOTE_LEN];
	const char *s, *two[2] = { best };
	uint32_t i;
	size_t n;

	name = without_prefix(name);
	for (n = 0; n < sizeof(upper) - 1 && name[n]; n++)
		upper[n] = (char)(name[n] >= 'a' && name[n] <= 'z' ? name[n] - 32 : name[n]);
	upper[n] = 0;
	for (i = 0; (s = name_at(r, i, buf)); i++) {
		two[1] = s;
		s = nt_suggest(upper, two, 2);
		if (s && s != best)
			snprintf(best, sizeof(best), "%s", s);
	}
	nt_quote(name, q);
	if (best[0])
		return nt_errf(err, NT_EXIT_USAGE, EINVAL,
			       "--reason: '%s' is no drop reason that this kernel %s; "
			       "did you mean '%s'?",
			       q, nt_reasons_known(r) ? "gives" : "lets derive", best);
	return nt_errf(err, NT_EXIT_USAGE, EINVAL,
		       "--reason: '%s' is no drop reason that this kernel %s; "
		       "'--group-by reason' shows those that occur",
		       q, nt_reasons_known(r) ? "gives" : "lets derive");
}

/* Is the name all of the hint, or one of its parts? */
static bool hint_has(const char *hint, const char *name)
{
	size_t n, len = strlen(name);

	if (!strcasecmp(hint, name))
		return true;
	for (; hint; hint = hint[n] ? hint + n + 1 : NULL) {
		n = strcspn(hint, "/");
		if (n == len && !strncasecmp(hint, name, n))
			return true;
	}
	return false;
}

static bool can_be_derived(const char *name)
{
	size_t i;

	for (i = 0; i < NT_ARRAY_SIZE(hints); i++)
		if (hint_has(hints[i].hint, without_prefix(name)))
			return true;
	return false;
}

bool drop_asked_derived(const struct drop_asked *a, const char *function)
{
	const char *hint = drop_hint(function);
	uint32_t i;

	for (i = 0; hint && i < a->n; i++)
		if (hint_has(hint, without_prefix(a->name[i])))
			return true;
	return false;
}

int drop_asked_resolve(const struct drop_asked *a, const struct drop_places *p, struct drop_kcfg *k,
		       struct nt_err *err)
{
	const struct nt_reasons *r = drop_places_reasons(p);
	bool given = nt_reasons_known(r);
	uint32_t i;

	if (a->n && !given && drop_places_hidden(p))
		return nt_errf(
			err, NT_EXIT_IMPOSSIBLE, EPERM,
			"--reason: this kernel gives no reasons and hides the addresses that "
			"they could be derived from; set kernel.kptr_restrict to 0 or 1 and "
			"give CAP_SYSLOG");
	for (i = 0; i < a->n; i++)
		if (given ? nt_reason_value(r, a->name[i], &k->ask[i]) != 0 :
			    !can_be_derived(a->name[i]))
			return unknown(a->name[i], r, err);
	k->asked = given ? a->n : 0;
	for (i = k->asked; k->asked && i < DROP_ASKED; i++)
		k->ask[i] = k->ask[0];
	return 0;
}

/* --- completion --- */

void drop_reason_names(const char *metavar, void (*add)(void *to, const char *name), void *to)
{
	char buf[NAME_MAX_LEN];
	struct nt_reasons *r;
	const char *name;
	struct btf *btf, *ovs = NULL;
	uint32_t i;

	if (strncmp(metavar, "REASON", 6) != 0)
		return;
	btf = btf__load_vmlinux_btf();
	if (libbpf_get_error(btf))
		btf = NULL;
	if (btf)
		ovs = btf__load_module_btf("openvswitch", btf);
	if (libbpf_get_error(ovs))
		ovs = NULL;
	r = nt_reasons_load(btf, ovs);
	btf__free(ovs);
	btf__free(btf);
	for (i = 0; r && (name = name_at(r, i, buf)); i++)
		add(to, name);
	nt_reasons_free(r);
}
