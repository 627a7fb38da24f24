// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a message says and what a name stands for is tested on made-up ones; the
 * sockets in network namespaces of child processes, with "ip".
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "child.h"
#include "iface.h"
#include "iface_parse.h"

struct message {
	uint8_t b[1024];
	size_t n;
};

static size_t put(struct message *m, uint16_t type, const void *data, size_t n)
{
	struct nlattr a = { (uint16_t)(sizeof(a) + n), type };
	size_t at = m->n;

	memset(m->b + at, 0, NLA_ALIGN(sizeof(a) + n));
	memcpy(m->b + at, &a, sizeof(a));
	if (n)
		memcpy(m->b + at + sizeof(a), data, n);
	m->n += NLA_ALIGN(sizeof(a) + n);
	return at;
}

static void put_u32(struct message *m, uint16_t type, uint32_t v)
{
	put(m, type, &v, sizeof(v));
}

static void put_text(struct message *m, uint16_t type, const char *s)
{
	put(m, type, s, strlen(s) + 1);
}

/* The attribute at holds all that came after it. */
static void close_nest(struct message *m, size_t at)
{
	uint16_t n = (uint16_t)(m->n - at);

	memcpy(m->b + at, &n, sizeof(n));
}

static void begin(struct message *m, uint8_t family, int index)
{
	struct ifinfomsg i = { .ifi_family = family, .ifi_type = 1, .ifi_index = index };

	m->n = sizeof(i);
	memcpy(m->b, &i, sizeof(i));
}

static void vlan_message(struct message *m)
{
	uint16_t id = 100;
	size_t info, data;

	begin(m, AF_UNSPEC, 7);
	put_text(m, IFLA_IFNAME, "bond0.100");
	put_u32(m, IFLA_LINK, 5);
	put_u32(m, IFLA_MASTER, 9);
	info = put(m, IFLA_LINKINFO | NLA_F_NESTED, NULL, 0);
	put_text(m, IFLA_INFO_KIND, "vlan");
	data = put(m, IFLA_INFO_DATA, NULL, 0);
	put(m, IFLA_VLAN_ID, &id, sizeof(id));
	close_nest(m, data);
	close_nest(m, info);
}

static bool parse(const struct message *m, size_t n, struct nt_iface *i)
{
	/* In memory of its own size: what is read beyond its end is found. */
	uint8_t *p = malloc(n ? n : 1);
	bool r;

	assert_non_null(p);
	memcpy(p, m->b, n);
	r = nt_iface_parse((struct nt_nl_data){ p, n }, i);
	free(p);
	return r;
}

static void test_parse(void **state)
{
	struct message m;
	struct nt_iface i;

	(void)state;
	vlan_message(&m);
	assert_true(parse(&m, m.n, &i));
	assert_int_equal(i.ifindex, 7);
	assert_int_equal(i.link, 5);
	assert_int_equal(i.master, 9);
	assert_int_equal(i.type, 1);
	assert_int_equal(i.vlan_id, 100);
	assert_string_equal(i.name, "bond0.100");
	assert_string_equal(i.kind, "vlan");
	/* The lower device lives elsewhere: its number means nothing here. */
	put_u32(&m, IFLA_LINK_NETNSID, 0);
	assert_true(parse(&m, m.n, &i));
	assert_int_equal(i.link, 0);
	assert_int_equal(i.vlan_id, 100);
	/* A name without its NUL and too long, a kind too. */
	begin(&m, AF_UNSPEC, 3);
	put(&m, IFLA_IFNAME, "abcdefghijklmnopqrstuvwxyz", 26);
	assert_true(parse(&m, m.n, &i));
	assert_string_equal(i.name, "abcdefghijklmno");
	assert_string_equal(i.kind, "");
	/* A bridge tells of its port; no name; no index. */
	begin(&m, AF_BRIDGE, 3);
	put_text(&m, IFLA_IFNAME, "port");
	assert_false(parse(&m, m.n, &i));
	begin(&m, AF_UNSPEC, 3);
	assert_false(parse(&m, m.n, &i));
	begin(&m, AF_UNSPEC, 0);
	put_text(&m, IFLA_IFNAME, "eth0");
	assert_false(parse(&m, m.n, &i));
	/* A number that is too short. */
	begin(&m, AF_UNSPEC, 3);
	put_text(&m, IFLA_IFNAME, "eth0");
	put(&m, IFLA_LINK, "\1", 1);
	assert_true(parse(&m, m.n, &i));
	assert_int_equal(i.link, 0);
}

