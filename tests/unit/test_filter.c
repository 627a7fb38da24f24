// SPDX-License-Identifier: GPL-2.0-or-later
/* The filter of the BPF side, compiled natively. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "filter.bpf.h"
#include "parse.bpf.h"
#include "seal.h"

#define BOTH (NT_FWD | NT_REV)

/* --- devices --- */

#define MULT 0x9e3779b1u

static void place(struct nt_filter *f, uint32_t ifindex, uint32_t inum, uint32_t role)
{
	f->dev[((ifindex * f->dev_mult) >> NT_DEV_SHIFT) & (NT_DEV_SLOTS - 1)] = (struct nt_dev){
		.ifindex = ifindex, .inum = inum, .role = role, .net = NT_NET_UNKNOWN
	};
}

/* By direct loads and by probe reads, of which only the first may need the namespace's number. */
static uint32_t role_in(const struct nt_filter *f, uint32_t ifindex, struct net *net)
{
	struct net_device dev = { .ifindex = (int)ifindex, .nd_net.net = net };
	uint32_t direct;

	shim_forget_memory();
	shim_memory(net, sizeof(*net));
	shim_memory(&dev, sizeof(dev));
	direct = nt_dev_role(f, &dev, ifindex, true);
	assert_int_equal(nt_dev_role(f, &dev, ifindex, false), direct);
	assert_int_equal(shim.wild, 0);
	return direct;
}

/* Namespaces of different parity stay where they are, as the filter takes them to. */
static uint32_t role_of(const struct nt_filter *f, uint32_t ifindex, uint32_t inum)
{
	static struct net nets[2];
	struct net *net = &nets[inum & 1];

	net->ns.inum = inum;
	return role_in(f, ifindex, net);
}

static void test_devices(void **state)
{
	struct nt_filter f = { .dev_mult = MULT, .ndevs = 3 };
	uint32_t i;

	(void)state;
	place(&f, 2, 111, NT_ROLE_A);
	place(&f, 7, 111, NT_ROLE_B);
	place(&f, 0x7fffffff, 111, NT_ROLE_A | NT_ROLE_B | NT_ROLE_EITHER);
	assert_int_equal(role_of(&f, 2, 111), NT_ROLE_A);
	assert_int_equal(role_of(&f, 7, 111), NT_ROLE_B);
	assert_int_equal(role_of(&f, 0x7fffffff, 111), NT_ROLE_A | NT_ROLE_B | NT_ROLE_EITHER);
	/* The same index in another namespace is another device. */
	assert_int_equal(role_of(&f, 2, 112), 0);
	for (i = 0; i < 100000; i++)
		if (i != 2 && i != 7)
			assert_int_equal(role_of(&f, i, 111), 0);
}

/* Once a device's namespace is known by its address, its number is not read again. */
static void test_namespace_is_learned(void **state)
{
	struct net here = { .ns.inum = 111 }, other = { .ns.inum = 112 };
	struct net_device dev = { .ifindex = 2, .nd_net.net = &here };
	struct nt_filter f = { .dev_mult = MULT, .ndevs = 2 };

	(void)state;
	place(&f, 2, 111, NT_ROLE_A);
	assert_int_equal(role_in(&f, 2, &other), 0);
	assert_int_equal(role_in(&f, 2, &here), NT_ROLE_A);
	assert_int_equal(role_in(&f, 2, &other), 0);
	shim_forget_memory();
	shim_memory(&dev, sizeof(dev)); /* and no namespace */
	assert_int_equal(nt_dev_role(&f, &dev, 2, false), NT_ROLE_A);
	assert_int_equal(shim.wild, 0);
	/* Another device has that to learn by itself. */
	place(&f, 7, 112, NT_ROLE_B);
	assert_int_equal(role_in(&f, 7, &here), 0);
	assert_int_equal(role_in(&f, 7, &other), NT_ROLE_B);
}

