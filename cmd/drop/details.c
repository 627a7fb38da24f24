// SPDX-License-Identifier: GPL-2.0-or-later
/* drop details: which packets are dropped, one record for each. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cleanup.h"
#include "drop_details.h"

extern const struct nt_object nt_obj_drop_details;

#define O(field) offsetof(struct details_cfg, field)

#define VLAN_MAX 4095

static const struct nt_opt details_opts[] = {
	{ .type = NT_OPT_HEADING, .help = "Report" },
	{ .name = "no-stack-trace", .aliases = "disable-kernel-stacks", .type = NT_OPT_FLAG,
	  .off = O(no_stack), .help = "take no stacks: cheaper, and the place is still told" },
	{ .name = "stack-depth", .type = NT_OPT_U32, .off = O(depth), .def = "16", .min = "1",
	  .max = "127", .metavar = "N", .help = "frames of a stack; a longer one says that it is cut" },
	{ .name = "rate", .type = NT_OPT_U32, .off = O(rate), .def = "1000", .metavar = "N",
	  .help = "records of a second, the rest is only counted; 0: any number" },
	{ .name = "sample", .type = NT_OPT_U32, .off = O(sample), .def = "1", .min = "1",
	  .metavar = "N", .help = "a record of one of N drops, the rest is only counted" },
	{ .name = "interval", .letter = 'i', .type = NT_OPT_DURATION, .off = O(common.interval_ns),
	  .def = "0", .unit = "s", .metavar = "SEC",
	  .help = "time between statistics, 0: only those at the end" },
	{ .name = "duration", .letter = 'd', .type = NT_OPT_DURATION, .off = O(common.duration_ns),
	  .def = "0", .unit = "s", .metavar = "SEC",
	  .help = "stop after this time, 0: run until Ctrl-C" },
	{ .name = "verbose", .letter = 'v', .type = NT_OPT_FLAG, .off = O(common.verbose),
	  .flags = NT_OPT_NOBANNER,
	  .help = "say more: the headers of each packet, process and CPU; the probe of each hook" },
	{ .name = "disable-normal-filter", .type = NT_OPT_FLAG, .off = O(show_normal),
	  .help = "show also the frees that are normal" },
	{ .type = NT_OPT_HEADING, .help = "Filter" },
	{ .name = "type", .type = NT_OPT_STRING, .off = O(type), .def = "all", .metavar = "TYPE",
	  .help = "arp, rarp, ipv4, ipv6, lldp, flow_control, other, all, or an EtherType as 0x88cc" },
	{ .name = "vlan-id", .type = NT_OPT_U32, .off = O(vlan), .max = "4095", .metavar = "ID",
	  .help = "packets with a tag of this VLAN, the outer or the inner one" },
	{ .name = "interface", .letter = 'n', .aliases = "device,dev,name", .type = NT_OPT_IFACES,
	  .off = O(dev), .metavar = "IF[,IF]",
	  .help = "drops on this device, or of packets that came in by it" },
	NT_OPTS_ADDRS(struct details_cfg, flow),
	NT_OPTS_PORTS(struct details_cfg, flow),
	{ .name = "protocol", .letter = 'p', .type = NT_OPT_PROTO, .off = O(flow.proto),
	  .def = "all", .help = "tcp, udp, icmp, icmp6, all, or a number; comma list" },
	NT_OPTS_PROTO(struct details_cfg, flow),
	{ .name = "reason", .type = NT_OPT_STRING, .off = O(reason), .metavar = "REASON[,REASON]",
	  .help = "only drops of these reasons; before Linux 5.17 by the class of their place" },
	{ .name = "bidir", .type = NT_OPT_FLAG, .off = O(both_ways),
	  .help = "also the packets of the other direction" },
	NT_OPTS_TRACE(struct details_cfg, common),
	{ 0 },
};

static const struct nt_example details_examples[] = {
	{ "drop details --src-ip 10.0.0.1 --dst-ip 10.0.0.2 --l4-protocol tcp",
	  "each TCP segment of a host to another one that is dropped, where and why" },
	{ "drop details --interface vnet0 --verbose --duration 60",
	  "a minute of a guest's dropped packets with all headers" },
	{ 0 },
};

static const struct nt_legacy details_legacy[] = {
	{ "eth_drop.py", NULL, NULL,
	  "a filter by addresses, ports or protocol leaves out what has none, such as ARP" },
	{ 0 },
};

/* --- --type --- */

#define TYPE_ALL 0
#define ETH_IPV4 0x0800
#define ETH_IPV6 0x86dd