/* Cut off anywhere, and with any byte changed, it stays inside its memory. */
static void test_damaged(void **state)
{
	static const uint8_t values[] = { 0, 1, 3, 4, 5, 0x7f, 0x80, 0xff };
	struct message m, bad;
	struct nt_iface i;
	size_t at, v;

	(void)state;
	vlan_message(&m);
	for (at = 0; at < m.n; at++)
		if (parse(&m, at, &i))
			assert_in_range(strlen(i.name), 1, sizeof(i.name) - 1);
	assert_false(parse(&m, sizeof(struct ifinfomsg) - 1, &i));
	for (at = 0; at < m.n; at++) {
		for (v = 0; v < sizeof(values); v++) {
			bad = m;
			bad.b[at] = values[v];
			if (parse(&bad, bad.n, &i))
				assert_in_range(strlen(i.name), 1, sizeof(i.name) - 1);
			assert_true(memchr(i.kind, 0, sizeof(i.kind)));
		}
	}
}

static struct nt_iface devices[] = {
	{ 1, 4000, 0, 0, 772, 0, "lo", "", 1, 1 },
	{ 2, 4000, 0, 5, 1, 0, "eth0", "", 1, 1 },
	{ 3, 4000, 0, 5, 1, 0, "eth1", "", 1, 1 },
	{ 4, 4000, 0, 8, 1, 0, "vnet0", "tun", 1, 1 },
	{ 5, 4000, 0, 0, 1, 0, "bond0", "bond", 1, 1 },
	{ 6, 4000, 5, 0, 1, 100, "bond0.100", "vlan", 1, 1 },
	{ 7, 4000, 6, 8, 1, 200, "qinq", "vlan", 1, 1 },
	{ 8, 4000, 0, 0, 1, 0, "br0", "bridge", 1, 1 },
	{ 9, 4000, 0, 0, 1, 0, "ovs0", "openvswitch", 1, 1 },
	{ 10, 4000, 2, 0, 1, 0, "veth0", "veth", 1, 1 }, /* its peer is no lower device */
	{ 11, 4000, 0, 0, 1, 300, "moved.300", "vlan", 1, 1 },
	{ 12, 4000, 0, 0, 1, 0, "bond1", "bond", 1, 1 },
	{ 13, 4000, 0, 0, 1, 0, "team0", "team", 1, 1 },
	{ 14, 4000, 2, 13, 1, 7, "eth0.7", "vlan", 1, 1 },
	{ 15, 4000, 0, 13, 1, 0, "bond2", "bond", 1, 1 },
	{ 16, 4000, 0, 15, 1, 0, "eth2", "", 1, 1 },
	{ 17, 4000, 99, 0, 1, 9, "lost.9", "vlan", 1, 1 },
	{ 18, 4000, 19, 0, 1, 9, "circle1", "vlan", 1, 1 },
	{ 19, 4000, 18, 0, 1, 9, "circle2", "vlan", 1, 1 },
	{ 20, 4000, 0, 5, 1, 0, "eth3", "", 1, 1 },
};
static const struct nt_iface_list all = { sizeof(devices) / sizeof(devices[0]), devices };

static void expand(const char *name, bool rx, uint32_t max, const char *want)
{
	struct nt_iface dev, out[4];
	char got[128] = "";
	int n, i;

	assert_int_equal(nt_iface_find(&all, name, &dev, NULL), 0);
	memset(out, 0xee, sizeof(out));
	n = nt_iface_expand(&all, &dev, rx, out, max);
	if (n < 0)
		snprintf(got, sizeof(got), "%d", n);
	for (i = 0; i < n; i++)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%s", i ? " " : "",
			 out[i].name);
	assert_string_equal(got, want);
	/* Nothing behind the last one that there was room for. */
	if (max < 4)
		assert_int_equal(out[max].ifindex, 0xeeeeeeee);
}

