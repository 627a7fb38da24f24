// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "mesh.h"

/* "name host user port ip" of each, in a line. */
static void hosts_of(const char *text, const char *group, const char *wanted)
{
	struct mesh_hosts *h = calloc(1, sizeof(*h));
	char got[2048] = "";
	struct nt_err err = { 0 };
	int r;

	assert_non_null(h);
	r = mesh_inventory_parse(text, strlen(text), group, h, &err);
	if (r < 0)
		snprintf(got, sizeof(got), "%s", err.text);
	for (uint32_t i = 0; !r && i < h->n; i++)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%s %s %s %u %s",
			 i ? "|" : "", h->h[i].name, h->h[i].host, h->h[i].user, h->h[i].port,
			 h->h[i].ip);
	assert_string_equal(got, wanted);
	free(h);
}

static void test_plain(void **state)
{
	(void)state;
	hosts_of("# mine\na\n\n  b.example \n", NULL, "a a  0 |b.example b.example  0 ");
	hosts_of("a\na\n", NULL, "a a  0 ");
	hosts_of("", NULL, "");
	hosts_of("a;b\n", NULL, "not the name or address of a host: 'a;b'");
}

static void test_ini(void **state)
{
	static const char text[] = "lone ansible_host=10.0.0.9\n"
				   "[web]\n"
				   "w[08:10].x ansible_port=2222 other=1 # note\n"
				   "[db]\r\n"
				   "d1 ansible_user='eve' nettrace_ip=10.1.1.1\r\n"
				   "[prod:children]\nweb\ndb\n"
				   "[prod:vars]\nansible_user=bob\nlong = x y z\n"
				   "[all:vars]\nansible_user=nobody\nansible_port=22\n";

	(void)state;
	hosts_of(text, NULL,
		 "lone 10.0.0.9 nobody 22 |w08.x w08.x bob 2222 |w09.x w09.x bob 2222 |"
		 "w10.x w10.x bob 2222 |d1 d1 eve 22 10.1.1.1");
	hosts_of(text, "db", "d1 d1 eve 22 10.1.1.1");
	hosts_of(text, "prod",
		 "w08.x w08.x bob 2222 |w09.x w09.x bob 2222 |w10.x w10.x bob 2222 |"
		 "d1 d1 eve 22 10.1.1.1");
	hosts_of(text, "none", "no group 'none' in the inventory");
	hosts_of("[a\n", NULL, "a section without ']': '[a'");
	hosts_of("[a:b]\n", NULL, "an unknown kind of section: 'b'");
	hosts_of("w[1:x]\n", NULL, "not a range of numbers in an inventory: 'w[1:x]'");
	hosts_of("w[5:1]\n", NULL, "not a range of numbers in an inventory: 'w[5:1]'");
	hosts_of("a ansible_port=0\n", NULL, "not a port: '0'");
	hosts_of("w[1:100]\n", NULL, "more than 64 hosts: choose a group with --group");
	/* Groups within each other: an end all the same. */
	hosts_of("[a:children]\nb\n[b:children]\na\n[a]\nh\n", "b", "h h  0 ");
}

static void test_yaml(void **state)
{
	static const char text[] =
		"---\n"
		"all:\n"
		"  vars: {ansible_user: nobody, list: [1, 2]}\n"
		"  hosts:\n"
		"    lone: null\n"
		"  children:\n"
		"    web:\n"
		"      hosts: {w1: {ansible_host: 10.0.0.1, ansible_port: 2222}}\n"
		"    db:\n"
		"      hosts:\n"
		"        d1:\n"
		"          nettrace_ip: fd00::1\n"
		"      vars:\n"
		"        ansible_user: bob\n";

	(void)state;
	hosts_of(text, NULL, "lone lone nobody 0 |w1 10.0.0.1 nobody 2222 |d1 d1 bob 0 fd00::1");
	hosts_of(text, "db", "d1 d1 bob 0 fd00::1");
	hosts_of("web:\n  hosts:\n    a:\n", "web", "a a  0 ");
	hosts_of("web:\n  host:\n    a:\n", NULL,
		 "the inventory, line 2: a group has hosts, children and vars");
	hosts_of("web:\n  hosts: [a]\n", NULL,
		 "the inventory, line 2: names with values are wanted here");
	hosts_of("---\na: &x\n  children:\n    b: *x\n", NULL,
		 "the inventory, line 4: groups within groups without end");
}

/* Of one ping, whatever it is that is told. late: its status is followed by a '+'. */
static struct nt_value *event(const char *dir, const char *status, const char *src, const char *dst)
{
	const char *plus = strchr(status, '+');
	char s[512];
	int n = snprintf(s, sizeof(s),
			 "{\"type\":\"event\",\"direction\":\"%s\",\"status\":\"%.*s\",\"late\":%s,"
			 "\"flow\":{\"src\":\"%s\",\"dst\":\"%s\",\"id\":7,\"seq\":%s},"
			 "\"segments_us\":{\"total_rtt\":250}}",
			 dir, (int)strcspn(status, "+"), status, plus ? "true" : "false", src, dst,
			 plus ? plus + 1 : "1");