static const struct {
	const char *name;
	uint32_t type;
} types[] = {
	{ "all", TYPE_ALL },        { "arp", 0x0806 },          { "rarp", 0x8035 },
	{ "ipv4", ETH_IPV4 },       { "ipv6", ETH_IPV6 },       { "lldp", 0x88cc },
	{ "flow_control", 0x8808 }, { "flow-control", 0x8808 }, { "other", DROP_TYPE_OTHER },
};

static int parse_type(const char *word, uint32_t *type, struct nt_err *err)
{
	size_t i, n = strncasecmp(word, "0x", 2) ? 0 : strspn(word + 2, "0123456789abcdefABCDEF");
	char q[NT_QUOTE_LEN];

	for (i = 0; i < NT_ARRAY_SIZE(types); i++) {
		if (strcasecmp(word, types[i].name) != 0)
			continue;
		*type = types[i].type;
		return 0;
	}
	if (n >= 1 && n <= 4 && !word[2 + n]) {
		*type = (uint32_t)strtoul(word + 2, NULL, 16);
		if (*type)
			return 0;
	}
	return nt_errf(err, NT_EXIT_USAGE, EINVAL,
		       "--type: '%s' is none of arp, rarp, ipv4, ipv6, lldp, flow_control, other, "
		       "all, and no EtherType as 0x88cc",
		       nt_quote(word, q));
}

/* Addresses, ports and protocols are those of IP. */
static int check_type(const struct nt_run *run, struct nt_err *err)
{
	const struct details_cfg *c = run->cfg;
	const struct drop_kcfg *k = run->kcfg;
	uint32_t family = c->flow.src.n ? c->flow.src.family : c->flow.dst.family;
	bool asked = k->need & DROP_NEED_FLOW;

	if (asked && k->type && k->type != ETH_IPV4 && k->type != ETH_IPV6)
		return nt_errf(err, NT_EXIT_USAGE, EINVAL,
			       "--type %s: its packets have no addresses, ports or protocol that "
			       "could be filtered; leave out one or the other",
			       c->type);
	if ((family == 6 && k->type == ETH_IPV4) || (family == 4 && k->type == ETH_IPV6))
		return nt_errf(err, NT_EXIT_USAGE, EINVAL,
			       "--type %s does not go with addresses of IPv%u", c->type, family);
	return 0;
}

/* Those of reasons are drop summary's: every tool is asked for every word. */
static void type_names(const char *metavar, void (*add)(void *to, const char *name), void *to)
{
	size_t i;

	if (strcmp(metavar, "TYPE") != 0)
		return;
	for (i = 0; i < NT_ARRAY_SIZE(types); i++)
		add(to, types[i].name);
}

/* --- before it begins --- */

static int details_prepare(struct nt_run *run, struct nt_err *err)
{
	const struct details_cfg *c = run->cfg;
	struct drop_kcfg *k = run->kcfg;
	int r = nt_flow_check(&c->flow, err);

	r = r ?: parse_type(c->type, &k->type, err);
	if (r < 0)
		return r;
	drop_settings_fill(run, &c->flow,
			   DROP_BY_PLACE | DROP_BY_FLOW | (c->no_stack ? 0 : DROP_BY_STACK),
			   c->depth);
	k->both_ways = c->both_ways;
	k->show_normal = c->show_normal;
	k->sample = c->sample;
	k->rate = c->rate;
	if (nt_opt_given(run->given, O(vlan)))
		k->vlan = c->vlan + 1;
	if (k->type || k->vlan)
		k->need |= DROP_NEED_FRAME;
	r = check_type(run, err);
	return r ?: drop_base_begin(run, c->reason, &c->dev, err);
}

static int details_kernel(struct nt_run *run, const struct nt_ksym_want *functions,
			  struct nt_err *err)
{
	struct drop_base *base = run->state;
	int r = drop_places_open(run, functions, err);

	return r ?: drop_asked_resolve(&base->asked, base->places, run->kcfg, err);
}

/* --- records --- */

/* What a tape has need not be what a kernel would say. */
static void make_sound(struct drop_rec *rec)
{
	if (rec->l2_len > sizeof(rec->l2))
		rec->l2_len = sizeof(rec->l2);
	if (rec->l3_len > sizeof(rec->l3))
		rec->l3_len = sizeof(rec->l3);
	if (rec->l4_len > sizeof(rec->l4))
		rec->l4_len = sizeof(rec->l4);
	if (rec->cls > DROP_CLASSES)
		rec->cls = 0;
}