static void test_expand(void **state)
{
	static const char *const plain[] = { "lo", "eth0", "vnet0", "br0", "ovs0", "veth0" };
	char code[16];
	size_t i;
	int rx;

	(void)state;
	for (rx = 0; rx < 2; rx++) {
		for (i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
			expand(plain[i], rx, 4, plain[i]);
		expand("bond0", rx, 4, "eth0 eth1 eth3");
		expand("bond0.100", rx, 4, "eth0 eth1 eth3");
		expand("qinq", rx, 4, "eth0 eth1 eth3");
		expand("eth0.7", rx, 4, "eth0");
		expand("team0", rx, 4, "eth0 eth2"); /* through a VLAN and a bond */
		expand("bond1", rx, 4, "");
		expand("bond0", rx, 3, "eth0 eth1 eth3");
		snprintf(code, sizeof(code), "%d", -E2BIG);
		expand("bond0", rx, 2, code);
		snprintf(code, sizeof(code), "%d", -ELOOP);
		expand("circle1", rx, 4, code);
	}
	/* Seen when it sends, never when it receives. */
	expand("moved.300", false, 4, "moved.300");
	expand("moved.300", true, 4, "");
	expand("lost.9", false, 4, "lost.9");
	expand("lost.9", true, 4, "");
}

/* The VLAN of what a name stands for: that of the outer tag; of the lower device itself none. */
static void test_expand_vlan(void **state)
{
	static const struct {
		const char *name;
		uint16_t id[3];
	} t[] = {
		{ "eth0", { 0 } },
		{ "bond0", { 0, 0, 0 } },
		{ "bond0.100", { 100, 100, 100 } },
		{ "eth0.7", { 7 } },
		{ "team0", { 7, 0 } },
		{ "qinq", { 100, 100, 100 } },
		{ "moved.300", { 0 } },
	};
	struct nt_iface dev, out[4];
	size_t i;
	int n, k;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		assert_int_equal(nt_iface_find(&all, t[i].name, &dev, NULL), 0);
		n = nt_iface_expand(&all, &dev, false, out, 4);
		assert_true(n > 0);
		for (k = 0; k < n; k++)
			assert_int_equal(out[k].vlan_id, t[i].id[k]);
	}
}

static void refuse(const struct nt_iface_list *l, const char *name, const char *words,
		   const char *not_words)
{
	struct nt_err err = { 0 };
	struct nt_iface i;

	assert_int_equal(nt_iface_find(l, name, &i, &err), -ENODEV);
	assert_int_equal(err.exit_code, NT_EXIT_IMPOSSIBLE);
	if (!strstr(err.text, words))
		fail_msg("'%s' does not say '%s'", err.text, words);
	if (strstr(err.text, not_words))
		fail_msg("'%s' says '%s'", err.text, not_words);
}

static void test_find(void **state)
{
	struct nt_iface evil = { .ifindex = 1, .name = "eth\033[1m" }, i;
	const struct nt_iface_list one = { 1, &evil }, none = { 0, NULL };
	char name[1000];

	(void)state;
	assert_int_equal(nt_iface_find(&all, "bond0.100", &i, NULL), 0);
	assert_int_equal(i.ifindex, 6);
	assert_int_equal(i.vlan_id, 100);
	refuse(&all, "eht1", "'eht1' does not exist: did you mean 'eth1'?", "ip link");
	refuse(&all, "bond0.10", "did you mean 'bond0.100'?", "ip link");
	refuse(&all, "vnet", "did you mean 'vnet0'?", "ip link");
	refuse(&all, "enp3s0f1", "ip link", "did you mean");
	refuse(&all, "", "ip link", "did you mean");
	refuse(&all, "x", "ip link", "did you mean");
	/* Never onto a terminal. */
	refuse(&one, "eth[1m", "ip link", "\033");
	refuse(&none, "eth0", "ip link", "did you mean");
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	refuse(&all, name, "--netns", "did you mean");
}

