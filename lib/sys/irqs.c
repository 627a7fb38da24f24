// SPDX-License-Identifier: GPL-2.0-or-later
#include "irqs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* --- sets of CPUs --- */

bool nt_cpuset_within(const struct nt_cpuset *s, const struct nt_cpuset *in)
{
	uint32_t i;

	for (i = 0; i < NT_CPUS_MAX / 64; i++)
		if (s->w[i] & ~in->w[i])
			return false;
	return true;
}

bool nt_cpuset_empty(const struct nt_cpuset *s)
{
	static const struct nt_cpuset none;

	return nt_cpuset_within(s, &none);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A number of at most seven digits at *s, which moves behind it; -1: there is none. */
static long number(const char **s)
{
	long v = -1;
	int digits = 0;

	for (; is_digit(**s) && digits < 7; ++*s, digits++)
		v = (v < 0 ? 0 : v) * 10 + (**s - '0');
	return v;
}

static bool ended(const char *s)
{
	return !s[strspn(s, " \t\n")];
}

int nt_cpuset_list(const char *text, struct nt_cpuset *s)
{
	long first, last;

	memset(s, 0, sizeof(*s));
	if (ended(text))
		return 0;
	for (;;) {
		first = last = number(&text);
		if (first >= 0 && *text == '-') {
			text++;
			last = number(&text);
		}
		if (first < 0 || last < first || last >= NT_CPUS_MAX)
			return -EINVAL;
		for (; first <= last; first++)
			s->w[first / 64] |= 1ULL << (first % 64);
		if (ended(text))
			return 0;
		if (*text++ != ',')
			return -EINVAL;
	}
}

static int hex_digit(char c)
{
	if (is_digit(c))
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* From the end: the last word is that of the lowest CPUs, of 32 bits each. */
int nt_cpuset_mask(const char *text, struct nt_cpuset *s)
{
	size_t n = strlen(text);
	uint32_t bit = 0, in_word = 0;
	int v;

	memset(s, 0, sizeof(*s));
	while (n && strchr(" \t\n", text[n - 1]))
		n--;
	if (!n)
		return -EINVAL;
	while (n--) {
		if (text[n] == ',') {
			bit += 32 - in_word;
			in_word = 0;
			continue;
		}
		v = hex_digit(text[n]);
		if (v < 0 || in_word == 32)
			return -EINVAL;
		if (v && bit >= NT_CPUS_MAX)
			return -EINVAL;
		if (v)
			s->w[bit / 64] |= (uint64_t)v << (bit % 64);
		bit += 4;
		in_word += 4;
	}
	return 0;
}

char *nt_cpuset_text(const struct nt_cpuset *s, char *buf, size_t len)
{
	uint32_t cpu, last;
	size_t n = 0;

	snprintf(buf, len, "-");
	for (cpu = 0; cpu < NT_CPUS_MAX; cpu = last + 1) {
		last = cpu;
		if (!nt_cpuset_has(s, cpu))
			continue;
		while (nt_cpuset_has(s, last + 1))
			last++;
		/* Room for a comma, two numbers and the dots. */
		if (n + 16 > len) {
			snprintf(buf + n, len - n, ",...");
			break;
		}
		n += (size_t)snprintf(buf + n, len - n, last > cpu ? "%s%u-%u" : "%s%u",
				      n ? "," : "", cpu, last);
	}
	return buf;
}

/* --- /proc/interrupts --- */

static const char *skip_blanks(const char *s)
{
	return s + strspn(s, " \t");
}

int nt_irq_cpus(const char *text, uint32_t *cpu, uint32_t max)
{
	uint32_t n = 0;
	long v;

	for (text = skip_blanks(text); !strncmp(text, "CPU", 3); text = skip_blanks(text)) {
		text += 3;
		v = number(&text);
		if (v < 0 || v >= NT_CPUS_MAX || n == max)
			return -EINVAL;
		cpu[n++] = (uint32_t)v;
	}
	return n && *text == '\n' ? (int)n : -EINVAL;
}

/* The line that begins with this number; NULL: none. */
static const char *line_of(const char *text, uint32_t irq)
{
	const char *p;
	long v;

	for (; text; text = strchr(text, '\n')) {
		text += *text == '\n';
		p = skip_blanks(text);
		v = number(&p);
		if (v >= 0 && (uint32_t)v == irq && *p == ':')
			return p + 1;
	}
	return NULL;
}

static const char *take_counts(const char *p, uint64_t *count, uint32_t n)
{
	uint32_t i;
	char *end;

	for (i = 0; i < n; i++) {
		p = skip_blanks(p);
		count[i] = 0;
		if (!is_digit(*p))
			continue;
		count[i] = strtoull(p, &end, 10);
		p = end;
	}
	return p;
}

/*
 * Behind the counts: the controller, its number and kind of the interrupt in one or two
 * words ("PCI-MSI 49153-edge", "PCI-MSIX-0000:00:01.0   0-edge", "IO-APIC   5-edge"), then
 * the names: they begin behind the last word that ends in "-edge", "-level" or "-fasteoi",
 * where there is one, else with the fourth.
 */
static void take_name(const char *p, char name[NT_IRQ_NAME])
{
	size_t end = strcspn(p, "\n"), at, n, words = 0;
	size_t from = 0, third = 0;

	for (at = 0; at < end; at += n) {
		at += strspn(p + at, " \t");
		n = strcspn(p + at, " \t\n");
		if (!n)
			break;
		words++;
		if ((n >= 5 && !strncmp(p + at + n - 5, "-edge", 5)) ||
		    (n >= 6 && !strncmp(p + at + n - 6, "-level", 6)) ||
		    (n >= 8 && !strncmp(p + at + n - 8, "-fasteoi", 8)))
			from = at + n;
		if (words == 3)
			third = at + n;
	}
	/* On arm64 "ITS-MSI 524288 Edge eth0-0". */
	if (!from)
		from = third;
	from += strspn(p + from, " \t");
	n = from < end && (third || from) ? end - from : 0;
	while (n && strchr(" \t", p[from + n - 1]))
		n--;
	snprintf(name, NT_IRQ_NAME, "%.*s", (int)(n < NT_IRQ_NAME ? n : NT_IRQ_NAME - 1), p + from);
}

bool nt_irq_row(const char *text, uint32_t irq, uint64_t *count, uint32_t n, char name[NT_IRQ_NAME])
{
	const char *p = line_of(text, irq);

	name[0] = '\0';
	memset(count, 0, n * sizeof(*count));
	if (!p)
		return false;
	take_name(take_counts(p, count, n), name);
	return true;
}

/* The number behind a word at *s, which moves behind it. */
static bool number_of(const char **s, const char *word, uint64_t *v)
{
	size_t n = strlen(word);
	char *end;

	*s += strspn(*s, " \t\n");
	if (strncmp(*s, word, n) || (*s)[n] != ' ' || !is_digit((*s)[n + 1]))
		return false;
	*v = strtoull(*s + n + 1, &end, 10);
	*s = end;
	return true;
}

int nt_irq_spurious(const char *text, uint64_t *count, uint64_t *unhandled)
{
	return number_of(&text, "count", count) && number_of(&text, "unhandled", unhandled) ?
		       0 :
		       -EINVAL;
}

/* --- names of drivers --- */

/* Is the word in the name, whatever its case? Up to an "@": behind it is the bus. */
static bool has(const char *name, const char *word)
{
	size_t n = strlen(word), end = strcspn(name, "@"), i;

	for (i = 0; i + n <= end; i++)
		if (!strncasecmp(name + i, word, n))
			return true;
	return false;
}

/* The last number of the name. false: it ends otherwise. */
static bool last_number(const char *name, uint32_t *v)
{
	size_t end = strcspn(name, "@"), from = end;
	const char *p;
	long n;

	while (from && is_digit(name[from - 1]))
		from--;
	p = name + from;
	n = from < end ? number(&p) : -1;
	*v = n < 0 ? 0 : (uint32_t)n;
	return n >= 0;
}

void nt_irq_queue_of(const char *name, struct nt_irq_queue *q)
{
	bool rx = has(name, "input") || has(name, "rx"),
	     tx = has(name, "output") || has(name, "tx");

	memset(q, 0, sizeof(*q));
	if (!last_number(name, &q->queue))
		return;
	if (rx || tx)
		q->kind = rx && tx ? NT_IRQ_RXTX : rx ? NT_IRQ_RX : NT_IRQ_TX;
	else if (has(name, "comp") || has(name, "fp-"))
		q->kind = NT_IRQ_RXTX;
}
