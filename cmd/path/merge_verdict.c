// SPDX-License-Identifier: GPL-2.0-or-later
/* path merge: what two hosts that a packet passes say of it together. */
#include "path_merge.h"

/* --- a ping: there and back --- */

static enum merge_where icmp_outside(const struct merge_terms *terms, const struct merge_event *d)
{
	if (!d && !terms->covered)
		return MERGE_OTHER_NOT_THERE;
	if (!d)
		return terms->d_all ? MERGE_OUT : MERGE_WAY_UNKNOWN;
	switch (d->late ? MERGE_COMPLETE : d->end) {
	case MERGE_INSIDE:
		return MERGE_D_OUT;
	case MERGE_INSIDE_BACK:
		return MERGE_D_BACK;
	case MERGE_OUTSIDE:
		return MERGE_FAR;
	case MERGE_COMPLETE:
		return MERGE_BACK;
	default:
		return MERGE_UNTOLD;
	}
}

static enum merge_where icmp_where(const struct merge_terms *terms, const struct merge_event *u,
				   const struct merge_event *d)
{
	if (!u)
		return MERGE_ONLY_D;
	if (u->late)
		return MERGE_LATE;
	switch (u->end) {
	case MERGE_INSIDE:
		return MERGE_U_OUT;
	case MERGE_INSIDE_BACK:
		return MERGE_U_BACK;
	case MERGE_OUTSIDE:
		return icmp_outside(terms, d);
	case MERGE_COMPLETE:
		return !d && terms->d_all && terms->covered ? MERGE_ONLY_U : MERGE_OK;
	default:
		return MERGE_UNTOLD;
	}
}

/* --- a TCP segment: one way, and told to be lost when nothing confirms it --- */

static enum merge_where tcp_behind(const struct merge_terms *terms, const struct merge_event *u,
				   const struct merge_event *d)
{
	bool lost = u->end == MERGE_OUTSIDE;

	if (!d && !terms->covered)
		return lost ? MERGE_OTHER_NOT_THERE : MERGE_OK;
	/* One that was confirmed may have been cut anew (GSO, GRO): no other host sees that one. */
	if (!d && !lost)
		return terms->d_all ? MERGE_ONLY_U : MERGE_OK;
	if (!d)
		return terms->d_all ? MERGE_OUT : MERGE_WAY_UNKNOWN;
	if (d->end == MERGE_INSIDE)
		return MERGE_D_OUT;
	if (!lost)
		return MERGE_OK;
	return d->end == MERGE_OUTSIDE ? MERGE_FAR : MERGE_BACK;
}

static enum merge_where tcp_where(const struct merge_terms *terms, const struct merge_event *u,
				  const struct merge_event *d)
{
	if (!u) /* without --all those that left are not in U's */
		return !terms->u_all && d->end == MERGE_INSIDE ? MERGE_D_OUT : MERGE_ONLY_D;
	if (u->late)
		return MERGE_LATE;
	if (u->end == MERGE_INSIDE)
		return MERGE_U_OUT;
	return u->end == MERGE_NOT_KNOWN ? MERGE_UNTOLD : tcp_behind(terms, u, d);
}

/* --- datagrams of one key: one way, and their numbers count --- */

static enum merge_where udp_lost_at_u(const struct merge_event *u)
{
	if (u->late)
		return MERGE_LATE;
	if (u->end == MERGE_INSIDE)
		return MERGE_U_OUT;
	return u->end == MERGE_BEFORE ? MERGE_NEAR : MERGE_UNTOLD;
}

static enum merge_where udp_lost_at_d(const struct merge_event *d)
{
	if (d->late)
		return MERGE_LATE;
	if (d->end == MERGE_INSIDE)
		return MERGE_D_OUT;
	return d->end == MERGE_BEFORE ? MERGE_OUT : MERGE_UNTOLD;
}

static void udp_both(uint64_t *n, const struct merge_event *u, const struct merge_event *d)
{
	uint32_t passed = u->came - u->open, came = d->came, open = d->open, whole;

	/* Fragments that U did not pass on, or never had, are missing at D too. */
	if (u->open && open && (d->end == MERGE_BEFORE || u->end == MERGE_BEFORE)) {
		uint32_t same = u->open < open ? u->open : open;

		came -= same;
		open -= same;
	}
	whole = came < passed ? came : passed;
	n[MERGE_OUT] += passed - whole;
	n[MERGE_ONLY_D] += came - whole;
	n[udp_lost_at_d(d)] += open;
	n[MERGE_OK] += whole > open ? whole - open : 0;
}

static void udp_count(uint64_t *n, const struct merge_terms *terms, const struct merge_event *u,
		      const struct merge_event *d)
{
	if (u)
		n[udp_lost_at_u(u)] += u->open;
	if (u && d) {
		udp_both(n, u, d);
	} else if (u) {
		n[!terms->d_all  ? MERGE_OK :
		  terms->covered ? MERGE_OUT :
				   MERGE_OTHER_NOT_THERE] += u->came - u->open;
	} else if (terms->u_all) {
		n[MERGE_ONLY_D] += d->came;
	} else {
		n[udp_lost_at_d(d)] += d->open;
		n[MERGE_OK] += d->came - d->open;
	}
}

void merge_judge(struct merge_tally *t, const struct merge_terms *terms,
		 const struct merge_event *u, const struct merge_event *d)
{
	uint64_t *n = t->n[(u ? u : d)->key.reverse];

	if (terms->proto == MERGE_UDP) {
		udp_count(n, terms, u, d);
		return;
	}
	if (terms->proto == MERGE_TCP) {
		n[tcp_where(terms, u, d)]++;
		return;
	}
	n[icmp_where(terms, u, d)]++;
	if (u && d && u->end == MERGE_COMPLETE && d->end == MERGE_COMPLETE &&
	    u->external_ns > d->total_ns)
		nt_hist_add(&t->between, u->external_ns - d->total_ns);
}

/* --- who is first? --- */

/* Does what x says, given that the other host saw the packet, show it to be D? */
static bool shows_second(enum merge_proto proto, const struct merge_event *x,
			 const struct merge_event *other)
{
	if (x->end == MERGE_INSIDE)
		return proto != MERGE_UDP || x->open == x->came;
	if (proto != MERGE_ICMP)
		return x->end == MERGE_BEFORE && other->end == MERGE_COMPLETE;
	if (x->end == MERGE_INSIDE_BACK || x->end == MERGE_COMPLETE)
		return other->end == MERGE_OUTSIDE ||
		       (other->end == MERGE_INSIDE_BACK && x->end == MERGE_COMPLETE);
	return false;
}

int merge_first(enum merge_proto proto, const struct merge_event *x, const struct merge_event *y)
{
	bool xs, ys;

	if (x->late || y->late)
		return 0;
	xs = shows_second(proto, x, y);
	ys = shows_second(proto, y, x);
	if (xs != ys)
		return xs ? 1 : -1;
	if (xs || proto != MERGE_ICMP || x->end != MERGE_COMPLETE || y->end != MERGE_COMPLETE)
		return 0;
	/* What is outside of the one is all of the other, and the way between. */
	if (x->external_ns && x->external_ns > y->total_ns)
		return -1;
	return y->external_ns && y->external_ns > x->total_ns ? 1 : 0;
}
