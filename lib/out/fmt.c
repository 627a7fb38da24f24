// SPDX-License-Identifier: GPL-2.0-or-later
#include "fmt.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <time.h>

#include "digits.h"

#define NS_PER_S 1000000000ULL

/* Copy what fits, always with a NUL. */
static char *emit(char *buf, size_t len, const char *s, size_t n)
{
	if (!len)
		return buf;
	if (n >= len)
		n = len - 1;
	memcpy(buf, s, n);
	buf[n] = '\0';
	return buf;
}

/* "2025-11-20 10:45:00"; years have four digits until 2554, the end of u64 ns. */
static char *put_date_time(char *p, const struct tm *tm, char sep)
{
	p = nt_put_digits(p, (uint64_t)tm->tm_year + 1900, 4);
	*p++ = '-';
	p = nt_put_digits(p, (uint64_t)tm->tm_mon + 1, 2);
	*p++ = '-';
	p = nt_put_digits(p, (uint64_t)tm->tm_mday, 2);
	*p++ = sep;
	p = nt_put_digits(p, (uint64_t)tm->tm_hour, 2);
	*p++ = ':';
	p = nt_put_digits(p, (uint64_t)tm->tm_min, 2);
	*p++ = ':';
	return nt_put_digits(p, (uint64_t)tm->tm_sec, 2);
}

/* localtime_r() is not cached: it reads the zone once and then takes 30 ns. */
static char *put_local(char *p, uint64_t wall_ns)
{
	time_t s = (time_t)(wall_ns / NS_PER_S);
	struct tm tm;

	if (!localtime_r(&s, &tm))
		memset(&tm, 0, sizeof(tm));
	return put_date_time(p, &tm, ' ');
}

char *nt_fmt_time_ms(uint64_t wall_ns, char *buf, size_t len)
{
	char tmp[NT_TIME_LEN], *p = put_local(tmp, wall_ns);

	*p++ = '.';
	p = nt_put_digits(p, wall_ns % NS_PER_S / 1000000, 3);
	return emit(buf, len, tmp, (size_t)(p - tmp));
}

char *nt_fmt_time_s(uint64_t wall_ns, char *buf, size_t len)
{
	char tmp[NT_TIME_LEN], *p = put_local(tmp, wall_ns);

	return emit(buf, len, tmp, (size_t)(p - tmp));
}

char *nt_fmt_rfc3339(uint64_t wall_ns, char *buf, size_t len)
{
	time_t s = (time_t)(wall_ns / NS_PER_S);
	char tmp[NT_TIME_LEN], *p;
	struct tm tm;

	if (!gmtime_r(&s, &tm))
		memset(&tm, 0, sizeof(tm));
	p = put_date_time(tmp, &tm, 'T');
	*p++ = '.';
	p = nt_put_digits(p, wall_ns % NS_PER_S, 9);
	*p++ = 'Z';
	return emit(buf, len, tmp, (size_t)(p - tmp));
}

static size_t put_addr(uint32_t family, const uint32_t addr[4], char tmp[NT_ADDR_LEN])
{
	const uint8_t *b = (const uint8_t *)addr;
	char *p = tmp;
	int i;

	if (family == 4) {
		for (i = 0; i < 4; i++) {
			p = nt_put_u64(p, b[i]);
			*p++ = '.';
		}
		return (size_t)(p - tmp - 1);
	}
	if (family != 6 || !inet_ntop(AF_INET6, addr, tmp, NT_ADDR_LEN)) {
		tmp[0] = '?';
		return 1;
	}
	return strlen(tmp);
}

char *nt_fmt_addr(uint32_t family, const uint32_t addr[4], char *buf, size_t len)
{
	char tmp[NT_ADDR_LEN];

	return emit(buf, len, tmp, put_addr(family, addr, tmp));
}

char *nt_fmt_endpoint(uint32_t family, const uint32_t addr[4], uint16_t port, char *buf, size_t len)
{
	char tmp[NT_ENDPOINT_LEN], *p = tmp;

	if (!port)
		return nt_fmt_addr(family, addr, buf, len);
	if (family == 6)
		*p++ = '[';
	p += put_addr(family, addr, p);
	if (family == 6)
		*p++ = ']';
	*p++ = ':';
	p = nt_put_u64(p, port);
	return emit(buf, len, tmp, (size_t)(p - tmp));
}

char *nt_fmt_proto(uint8_t proto, char *buf, size_t len)
{
	char tmp[NT_U64_LEN];

	switch (proto) {
	case IPPROTO_ICMP:
		return emit(buf, len, "icmp", 4);
	case IPPROTO_TCP:
		return emit(buf, len, "tcp", 3);
	case IPPROTO_UDP:
		return emit(buf, len, "udp", 3);
	case IPPROTO_ICMPV6:
		return emit(buf, len, "icmp6", 5);
	default:
		return emit(buf, len, tmp, (size_t)(nt_put_u64(tmp, proto) - tmp));
	}
}

#define ANY_CODE 256

/* RFC 792, 1122, 1812; RFC 4443. Type 3 (IPv6: 1) says who gave up, and why. */
static const struct {
	uint16_t family, type, code;
	const char *text;
} icmp_errors[] = {
	{ 4, 3, 0, "network unreachable" },
	{ 4, 3, 1, "host unreachable" },
	{ 4, 3, 2, "protocol unreachable" },
	{ 4, 3, 3, "port unreachable" },
	{ 4, 3, 4, "too big to go on in one piece" },
	{ 4, 3, 9, "network prohibited" },
	{ 4, 3, 10, "host prohibited" },
	{ 4, 3, 13, "prohibited by a filter" },
	{ 4, 3, ANY_CODE, "unreachable" },
	{ 4, 5, ANY_CODE, "redirect" },
	{ 4, 11, 0, "TTL exceeded" },
	{ 4, 11, 1, "fragments missing" },
	{ 4, 12, ANY_CODE, "bad header" },
	{ 6, 1, 0, "no route" },
	{ 6, 1, 1, "prohibited by a filter" },
	{ 6, 1, 3, "address unreachable" },
	{ 6, 1, 4, "port unreachable" },
	{ 6, 1, ANY_CODE, "unreachable" },
	{ 6, 2, ANY_CODE, "too big to go on in one piece" },
	{ 6, 3, 0, "hop limit exceeded" },
	{ 6, 3, 1, "fragments missing" },
	{ 6, 4, ANY_CODE, "bad header" },
};

const char *nt_icmp_error_text(uint32_t family, uint8_t type, uint8_t code)
{
	size_t i;

	for (i = 0; i < sizeof(icmp_errors) / sizeof(icmp_errors[0]); i++)
		if (icmp_errors[i].family == family && icmp_errors[i].type == type &&
		    (icmp_errors[i].code == code || icmp_errors[i].code == ANY_CODE))
			return icmp_errors[i].text;
	return NULL;
}

char *nt_fmt_name(const char *name, size_t n, char *buf, size_t len)
{
	size_t i;

	if (!len)
		return buf;
	for (i = 0; i < n && i < len - 1 && name[i]; i++)
		buf[i] = name[i] >= 0x20 && name[i] < 0x7f ? name[i] : '?';
	buf[i] = '\0';
	return buf;
}