/* The commands are the test's own: nothing from outside is in them. */
static int shell(const char *command)
{
	return system(command); // NOLINT(cert-env33-c)
}

/* Into a namespace of its own, with devices; home stays open in *home. */
static void leave_home(struct nt_netns *home)
{
	CHECK(!nt_netns_open(NULL, home, NULL));
	if (unshare(CLONE_NEWNET))
		_exit(CHILD_SKIP);
	if (shell("ip link add v0 type veth peer name v1 2>/dev/null"))
		_exit(CHILD_SKIP);
}

static int list_all(const struct nt_netns *ns, struct nt_iface_list *l)
{
	int fd = nt_iface_list_open(ns, NULL), r;

	CHECK(fd >= 0);
	r = nt_iface_list_by(fd, ns, l, NULL);
	close(fd);
	return r;
}

static bool lists(const struct nt_netns *ns, const char *name, struct nt_iface *i)
{
	struct nt_iface_list l;
	bool found;

	CHECK(!list_all(ns, &l));
	CHECK(l.n > 0 && l.v);
	found = !nt_iface_find(&l, name, i, NULL);
	nt_iface_list_free(&l);
	CHECK(l.n == 0 && !l.v);
	return found;
}

static void list_there(void)
{
	struct nt_netns home, here;
	struct nt_iface v0, v1, br, lo;

	leave_home(&home);
	CHECK(!nt_netns_open(NULL, &here, NULL));
	CHECK(!shell("ip link add nt-br type bridge && ip link set v1 master nt-br"));
	CHECK(lists(&here, "v0", &v0) && lists(&here, "v1", &v1));
	CHECK(lists(&here, "nt-br", &br) && lists(&here, "lo", &lo));
	CHECK(v0.inum == here.inum && v0.type == 1 && lo.type == 772);
	CHECK(!strcmp(v0.kind, "veth") && !strcmp(br.kind, "bridge") && !lo.kind[0]);
	CHECK(v0.link == v1.ifindex && v1.link == v0.ifindex);
	CHECK(v1.master == br.ifindex && !v0.master && !br.master);
	/* From here into the other one. */
	CHECK(!lists(&home, "nt-br", &br));
	nt_netns_close(&here);
	nt_netns_close(&home);
}

/* One end of a pair elsewhere: the number of the other end means nothing here. */
static void list_moved(void)
{
	struct nt_netns home, first, second;
	struct nt_iface v0, v1;
	char command[64];
	pid_t pid;

	leave_home(&home);
	CHECK(!nt_netns_open(NULL, &first, NULL));
	CHECK(lists(&first, "v0", &v0) && v0.link);
	CHECK(!unshare(CLONE_NEWNET));
	CHECK(!nt_netns_open(NULL, &second, NULL));
	/* This process stays in the second one as the target, a child goes back. */
	snprintf(command, sizeof(command), "ip link set v1 netns %d", (int)getpid());
	pid = fork();
	if (!pid)
		_exit(setns(first.fd, CLONE_NEWNET) || shell(command));
	CHECK(waitpid(pid, &(int){ 0 }, 0) == pid);
	CHECK(lists(&first, "v0", &v0) && !v0.link);
	CHECK(!lists(&first, "v1", &v1));
	CHECK(lists(&second, "v1", &v1) && !v1.link && v1.inum == second.inum);
}

/* More than one datagram of the dump. */
static void list_many(void)
{
	struct nt_netns home, here;
	struct nt_iface_list l;
	struct nt_iface i;
	char name[16];
	uint32_t n;

	leave_home(&home);
	CHECK(!nt_netns_open(NULL, &here, NULL));
	CHECK(!list_all(&here, &l));
	n = l.n;
	nt_iface_list_free(&l);
	CHECK(!shell("i=0; while [ $i -lt 150 ]; do echo link add m$i type veth peer name n$i; "
		     "i=$((i + 1)); done | ip -batch -"));
	CHECK(!list_all(&here, &l));
	CHECK(l.n == n + 300);
	for (n = 0; n < 150; n++) {
		snprintf(name, sizeof(name), "m%u", n);
		CHECK(!nt_iface_find(&l, name, &i, NULL));
	}
	nt_iface_list_free(&l);
}

