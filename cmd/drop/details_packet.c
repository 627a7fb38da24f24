// SPDX-License-Identifier: GPL-2.0-or-later
/* drop details: what the headers of a dropped packet say, as text and JSON. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "drop_details.h"

#define MAC_LEN 18
#define ETH_HEAD 14
#define IPV4_HEAD 20
#define IPV6_HEAD 40
#define ARP_HEAD 28 /* of Ethernet and IPv4 */
#define TCP_HEAD 20
#define UDP_HEAD 8

#define ETH_ARP 0x0806
#define ETH_RARP 0x8035

static uint32_t get16(const uint8_t *p)
{
	return (uint32_t)p[0] << 8 | p[1];
}

static uint32_t get32(const uint8_t *p)
{
	return get16(p) << 16 | get16(p + 2);
}

static const char *mac_text(const uint8_t *m, char buf[MAC_LEN])
{
	snprintf(buf, MAC_LEN, "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5]);
	return buf;
}

static const char *ipv4_at(const uint8_t *p, char *buf, size_t len)
{
	uint32_t addr[4] = { 0 };

	memcpy(addr, p, sizeof(addr[0]));
	return nt_fmt_addr(4, addr, buf, len);
}

static bool is_tag(uint32_t eth)
{
	return eth == 0x8100 || eth == 0x88a8;
}

/* --- tags --- */

#define TAGS 3

struct tag {
	uint32_t tci, proto;
	bool in_band;
};

/* The outer one first: that beside the packet was before those in it. */
static uint32_t tags_of(const struct drop_rec *rec, struct tag v[TAGS])
{
	uint32_t n = 0, at;

	if (rec->tag_proto)
		v[n++] = (struct tag){ rec->tag_tci, rec->tag_proto, false };
	for (at = 12; n < TAGS && at + 4 <= rec->l2_len && is_tag(get16(rec->l2 + at)); at += 4)
		v[n++] = (struct tag){ get16(rec->l2 + at + 2), get16(rec->l2 + at), true };
	return n;
}

const char *details_vlans(const struct drop_rec *rec, char *buf, size_t len)
{
	struct tag v[TAGS];
	uint32_t n = tags_of(rec, v), i;
	size_t used = 0;

	buf[0] = 0;
	for (i = 0; i < n && used < len; i++)
		used += (size_t)snprintf(buf + used, len - used, "%s%u", i ? "." : " vlan ",
					 v[i].tci & 0xfff);
	/* Without an Ethernet header there may still be the parser's word for it. */
	if (!n && rec->pkt.vlan)
		snprintf(buf, len, " vlan %u", rec->pkt.vlan - 1U);
	return buf;
}

/* --- what is on the line of a drop --- */

const char *details_proto(const struct drop_rec *rec, char *buf, size_t len)
{
	if (rec->pkt.family)
		return drop_proto_upper(rec->pkt.proto, buf, len);
	switch (rec->eth) {
	case ETH_ARP:
		return "ARP";
	case ETH_RARP:
		return "RARP";
	case 0x88cc:
		return "LLDP";
	case 0x8808:
		return "FLOWCTL";
	case 0:
		return "?";
	default:
		snprintf(buf, len, "0x%04x", rec->eth);
		return buf;
	}
}

static bool has_ports(const struct drop_rec *rec)
{
	return (rec->pkt.proto == NT_IPPROTO_TCP || rec->pkt.proto == NT_IPPROTO_UDP ||
		rec->pkt.proto == NT_IPPROTO_SCTP) &&
	       !(rec->pkt.flags & NT_KEY_LATER_FRAG);
}

/* ARP and RARP of Ethernet and IPv4, all of it there? */
static bool is_arp(const struct drop_rec *rec)
{
	return !rec->pkt.family && (rec->eth == ETH_ARP || rec->eth == ETH_RARP) &&
	       rec->l3_len >= ARP_HEAD && rec->l3[4] == 6 && rec->l3[5] == 4;
}

const char *details_ends(const struct drop_rec *rec, char *buf, size_t len)
{
	char a[NT_ENDPOINT_LEN], b[NT_ENDPOINT_LEN];
	const struct nt_key *k = &rec->pkt;

	if (k->family) {
		nt_fmt_endpoint(k->family, k->saddr, has_ports(rec) ? ntohs(k->sport) : 0, a,
				sizeof(a));
		nt_fmt_endpoint(k->family, k->daddr, has_ports(rec) ? ntohs(k->dport) : 0, b,
				sizeof(b));
	} else if (is_arp(rec)) {
		ipv4_at(rec->l3 + 14, a, sizeof(a));
		ipv4_at(rec->l3 + 24, b, sizeof(b));
	} else if (rec->l2_len >= ETH_HEAD) {
		mac_text(rec->l2 + 6, a);
		mac_text(rec->l2, b);
	} else {
		snprintf(buf, len, "-");
		return buf;
	}
	snprintf(buf, len, "%s -> %s", a, b);
	return buf;
}

static const char *tcp_flags(const struct drop_rec *rec, char *buf, size_t len)
{
	static const char *const names[] = {
		"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"
	};
	size_t used = 0, i;

	buf[0] = 0;
	for (i = 0; i < NT_ARRAY_SIZE(names) && used < len; i++)
		if (rec->l4[13] & (1U << i))
			used += (size_t)snprintf(buf + used, len - used, "%s%s", used ? "," : "",
						 names[i]);
	return buf;
}

static bool is_tcp(const struct drop_rec *rec)
{
	return rec->pkt.family && rec->pkt.proto == NT_IPPROTO_TCP && rec->l4_len >= TCP_HEAD;
}

static bool is_icmp(const struct drop_rec *rec)
{
	return rec->pkt.family && rec->l4_len &&
	       (rec->pkt.proto == NT_IPPROTO_ICMP || rec->pkt.proto == NT_IPPROTO_ICMP6);
}

static const char *arp_operation(const struct drop_rec *rec)
{
	switch (get16(rec->l3 + 6)) {
	case 1:
		return "Request";
	case 2:
		return "Reply";
	case 3:
		return "RARP request";
	case 4:
		return "RARP reply";
	default:
		return "Unknown";
	}
}

const char *details_extra(const struct drop_rec *rec, char *buf, size_t len)
{
	const struct nt_key *k = &rec->pkt;
	char flags[48];

	buf[0] = 0;
	if (k->flags & NT_KEY_LATER_FRAG)
		snprintf(buf, len, " [fragment at %u]", k->frag_off);
	else if (rec->flags & DROP_ROW_NO_L4)
		snprintf(buf, len, " [header not readable]");
	else if (is_tcp(rec))
		snprintf(buf, len, " [%s]", tcp_flags(rec, flags, sizeof(flags)));
	else if (is_icmp(rec) && nt_icmp_is_echo(k->proto, k->type))
		snprintf(buf, len, " [echo %s %u/%u]",
			 k->type == 8 || k->type == 128 ? "request" : "reply", ntohs(k->sport),
			 ntohs(k->dport));
	else if (is_icmp(rec))
		snprintf(buf, len, " [type %u code %u]", k->type, k->code);
	else if (is_arp(rec))
		snprintf(buf, len, " [%s]", arp_operation(rec));
	return buf;
}

/* --- all of it, as text --- */

static void ethernet_text(struct nt_out *out, const struct drop_rec *rec)
{
	const char *name = drop_ethertype_name(rec->eth);
	struct tag v[TAGS];
	uint32_t n = tags_of(rec, v), i;
	char mac[MAC_LEN];

	for (i = 0; i < n; i++)
		nt_out_text(out, "VLAN: %u priority %u 0x%04x (%s the frame)\n", v[i].tci & 0xfff,
			    v[i].tci >> 13, v[i].proto, v[i].in_band ? "in" : "beside");
	if (rec->l2_len >= ETH_HEAD) {
		nt_out_text(out, "Ethernet Header:\n");
		nt_out_text(out, "  Source MAC: %s\n", mac_text(rec->l2 + 6, mac));
		nt_out_text(out, "  Dest MAC:   %s\n", mac_text(rec->l2, mac));
	} else {
		nt_out_text(out, "Ethernet Header: none\n");
	}
	nt_out_text(out, "  EtherType:  0x%04x%s%s%s\n", rec->eth, name ? " (" : "",
		    name ? name : "", name ? ")" : "");
}

static void ipv4_text(struct nt_out *out, const struct drop_rec *rec)
{
	const uint8_t *p = rec->l3;

	if (rec->l3_len < IPV4_HEAD)
		return;
	nt_out_text(out, "  Version: 4  IHL: %u  ToS: 0x%02x  Length: %u  ID: %u\n", p[0] & 0xf,
		    p[1], get16(p + 2), get16(p + 4));
	nt_out_text(out, "  Flags: %s%s  Fragment Offset: %u  TTL: %u  Protocol: %u\n",
		    p[6] & 0x40 ? "DF" : "-", p[6] & 0x20 ? " MF" : "",
		    (get16(p + 6) & 0x1fff) << 3, p[8], p[9]);
}

static void ipv6_text(struct nt_out *out, const struct drop_rec *rec)
{
	const uint8_t *p = rec->l3;

	if (rec->l3_len < IPV6_HEAD)
		return;
	nt_out_text(out,
		    "  Version: 6  Traffic Class: 0x%02x  Flow Label: 0x%05x  Payload Length: %u\n",
		    (get16(p) >> 4) & 0xff, get32(p) & 0xfffff, get16(p + 4));
	nt_out_text(out, "  Next Header: %u  Hop Limit: %u\n", p[6], p[7]);
}

/* Bytes of the segment behind its header, by what the packet's own header says. */
static uint32_t tcp_data(const struct drop_rec *rec)
{
	uint32_t head = rec->pkt.l4_off + 4U * (rec->l4[12] >> 4);
	uint32_t len = rec->pkt.len + (rec->pkt.family == 6 ? IPV6_HEAD : 0);

	return len > head ? len - head : 0;
}

static void l4_text(struct nt_out *out, const struct drop_rec *rec)
{
	char flags[48];

	if (has_ports(rec)) {
		nt_out_text(out, "  Source Port:    %u\n", ntohs(rec->pkt.sport));
		nt_out_text(out, "  Dest Port:      %u\n", ntohs(rec->pkt.dport));
	}
	if (is_tcp(rec)) {
		nt_out_text(out, "  TCP Sequence:   %u\n", get32(rec->l4 + 4));
		nt_out_text(out, "  TCP Ack:        %u\n", get32(rec->l4 + 8));
		nt_out_text(out, "  TCP Flags:      [%s]\n", tcp_flags(rec, flags, sizeof(flags)));
		nt_out_text(out, "  TCP Window:     %u\n", get16(rec->l4 + 14));
		nt_out_text(out, "  Data Length:    %u bytes\n", tcp_data(rec));
	} else if (rec->pkt.proto == NT_IPPROTO_UDP && rec->l4_len >= UDP_HEAD) {
		nt_out_text(out, "  UDP Length:     %u\n", get16(rec->l4 + 4));
	}
}

static void ip_text(struct nt_out *out, const struct drop_rec *rec)
{
	const struct nt_key *k = &rec->pkt;
	char a[NT_ADDR_LEN], proto[16], extra[64];

	nt_out_text(out, "%s PACKET%s\n", drop_proto_upper(k->proto, proto, sizeof(proto)),
		    is_tcp(rec) ? "" : details_extra(rec, extra, sizeof(extra)));
	if (k->family == 4)
		ipv4_text(out, rec);
	else
		ipv6_text(out, rec);
	nt_out_text(out, "  Source IP:      %s\n", nt_fmt_addr(k->family, k->saddr, a, sizeof(a)));
	nt_out_text(out, "  Dest IP:        %s\n", nt_fmt_addr(k->family, k->daddr, a, sizeof(a)));
	l4_text(out, rec);
}

static void arp_text(struct nt_out *out, const struct drop_rec *rec)
{
	const uint8_t *p = rec->l3;
	char proto[16], mac[MAC_LEN], a[NT_ADDR_LEN];

	nt_out_text(out, "%s PACKET\n", details_proto(rec, proto, sizeof(proto)));
	nt_out_text(out, "  Hardware Type:  %u\n", get16(p));
	nt_out_text(out, "  Protocol Type:  0x%04x\n", get16(p + 2));
	nt_out_text(out, "  Operation:      %u (%s)\n", get16(p + 6), arp_operation(rec));
	nt_out_text(out, "  Sender MAC:     %s\n", mac_text(p + 8, mac));
	nt_out_text(out, "  Sender IP:      %s\n", ipv4_at(p + 14, a, sizeof(a)));
	nt_out_text(out, "  Target MAC:     %s\n", mac_text(p + 18, mac));
	nt_out_text(out, "  Target IP:      %s\n", ipv4_at(p + 24, a, sizeof(a)));
}

static void other_text(struct nt_out *out, const struct drop_rec *rec)
{
	uint32_t i;

	nt_out_text(out, "OTHER PROTOCOL\n");
	if (rec->l3_len)
		nt_out_text(out, "  Payload:       ");
	for (i = 0; i < rec->l3_len; i++)
		nt_out_text(out, " %02x", rec->l3[i]);
	if (rec->l3_len)
		nt_out_text(out, "\n");
}

void details_headers_text(struct nt_out *out, const struct drop_rec *rec)
{
	ethernet_text(out, rec);
	if (rec->pkt.family)
		ip_text(out, rec);
	else if (is_arp(rec))
		arp_text(out, rec);
	else
		other_text(out, rec);
	nt_out_text(out, "  Length: %u bytes%s", rec->len, rec->data_len ? "" : "\n");
	if (rec->data_len)
		nt_out_text(out, ", %u of them not linear\n", rec->data_len);
	if (rec->gso_size)
		nt_out_text(out, "  GSO: segments of %u bytes\n", rec->gso_size);
	nt_out_text(out, "  Offsets: mac %d network %u transport %d data %u  queue %u\n",
		    rec->mac == 0xffff ? -1 : (int)rec->mac, rec->network,
		    rec->transport == 0xffff ? -1 : (int)rec->transport, rec->data, rec->queue);
}

/* --- and as JSON --- */

static void ethernet_json(struct nt_json *j, const struct drop_rec *rec)
{
	struct tag v[TAGS];
	uint32_t n = tags_of(rec, v), i;
	char buf[MAC_LEN];

	nt_json_obj(j, "ethernet");
	if (rec->l2_len >= ETH_HEAD) {
		nt_json_str(j, "src", mac_text(rec->l2 + 6, buf));
		nt_json_str(j, "dst", mac_text(rec->l2, buf));
	}
	snprintf(buf, sizeof(buf), "0x%04x", rec->eth);
	nt_json_str(j, "ethertype", buf);
	nt_json_arr(j, "vlans");
	for (i = 0; i < n; i++) {
		nt_json_obj(j, NULL);
		nt_json_u64(j, "id", v[i].tci & 0xfff);
		nt_json_u64(j, "priority", v[i].tci >> 13);
		snprintf(buf, sizeof(buf), "0x%04x", v[i].proto);
		nt_json_str(j, "protocol", buf);
		nt_json_bool(j, "in_band", v[i].in_band);
		nt_json_end(j);
	}
	nt_json_end(j);
	nt_json_end(j);
}

static void flow_json(struct nt_json *j, const struct drop_rec *rec)
{
	char buf[8];

	if (rec->pkt.family) {
		nt_json_flow(j, &rec->pkt);
		return;
	}
	nt_json_obj(j, "flow");
	if (rec->eth) {
		snprintf(buf, sizeof(buf), "0x%04x", rec->eth);
		nt_json_str(j, "ethertype", buf);
	}
	if (rec->pkt.vlan)
		nt_json_u64(j, "vlan", rec->pkt.vlan - 1U);
	nt_json_end(j);
}

static void ip_json(struct nt_json *j, const struct drop_rec *rec)
{
	const uint8_t *p = rec->l3;

	if (rec->pkt.family == 4 && rec->l3_len >= IPV4_HEAD) {
		nt_json_obj(j, "ip");
		nt_json_u64(j, "ttl", p[8]);
		nt_json_u64(j, "tos", p[1]);
		nt_json_u64(j, "id", get16(p + 4));
		nt_json_u64(j, "len", get16(p + 2));
		nt_json_bool(j, "df", p[6] & 0x40);
		nt_json_end(j);
	} else if (rec->pkt.family == 6 && rec->l3_len >= IPV6_HEAD) {
		nt_json_obj(j, "ip");
		nt_json_u64(j, "ttl", p[7]);
		nt_json_u64(j, "tos", (get16(p) >> 4) & 0xff);
		nt_json_u64(j, "flow_label", get32(p) & 0xfffff);
		nt_json_u64(j, "len", get16(p + 4));
		nt_json_end(j);
	}
}

static void l4_json(struct nt_json *j, const struct drop_rec *rec)
{
	char flags[48];

	if (!is_tcp(rec))
		return;
	nt_json_obj(j, "tcp");
	nt_json_u64(j, "seq", get32(rec->l4 + 4));
	nt_json_u64(j, "ack", get32(rec->l4 + 8));
	nt_json_str(j, "flags", tcp_flags(rec, flags, sizeof(flags)));
	nt_json_u64(j, "window", get16(rec->l4 + 14));
	nt_json_u64(j, "data", tcp_data(rec));
	nt_json_end(j);
}

static void arp_json(struct nt_json *j, const struct drop_rec *rec)
{
	const uint8_t *p = rec->l3;
	char mac[MAC_LEN], a[NT_ADDR_LEN];

	if (!is_arp(rec))
		return;
	nt_json_obj(j, "arp");
	nt_json_u64(j, "operation", get16(p + 6));
	nt_json_str(j, "sender_mac", mac_text(p + 8, mac));
	nt_json_str(j, "sender_ip", ipv4_at(p + 14, a, sizeof(a)));
	nt_json_str(j, "target_mac", mac_text(p + 18, mac));
	nt_json_str(j, "target_ip", ipv4_at(p + 24, a, sizeof(a)));
	nt_json_end(j);
}

void details_headers_json(struct nt_json *j, const struct drop_rec *rec)
{
	flow_json(j, rec);
	ethernet_json(j, rec);
	ip_json(j, rec);
	l4_json(j, rec);
	arp_json(j, rec);
	nt_json_u64(j, "len", rec->len);
	nt_json_u64(j, "data_len", rec->data_len);
	nt_json_u64(j, "gso_size", rec->gso_size);
	nt_json_u64(j, "queue", rec->queue);
	nt_json_bool(j, "header_unread", rec->flags & DROP_ROW_NO_L4);
}
