/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Formatting of times, addresses and names. Every function returns buf. */
#ifndef NT_FMT_H
#define NT_FMT_H

#include <stddef.h>
#include <stdint.h>

#define NT_TIME_LEN 40
#define NT_ADDR_LEN 48
#define NT_ENDPOINT_LEN 64

/* Wall-clock ns since the epoch. "2025-11-20 10:45:00.123", local time. */
char *nt_fmt_time_ms(uint64_t wall_ns, char *buf, size_t len);
/* "2025-11-20 10:45:00", local time. */
char *nt_fmt_time_s(uint64_t wall_ns, char *buf, size_t len);
/* RFC 3339 with nanoseconds, UTC: "2025-11-20T09:45:00.123456789Z". */
char *nt_fmt_rfc3339(uint64_t wall_ns, char *buf, size_t len);
/* family 4 or 6, words in network order, IPv4 in word 0. */
char *nt_fmt_addr(uint32_t family, const uint32_t addr[4], char *buf, size_t len);
/* "10.0.0.1:80", "[fd00::1]:80"; port 0 (host order): without one. */
char *nt_fmt_endpoint(uint32_t family, const uint32_t addr[4], uint16_t port, char *buf,
		      size_t len);
/* "tcp", "udp", "icmp", "icmp6", else the number. */
char *nt_fmt_proto(uint8_t proto, char *buf, size_t len);
/* What an ICMP error of IPv4 (family 4) or IPv6 says: "host unreachable"; NULL: not known. */
const char *nt_icmp_error_text(uint32_t family, uint8_t type, uint8_t code);
/* A kernel string of at most n bytes, unprintable bytes as '?'. */
char *nt_fmt_name(const char *name, size_t n, char *buf, size_t len);

#endif