/* An empty slot has index 0: a device without one (there is none) is not in it. */
static void test_no_devices(void **state)
{
	struct nt_filter f = { .dev_mult = MULT };

	(void)state;
	assert_int_equal(role_of(&f, 0, 0), 0);
	assert_int_equal(role_of(&f, 2, 0), 0);
}

/* --- protocols --- */

static void test_protocols(void **state)
{
	static const struct {
		uint32_t protos, num;
		uint8_t yes[4], no[4];
	} v[] = {
		{ NT_KPROTO_TCP, 0, { 6, 6, 6, 6 }, { 17, 1, 58, 0 } },
		{ NT_KPROTO_TCP | NT_KPROTO_UDP, 0, { 6, 17, 6, 17 }, { 1, 58, 132, 0 } },
		{ NT_KPROTO_ICMP, 0, { 1, 1, 1, 1 }, { 58, 6, 0, 255 } },
		{ NT_KPROTO_ICMP6, 0, { 58, 58, 58, 58 }, { 1, 6, 0, 255 } },
		{ NT_KPROTO_NUM, 47, { 47, 47, 47, 47 }, { 6, 17, 1, 0 } },
		{ NT_KPROTO_NUM, 0, { 0, 0, 0, 0 }, { 6, 17, 1, 47 } },
		{ NT_KPROTO_NUM | NT_KPROTO_UDP, 132, { 17, 132, 17, 132 }, { 6, 1, 47, 0 } },
		/* The number of a protocol that has a bit of its own. */
		{ NT_KPROTO_NUM, 6, { 6, 6, 6, 6 }, { 17, 1, 47, 0 } },
		/* A number that is left over means nothing without its bit. */
		{ NT_KPROTO_TCP, 47, { 6, 6, 6, 6 }, { 47, 17, 1, 0 } },
	};
	struct nt_filter f = { 0 };
	size_t i, j;

	(void)state;
	nt_filter_seal(&f);
	for (j = 0; j < 256; j++)
		assert_true(nt_match_proto(&f, (uint8_t)j));
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		f.protos = v[i].protos;
		f.proto_num = v[i].num;
		nt_filter_seal(&f);
		for (j = 0; j < 4; j++) {
			assert_true(nt_match_proto(&f, v[i].yes[j]));
			assert_false(nt_match_proto(&f, v[i].no[j]));
		}
	}
}

/* --- addresses --- */

static void add4(struct nt_addrs *s, uint32_t addr, unsigned int prefix)
{
	uint32_t mask = prefix ? ~0U << (32 - prefix) : 0;
	struct nt_addr *a = &s->a[s->n++];

	s->family = 4;
	a->addr[0] = bpf_htonl(addr & mask);
	a->mask[0] = bpf_htonl(mask);
}

static void add6(struct nt_addrs *s, const uint32_t addr[4], unsigned int prefix)
{
	struct nt_addr *a = &s->a[s->n++];
	int i;

	s->family = 6;
	for (i = 0; i<4; i++, prefix = prefix> 32 ? prefix - 32 : 0) {
		uint32_t mask = prefix >= 32 ? ~0U : prefix ? ~0U << (32 - prefix) : 0;

		a->addr[i] = bpf_htonl(addr[i] & mask);
		a->mask[i] = bpf_htonl(mask);
	}
}

static struct nt_key key4(uint32_t src, uint32_t dst)
{
	struct nt_key k = { .family = 4, .proto = 6 };

	k.saddr[0] = bpf_htonl(src);
	k.daddr[0] = bpf_htonl(dst);
	return k;
}

static struct nt_key key6(const uint32_t src[4], const uint32_t dst[4])
{
	struct nt_key k = { .family = 6, .proto = 6 };
	int i;

	for (i = 0; i < 4; i++) {
		k.saddr[i] = bpf_htonl(src[i]);
		k.daddr[i] = bpf_htonl(dst[i]);
	}
	return k;
}

