// SPDX-License-Identifier: GPL-2.0-or-later
/* mesh: the figures of each ordered pair, out of the lines of the nodes' tracers. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mesh.h"

/*
 * Pings that were told as lost, the newest of a pair: one whose reply comes after all is
 * told once more, as late.
 */
#define LATE_KEPT 512
struct mesh_late {
	uint32_t n; /* ever */
	struct {
		uint64_t id_seq;
		uint64_t *counted; /* in the cell; NULL: none */
	} v[LATE_KEPT];
};

int mesh_matrix_init(struct mesh_matrix *m, uint32_t n)
{
	memset(m, 0, sizeof(*m));
	m->n = n;
	m->cell = calloc((size_t)n * n, sizeof(*m->cell));
	return m->cell ? 0 : -ENOMEM;
}

void mesh_matrix_free(struct mesh_matrix *m)
{
	for (size_t i = 0; m->cell && i < (size_t)m->n * m->n; i++)
		free(m->cell[i].rtt);
	for (size_t i = 0; m->cell && i < (size_t)m->n * m->n; i++)
		free(m->cell[i].late_lost);
	free(m->cell);
	m->cell = NULL;
}

struct mesh_cell *mesh_matrix_cell(const struct mesh_matrix *m, uint32_t from, uint32_t to)
{
	return &m->cell[(size_t)from * m->n + to];
}

uint64_t mesh_cell_lost(const struct mesh_cell *c)
{
	return c->lost_out + c->lost_between + c->lost_in;
}

uint64_t mesh_cell_unseen(const struct mesh_cell *c)
{
	return c->pinged > c->sent ? c->pinged - c->sent : 0;
}

static bool node_of(const struct mesh_matrix *m, const char *text, uint32_t *node)
{
	struct nt_addrs a;

	if (!text || nt_parse_addrs(text, &a, NULL) < 0)
		return false;
	for (uint32_t i = 0; i < m->n; i++) {
		if (m->addr[i].family == a.family &&
		    !memcmp(m->addr[i].a[0].addr, a.a[0].addr, sizeof(a.a[0].addr))) {
			*node = i;
			return true;
		}
	}
	return false;
}

static bool total_rtt(const struct nt_value *v, uint64_t *ns)
{
	return nt_value_us(nt_value_obj(v, "segments_us"), "total_rtt", ns);
}

static int add_rtt(struct mesh_cell *c, const struct nt_value *v, uint64_t slow_ns)
{
	uint64_t ns;

	if (!total_rtt(v, &ns))
		return 0;
	if (!c->rtt)
		c->rtt = calloc(1, sizeof(*c->rtt));
	if (!c->rtt)
		return -ENOMEM;
	nt_hist_add(c->rtt, ns);
	c->slow += slow_ns && ns >= slow_ns;
	return 0;
}

/* --- lost, and come after all --- */

/* Of both sides: what the target tells is another story than the sender's. */
static bool number_of(const struct nt_value *v, bool tx, uint64_t *id_seq)
{
	const struct nt_value *flow = nt_value_obj(v, "flow");
	uint64_t id, seq;

	if (!nt_value_u64(flow, "id", UINT16_MAX, &id) ||
	    !nt_value_u64(flow, "seq", UINT16_MAX, &seq))
		return false;
	*id_seq = (uint64_t)tx << 32 | id << 16 | seq;
	return true;
}

/* counted: what it was counted as besides, or NULL. */
static int keep_lost(struct mesh_cell *c, const struct nt_value *v, bool tx, uint64_t *counted)
{
	struct mesh_late *l = c->late_lost;
	uint64_t id_seq;

	if (!number_of(v, tx, &id_seq))
		return 0;
	if (!l)
		l = c->late_lost = calloc(1, sizeof(*l));
	if (!l)
		return -ENOMEM;
	l->v[l->n % LATE_KEPT].id_seq = id_seq;
	l->v[l->n % LATE_KEPT].counted = counted;
	l->n++;
	return 0;
}

/* Was it told as lost? Then it is that no more. */
static bool was_lost(const struct mesh_cell *c, const struct nt_value *v, bool tx)
{
	struct mesh_late *l = c->late_lost;
	uint32_t n = !l ? 0 : l->n < LATE_KEPT ? l->n : LATE_KEPT;
	uint64_t id_seq;

	if (!n || !number_of(v, tx, &id_seq))
		return false;
	for (uint32_t i = 0; i < n; i++) {
		if (l->v[i].id_seq != id_seq)
			continue;
		if (l->v[i].counted)
			--*l->v[i].counted;
		l->v[i].id_seq = UINT64_MAX;
		return true;
	}
	return false;
}

/* As the sender saw it. */
static int add_sent(struct mesh_cell *c, const struct nt_value *v, const char *status,
		    uint64_t slow_ns)
{
	uint64_t *lost = &c->untold;

	if (nt_value_true(v, "late")) {
		c->sent += !was_lost(c, v, true);
		c->late++;
		return 0;
	}
	c->sent++;
	if (!strcmp(status, "COMPLETE")) {
		c->complete++;
		return add_rtt(c, v, slow_ns);
	}
	if (!strcmp(status, "LOST_PATH1"))
		lost = &c->lost_out;
	else if (!strcmp(status, "LOST_INTER_PATH"))
		lost = &c->lost_between;
	else if (!strcmp(status, "LOST_PATH2"))
		lost = &c->lost_in;
	++*lost;
	return keep_lost(c, v, true, lost);
}

/* As its target saw it. */
static int add_came(struct mesh_cell *c, const struct nt_value *v, const char *status,
		    uint64_t slow_ns)
{
	bool late = nt_value_true(v, "late");
	uint64_t ns;

	c->came += !(late && was_lost(c, v, false));
	c->slow_there += slow_ns && total_rtt(v, &ns) && ns >= slow_ns;
	if (!late && strcmp(status, "COMPLETE") != 0)
		return keep_lost(c, v, false, NULL);
	c->answered++;
	return 0;
}

void mesh_matrix_pinged(struct mesh_matrix *m, uint32_t node, const char *addr, uint64_t pinged,
			uint64_t replied)
{
	struct mesh_cell *c;
	uint32_t to;

	if (!node_of(m, addr, &to) || to == node)
		return;
	c = mesh_matrix_cell(m, node, to);
	c->pinged += pinged;
	c->replied += replied;
}

int mesh_matrix_event(struct mesh_matrix *m, uint32_t node, const struct nt_value *v,
		      const uint64_t slow_ns[2])
{
	const struct nt_value *flow = nt_value_obj(v, "flow");
	const char *status = nt_value_str(v, "status"), *dir = nt_value_str(v, "direction");
	struct mesh_cell *c;
	uint32_t from, to;
	bool tx = dir && !strcmp(dir, "tx");

	if (!flow || !status)
		return 0; /* an interface has gone */
	if (!dir || (!tx && strcmp(dir, "rx") != 0) ||
	    !node_of(m, nt_value_str(flow, "src"), &from) ||
	    !node_of(m, nt_value_str(flow, "dst"), &to) || from == to || node != (tx ? from : to)) {
		m->foreign++;
		return 0;
	}
	c = mesh_matrix_cell(m, from, to);
	return tx ? add_sent(c, v, status, slow_ns[0]) : add_came(c, v, status, slow_ns[1]);
}