static void details_event(struct nt_run *run, const void *data, size_t size)
{
	struct details_state *st = run->state;
	uint32_t room = st->room ? st->room * 2 : 64;
	struct drop_rec *v;

	if (size < sizeof(*v))
		return;
	if (st->n == st->room) {
		v = realloc(st->rec, room * sizeof(*v));
		if (!v) {
			nt_run_fail(run, -ENOMEM);
			return;
		}
		st->rec = v;
		st->room = room;
	}
	memcpy(&st->rec[st->n], data, sizeof(*v));
	make_sound(&st->rec[st->n++]);
}

static void view_of(struct details_view *v, struct nt_run *run, const struct drop_rec *rec)
{
	const struct details_cfg *c = run->cfg;

	v->run = run;
	v->rec = rec;
	drop_place_of(run, rec->place, &v->place);
	v->has_stack = drop_stack_get(run, &(struct drop_spot){ rec->place, rec->stack }, c->depth,
				      &v->stack);
	v->reason = drop_reason_text(run, rec->flags, rec->reason, v->reason_buf,
				     sizeof(v->reason_buf));
	v->hint = v->reason ? NULL : drop_hint(v->place.function);
}

static int count_names(const struct details_view *v)
{
	struct details_state *st = v->run->state;
	char reason[80], proto[16];
	int r;

	snprintf(reason, sizeof(reason), "%s%s", v->reason || !v->hint ? "" : "~",
		 v->reason ? v->reason :
		 v->hint   ? v->hint :
			     "-");
	r = drop_tally_add(&st->reasons, reason);
	r = r     ?:
		    drop_tally_add(&st->places,
				   v->place.function[0] ? v->place.function : v->place.text);
	return r ?: drop_tally_add(&st->protocols, details_proto(v->rec, proto, sizeof(proto)));
}

static bool enough(const struct nt_run *run)
{
	return run->common->count && run->events >= run->common->count;
}

static void show(const struct details_view *v)
{
	const struct drop_base *base = v->run->state;
	struct details_state *st = v->run->state;

	if (base->asked.n && !v->reason && !drop_asked_derived(&base->asked, v->place.function)) {
		st->others++;
		return;
	}
	if (v->run->common->json)
		details_json(v);
	else
		details_text(v);
	st->shown++;
	nt_run_shown(v->run);
	nt_run_fail(v->run, count_names(v));
}

/* Show what waits: the names of all of it first. */
static int show_waiting(struct nt_run *run)
{
	struct details_state *st = run->state;
	struct drop_spot *spot = st->n ? calloc(st->n, sizeof(*spot)) : NULL;
	struct details_view v;
	uint32_t i;
	int r;

	if (!spot)
		return st->n ? -ENOMEM : 0;
	for (i = 0; i < st->n; i++)
		spot[i] = (struct drop_spot){ st->rec[i].place, st->rec[i].stack };
	r = drop_places_learn(run, spot, st->n);
	free(spot);
	for (i = 0; !r && i < st->n && !enough(run); i++) {
		view_of(&v, run, &st->rec[i]);
		show(&v);
	}
	st->n = 0;
	return r;
}

static void details_tick(struct nt_run *run, uint64_t now_ns)
{
	(void)now_ns;
	nt_run_fail(run, show_waiting(run));
}

static int details_figures(struct nt_run *run, bool final)
{
	int r = show_waiting(run);

	return r ?: details_report(run, final);
}

static void details_done(struct nt_run *run)
{
	struct details_state *st = run->state;

	if (!st)
		return;
	free(st->rec);
	drop_tally_free(&st->reasons);
	drop_tally_free(&st->places);
	drop_tally_free(&st->protocols);
	drop_places_free(st->base.places);
}

const struct nt_tool nt_tool_drop_details = {
	.words = "drop details",
	.family = "drop",
	.summary = "show each packet that the kernel drops: headers, device, place, reason, stack",
	.side = "any",
	.needs = NT_NEEDS_TRACE NT_NEEDS_SYMBOLS,
	.opts = details_opts,
	.cfg_size = sizeof(struct details_cfg),
	.legacy = details_legacy,
	.examples = details_examples,
	.object = &nt_obj_drop_details,
	.hooks = drop_hooks,
	.functions = drop_functions,
	.types = drop_types,
	.state_size = sizeof(struct details_state),
	.kcfg_size = sizeof(struct drop_kcfg),
	.tick_ms = 100,
	.prepare = details_prepare,
	.kernel = details_kernel,
	.sizes = drop_stacks_size,
	.banner = drop_banner,
	.names = type_names,
	.on_event = details_event,
	.on_tick = details_tick,
	.report = details_figures,
	.done = details_done,
};