/* What both directions give must be what each gives alone. */
static uint32_t match(const struct nt_filter *unsealed, struct nt_key k)
{
	const uint64_t pair = nt_pair4(k.saddr[0], k.daddr[0]);
	struct nt_filter f = *unsealed;
	uint32_t both;

	nt_filter_seal(&f);
	both = nt_match_addrs(&f, &k, BOTH);
	if (k.family == 4) {
		assert_int_equal(nt_either_pair4(&f, pair), both != 0);
		assert_int_equal(nt_may_match_pair4(&f, pair), both || f.lists);
	}
	assert_int_equal(nt_match_addrs(&f, &k, NT_FWD), both & NT_FWD);
	assert_int_equal(nt_match_addrs(&f, &k, NT_REV), both & NT_REV);
	return both;
}

static void test_any_address(void **state)
{
	const uint32_t a6[4] = { 1, 2, 3, 4 };
	struct nt_filter f = { 0 };

	(void)state;
	assert_int_equal(match(&f, key4(1, 2)), BOTH);
	assert_int_equal(match(&f, key6(a6, a6)), BOTH);
	f.family = 4;
	assert_int_equal(match(&f, key4(1, 2)), BOTH);
	assert_int_equal(match(&f, key6(a6, a6)), 0);
}

static void test_v4(void **state)
{
	struct nt_filter f = { .family = 4 };

	(void)state;
	add4(&f.src, 0x0a000005, 32);
	assert_int_equal(match(&f, key4(0x0a000005, 0x01020304)), NT_FWD);
	assert_int_equal(match(&f, key4(0x01020304, 0x0a000005)), NT_REV);
	assert_int_equal(match(&f, key4(0x0a000005, 0x0a000005)), BOTH);
	assert_int_equal(match(&f, key4(0x0a000006, 0x01020304)), 0);
	add4(&f.dst, 0x0a000109, 32);
	assert_int_equal(match(&f, key4(0x0a000005, 0x0a000109)), NT_FWD);
	assert_int_equal(match(&f, key4(0x0a000109, 0x0a000005)), NT_REV);
	assert_int_equal(match(&f, key4(0x0a000005, 0x01020304)), 0);
	assert_int_equal(match(&f, key4(0x0a000005, 0x0a000005)), 0);
}

static void test_v4_prefixes(void **state)
{
	unsigned int prefix;

	(void)state;
	for (prefix = 0; prefix <= 32; prefix++) {
		struct nt_filter f = { .family = 4 };
		uint32_t base = 0xc0a8abcd, first, last;

		first = prefix ? base & (~0U << (32 - prefix)) : 0;
		last = prefix ? first | ~(~0U << (32 - prefix)) : ~0U;
		if (prefix == 32)
			last = first;
		add4(&f.dst, base, prefix);
		assert_int_equal(match(&f, key4(0, first)) & NT_FWD, NT_FWD);
		assert_int_equal(match(&f, key4(0, last)) & NT_FWD, NT_FWD);
		if (prefix) {
			assert_int_equal(match(&f, key4(0, first - 1)) & NT_FWD, 0);
			assert_int_equal(match(&f, key4(0, last + 1)) & NT_FWD, 0);
		}
	}
}

/* Every place of a list counts, and no place behind its end. */
static void test_v4_lists(void **state)
{
	uint32_t n, i;

	(void)state;
	for (n = 1; n <= NT_MAX_ADDRS; n++) {
		struct nt_filter f = { .family = 4 };

		for (i = 0; i < NT_MAX_ADDRS; i++)
			add4(&f.src, 0x0a000001 + i, 32);
		f.src.n = n;
		for (i = 0; i < NT_MAX_ADDRS + 1; i++)
			assert_int_equal(match(&f, key4(0x0a000001 + i, 7)), i < n ? NT_FWD : 0);
	}
}

