// SPDX-License-Identifier: GPL-2.0-or-later
/* What the drop tools call things, in text and JSON. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>

#include "drop_tool.h"

const struct drop_class_words drop_classes[DROP_CLASSES] = {
#define C(id, key, text) { key, text },
#include "drop_classes.def"
#undef C
};

double drop_percent(uint64_t part, uint64_t whole)
{
	return whole ? 100.0 * (double)part / (double)whole : 0;
}

const char *drop_device_text(uint32_t ifindex, const char dev[NT_IFNAMSIZ], char *buf, size_t len)
{
	if (!ifindex)
		snprintf(buf, len, "-");
	else if (dev[0])
		nt_fmt_name(dev, NT_IFNAMSIZ, buf, len);
	else
		snprintf(buf, len, "ifindex %u", ifindex);
	return buf;
}

/* A name alone would be taken for a device of this namespace. A recording does not have the
 * namespaces' names. */
const char *drop_netns_text(const struct nt_run *run, uint32_t inum, char *buf, size_t len)
{
	char file[128];

	if (!inum || run->replay || inum == run->ns.inum)
		return NULL;
	if (nt_netns_name(inum, file, sizeof(file)))
		return nt_fmt_name(file, sizeof(file), buf, len);
	snprintf(buf, len, "%u", inum);
	return buf;
}

const char *drop_iif_text(const struct nt_run *run, uint32_t inum, uint32_t iif, char *buf,
			  size_t len)
{
	uint32_t i;

	for (i = 0; i < run->ifaces.n && inum == run->ns.inum; i++)
		if (run->ifaces.v[i].ifindex == iif)
			return nt_fmt_name(run->ifaces.v[i].name, sizeof(run->ifaces.v[i].name),
					   buf, len);
	snprintf(buf, len, "ifindex %u", iif);
	return buf;
}

const char *drop_ethertype_name(uint16_t eth)
{
	switch (eth) {
	case 0x0800:
		return "IPv4";
	case 0x0806:
		return "ARP";
	case 0x8035:
		return "RARP";
	case 0x86dd:
		return "IPv6";
	case 0x8808:
		return "flow control";
	case 0x8809:
		return "LACP";
	case 0x88cc:
		return "LLDP";
	default:
		return NULL;
	}
}

const char *drop_proto_upper(uint8_t proto, char *buf, size_t len)
{
	char *p = nt_fmt_proto(proto, buf, len);

	for (; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	return buf;
}

void drop_stack_json(struct nt_run *run, struct nt_json *j, const struct drop_stack *s)
{
	struct drop_place p;
	uint32_t i;

	nt_json_u64(j, "stack_id", s->id);
	nt_json_bool(j, "stack_cut", s->cut);
	nt_json_arr(j, "stack");
	for (i = 0; i < s->n; i++) {
		drop_place_of(run, s->ip[i], &p);
		nt_json_str(j, NULL, p.text);
	}
	nt_json_end(j);
}

void drop_hidden_text(struct nt_out *out, const uint64_t hidden[DROP_CLASSES])
{
	uint32_t i;

	for (i = 0; i < DROP_CLASSES; i++)
		if (hidden[i])
			nt_out_text(out, "  hidden: %" PRIu64 " %s\n", hidden[i],
				    drop_classes[i].text);
}

void drop_hidden_json(struct nt_json *j, const uint64_t hidden[DROP_CLASSES])
{
	uint32_t i;

	nt_json_obj(j, "hidden");
	for (i = 0; i < DROP_CLASSES; i++)
		nt_json_u64(j, drop_classes[i].key, hidden[i]);
	nt_json_end(j);
}