static void list_vlan(void)
{
	struct nt_netns home, here;
	struct nt_iface v0, vlan;

	leave_home(&home);
	CHECK(!nt_netns_open(NULL, &here, NULL));
	if (shell("ip link add link v0 name v0.42 type vlan id 42 2>/dev/null"))
		_exit(CHILD_SKIP);
	CHECK(lists(&here, "v0", &v0) && lists(&here, "v0.42", &vlan));
	CHECK(!strcmp(vlan.kind, "vlan") && vlan.vlan_id == 42 && vlan.link == v0.ifindex);
	CHECK(!v0.vlan_id);
}

static void test_list(void **state)
{
	(void)state;
	in_child(list_there);
	in_child(list_moved);
	in_child(list_many);
}

static void test_list_vlan(void **state)
{
	(void)state;
	in_child(list_vlan);
}

/* The next event that is about this, within what is there now. */
static bool await(int fd, bool gone, const char *name, struct nt_link_event *ev)
{
	int r;

	while ((r = nt_link_watch_next(fd, ev)) > 0)
		if (ev->gone == gone && !strcmp(ev->name, name))
			return true;
	CHECK(r == 0);
	return false;
}

static void watch(void)
{
	struct nt_link_event ev;
	struct nt_netns home, here;
	struct nt_iface v0;
	int fd, r;

	leave_home(&home);
	CHECK(!nt_netns_open(NULL, &here, NULL));
	CHECK(lists(&here, "v0", &v0));
	/* It watches the namespace that was named, from outside of it. */
	CHECK(!setns(home.fd, CLONE_NEWNET));
	fd = nt_link_watch_open(&here, NULL);
	CHECK(fd >= 0);
	CHECK(fcntl(fd, F_GETFL) & O_NONBLOCK);
	CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	CHECK(!setns(here.fd, CLONE_NEWNET));
	CHECK(nt_link_watch_next(fd, &ev) == 0);
	CHECK(!shell("ip link set v0 name renamed"));
	CHECK(await(fd, false, "renamed", &ev) && ev.ifindex == v0.ifindex);
	CHECK(!shell("ip link add nt-br type bridge && ip link set renamed master nt-br"));
	CHECK(await(fd, false, "nt-br", &ev) && ev.ifindex != v0.ifindex);
	while (nt_link_watch_next(fd, &ev) > 0)
		;
	/* The bridge says RTM_DELLINK of its port, which is still there. */
	CHECK(!shell("ip link set renamed nomaster"));
	while ((r = nt_link_watch_next(fd, &ev)) > 0)
		CHECK(!ev.gone);
	CHECK(r == 0);
	CHECK(!shell("ip link del renamed"));
	CHECK(await(fd, true, "renamed", &ev) && ev.ifindex == v0.ifindex);
	close(fd);
}

/* A reader that does not come: it is told that events are missing. */
static void watch_overrun(void)
{
	struct nt_link_event ev;
	struct nt_netns home, here;
	int fd, least = 1, r;

	leave_home(&home);
	CHECK(!nt_netns_open(NULL, &here, NULL));
	fd = nt_link_watch_open(&here, NULL);
	CHECK(fd >= 0);
	CHECK(!setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &least, sizeof(least)));
	CHECK(!shell("for i in 1 2 3 4 5 6 7 8; do echo link set v0 up; echo link set v0 down; "
		     "done | ip -batch -"));
	while ((r = nt_link_watch_next(fd, &ev)) > 0)
		;
	CHECK(r == -ENOBUFS);
	while ((r = nt_link_watch_next(fd, &ev)) > 0)
		;
	CHECK(r == 0);
	close(fd);
}

static void test_watch(void **state)
{
	(void)state;
	in_child(watch);
	in_child(watch_overrun);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),     cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_expand),    cmocka_unit_test(test_expand_vlan),
		cmocka_unit_test(test_find),      cmocka_unit_test(test_list),
		cmocka_unit_test(test_list_vlan), cmocka_unit_test(test_watch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