static void test_v6(void **state)
{
	const uint32_t a[4] = { 0xfd770001, 0, 0, 1 }, b[4] = { 0xfd770002, 0, 0, 1 };
	struct nt_filter f = { .family = 6 };
	int word;

	(void)state;
	add6(&f.src, a, 128);
	assert_int_equal(match(&f, key6(a, b)), NT_FWD);
	assert_int_equal(match(&f, key6(b, a)), NT_REV);
	assert_int_equal(match(&f, key6(a, a)), BOTH);
	assert_int_equal(match(&f, key6(b, b)), 0);
	add6(&f.dst, b, 128);
	assert_int_equal(match(&f, key6(a, b)), NT_FWD);
	assert_int_equal(match(&f, key6(b, a)), NT_REV);
	assert_int_equal(match(&f, key6(a, a)), 0);
	/* Each word is looked at. */
	for (word = 0; word < 4; word++) {
		uint32_t c[4] = { a[0], a[1], a[2], a[3] };

		c[word] ^= 0x100;
		assert_int_equal(match(&f, key6(c, b)), 0);
		assert_int_equal(match(&f, key6(b, c)), 0);
	}
}

static void test_v6_prefixes(void **state)
{
	const uint32_t any[4] = { 0 };
	unsigned int prefix, bit;

	(void)state;
	for (prefix = 0; prefix <= 128; prefix++) {
		const uint32_t base[4] = { 0x20010db8, 0x12345678, 0x9abcdef0, 0x0fedcba9 };
		struct nt_filter f = { .family = 6 };

		add6(&f.src, base, prefix);
		assert_int_equal(match(&f, key6(base, any)) & NT_FWD, NT_FWD);
		for (bit = 0; bit < 128; bit++) {
			uint32_t c[4] = { base[0], base[1], base[2], base[3] };

			c[bit / 32] ^= 0x80000000U >> (bit % 32);
			assert_int_equal(match(&f, key6(c, any)) & NT_FWD,
					 bit < prefix ? 0 : NT_FWD);
		}
	}
}

static void test_v6_lists(void **state)
{
	const uint32_t any[4] = { 9 };
	uint32_t n, i;

	(void)state;
	for (n = 1; n <= NT_MAX_ADDRS; n++) {
		struct nt_filter f = { .family = 6 };

		for (i = 0; i < NT_MAX_ADDRS; i++)
			add6(&f.dst, (const uint32_t[4]){ 0xfd770001, 0, 0, 1 + i }, 128);
		f.dst.n = n;
		for (i = 0; i < NT_MAX_ADDRS + 1; i++) {
			const uint32_t c[4] = { 0xfd770001, 0, 0, 1 + i };

			assert_int_equal(match(&f, key6(any, c)), i < n ? NT_FWD : 0);
			assert_int_equal(match(&f, key6(c, any)), i < n ? NT_REV : 0);
		}
	}
}

/* An IPv4 address in word 0 is not the beginning of an IPv6 one. */
static void test_families_apart(void **state)
{
	const uint32_t a6[4] = { 0x0a000005, 0, 0, 0 };
	struct nt_filter f = { .family = 4 };

	(void)state;
	add4(&f.src, 0x0a000005, 32);
	assert_int_equal(match(&f, key6(a6, a6)), 0);
	memset(&f, 0, sizeof(f));
	f.family = 6;
	add6(&f.src, a6, 32);
	assert_int_equal(match(&f, key4(0x0a000005, 1)), 0);
	assert_int_equal(match(&f, key6(a6, a6)), BOTH);
}

/* --- ports --- */