	return nt_value_parse(s, (size_t)n);
}

/* what: "tx COMPLETE"; of 10.0.0.x: from and to. */
static void feed(struct mesh_matrix *m, uint32_t node, const char *what, int from, int to)
{
	static const uint64_t slow[2] = { 200000, 300000 };
	char dir[8], status[32], src[32], dst[32];
	struct nt_value *v;

	assert_int_equal(sscanf(what, "%7s %31s", dir, status), 2);
	snprintf(src, sizeof(src), "10.0.0.%d", from);
	snprintf(dst, sizeof(dst), "10.0.0.%d", to);
	v = event(dir, status, src, dst);

	assert_non_null(v);
	assert_int_equal(mesh_matrix_event(m, node, v, slow), 0);
	nt_value_free(v);
}

static void test_matrix(void **state)
{
	struct mesh_matrix m;
	struct mesh_cell *c;

	(void)state;
	assert_int_equal(mesh_matrix_init(&m, 2), 0);
	assert_int_equal(nt_parse_addrs("10.0.0.1", &m.addr[0], NULL), 0);
	assert_int_equal(nt_parse_addrs("10.0.0.2", &m.addr[1], NULL), 0);
	feed(&m, 0, "tx COMPLETE", 1, 2);
	feed(&m, 0, "tx LOST_PATH1", 1, 2);
	feed(&m, 0, "tx LOST_PATH2", 1, 2);
	feed(&m, 0, "tx NO_VERDICT", 1, 2);
	feed(&m, 1, "rx COMPLETE", 1, 2);
	feed(&m, 1, "rx LOST_INTER_PATH", 1, 2);
	/* Of no pair, or told by the wrong one. */
	feed(&m, 0, "tx COMPLETE", 1, 3);
	feed(&m, 1, "tx COMPLETE", 1, 2);
	feed(&m, 0, "rx COMPLETE", 1, 2);
	feed(&m, 0, "tx COMPLETE", 1, 1);
	feed(&m, 0, "up COMPLETE", 1, 2);
	assert_int_equal(m.foreign, 5);
	c = mesh_matrix_cell(&m, 0, 1);
	assert_int_equal(c->sent, 4);
	assert_int_equal(c->complete, 1);
	assert_int_equal(mesh_cell_lost(c), 2);
	assert_int_equal(c->untold, 1);
	assert_int_equal(c->slow, 1);
	assert_int_equal(c->slow_there, 0);
	assert_int_equal(c->came, 2);
	assert_int_equal(c->answered, 1);
	assert_int_equal(c->rtt->count, 1);
	assert_int_equal(mesh_matrix_cell(&m, 1, 0)->sent, 0);
	mesh_matrix_free(&m);
}

/* A ping that is told as lost and then as late is one ping, at both its ends. */
static void test_late(void **state)
{
	struct mesh_matrix m;
	struct mesh_cell *c;

	(void)state;
	assert_int_equal(mesh_matrix_init(&m, 2), 0);
	assert_int_equal(nt_parse_addrs("10.0.0.1", &m.addr[0], NULL), 0);
	assert_int_equal(nt_parse_addrs("10.0.0.2", &m.addr[1], NULL), 0);
	c = mesh_matrix_cell(&m, 0, 1);
	feed(&m, 0, "tx LOST_INTER_PATH", 1, 2);
	feed(&m, 1, "rx LOST_INTER_PATH", 1, 2);
	assert_int_equal(mesh_cell_lost(c), 1);
	assert_int_equal(c->answered, 0);
	feed(&m, 1, "rx LOST_INTER_PATH+1", 1, 2);
	feed(&m, 0, "tx LOST_INTER_PATH+1", 1, 2);
	assert_int_equal(mesh_cell_lost(c), 0);
	assert_int_equal(c->sent, 1);
	assert_int_equal(c->late, 1);
	assert_int_equal(c->came, 1);
	assert_int_equal(c->answered, 1);
	/* Late at once, of another number. */
	feed(&m, 0, "tx LOST_PATH2+2", 1, 2);
	feed(&m, 0, "tx LOST_PATH2+1", 1, 2);
	assert_int_equal(c->sent, 3);
	assert_int_equal(c->late, 3);
	mesh_matrix_pinged(&m, 0, "10.0.0.2", 5, 4);
	mesh_matrix_pinged(&m, 0, "10.0.0.3", 5, 4);
	assert_int_equal(c->replied, 4);
	assert_int_equal(mesh_cell_unseen(c), 2);
	assert_int_equal(mesh_cell_unseen(mesh_matrix_cell(&m, 1, 0)), 0);
	mesh_matrix_free(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain), cmocka_unit_test(test_ini),
		cmocka_unit_test(test_yaml),  cmocka_unit_test(test_matrix),
		cmocka_unit_test(test_late),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