static bool ports(const struct nt_filter *unsealed, uint8_t proto, uint16_t sport, uint16_t dport)
{
	struct nt_filter f = *unsealed;
	struct nt_key k = {
		.family = 4, .proto = proto, .sport = bpf_htons(sport), .dport = bpf_htons(dport)
	};

	struct nt_plain4 h = { .ip.proto = proto,
			       .l4.port = { .sport = k.sport, .dport = k.dport, .seq = ~0U } };
	bool yes;

	nt_filter_seal(&f);
	yes = nt_match_ports(&f, &k);
	/* A packet is asked for its protocol first. */
	assert_int_equal(nt_match_proto(&f, proto) && nt_plain4_match_ports(&f, &h), yes);
	return yes;
}

static void test_ports(void **state)
{
	struct nt_filter f = { 0 };
	uint16_t n, i;

	(void)state;
	assert_true(ports(&f, 1, 0, 0));
	for (n = 1; n <= NT_MAX_PORTS; n++) {
		for (i = 0; i < NT_MAX_PORTS; i++)
			f.sport.p[i] = 0x1234 + i;
		f.sport.n = n;
		for (i = 0; i < NT_MAX_PORTS + 1; i++)
			assert_int_equal(ports(&f, 6, 0x1234 + i, 80), i < n);
		assert_false(ports(&f, 6, 80, 0x1234));
	}
	f.dport.n = 1;
	f.dport.p[0] = 65535;
	assert_true(ports(&f, 6, 0x1234 + NT_MAX_PORTS - 1, 65535));
	f.sport.n = 1;
	assert_true(ports(&f, 6, 0x1234, 65535));
	assert_true(ports(&f, 17, 0x1234, 65535));
	assert_true(ports(&f, 132, 0x1234, 65535));
	assert_false(ports(&f, 6, 0x1234, 65534));
	assert_false(ports(&f, 6, 0x3412, 65535)); /* byte order */
	f.sport.n = 0;
	assert_true(ports(&f, 17, 1, 65535));
	assert_false(ports(&f, 17, 65535, 1));
	f.dport.n = 0;
	assert_true(ports(&f, 17, 65535, 1));
}

/* What has no ports does not pass a filter for ports. */
static void test_no_ports(void **state)
{
	struct nt_filter f = { .dport = { .n = 1, .p = { 443 } } };
	struct nt_key k = { .family = 4, .proto = 6, .dport = bpf_htons(443) };

	(void)state;
	assert_true(nt_match_ports(&f, &k));
	k.flags = NT_KEY_FRAG | NT_KEY_MORE_FRAGS; /* the first has them */
	assert_true(nt_match_ports(&f, &k));
	k.flags = NT_KEY_FRAG | NT_KEY_LATER_FRAG;
	assert_false(nt_match_ports(&f, &k));
	assert_false(ports(&f, 1, 0, 443));
	assert_false(ports(&f, 47, 0, 443));
}

static void test_flow(void **state)
{
	struct nt_filter f = { .family = 4, .dport = { .n = 1, .p = { 443 } } };
	struct nt_key k = key4(0x0a000005, 0x0a000109);

	(void)state;
	add4(&f.src, 0x0a000005, 32);
	nt_filter_seal(&f);
	k.dport = bpf_htons(443);
	assert_true(nt_match_flow(&f, &k));
	k.dport = bpf_htons(80);
	assert_false(nt_match_flow(&f, &k));
	k = key4(0x0a000109, 0x0a000005); /* the answer */
	k.dport = bpf_htons(443);
	assert_false(nt_match_flow(&f, &k));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_devices),     cmocka_unit_test(test_namespace_is_learned),
		cmocka_unit_test(test_no_devices),  cmocka_unit_test(test_protocols),
		cmocka_unit_test(test_any_address), cmocka_unit_test(test_v4),
		cmocka_unit_test(test_v4_prefixes), cmocka_unit_test(test_v4_lists),
		cmocka_unit_test(test_v6),          cmocka_unit_test(test_v6_prefixes),
		cmocka_unit_test(test_v6_lists),    cmocka_unit_test(test_families_apart),
		cmocka_unit_test(test_ports),       cmocka_unit_test(test_no_ports),
		cmocka_unit_test(test_flow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
