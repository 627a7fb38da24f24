// SPDX-License-Identifier: GPL-2.0-or-later
#include "complete.h"
#include "opt_set.h"
#include "parse.h"

#include <stdio.h>

struct request {
	const struct nt_complete *c;
	struct nt_buf *out;
	struct nt_span lead; /* candidates begin with it: "--x=", "r0," */
	struct nt_span list; /* its part that is a list, entries in it are not offered again */
	struct nt_span word; /* what is to be completed behind it */
};

static void offer(struct request *rq, struct nt_span word, const char *what)
{
	struct nt_span list = rq->list, p;

	if (!word.n || !nt_span_begins(rq->word, word))
		return;
	while (list.n && nt_span_cut(&list, ',', &p)) {
		if (nt_span_same(p, word))
			return;
	}
	nt_buf_add(rq->out, "%.*s%.*s", (int)rq->lead.n, rq->lead.s, (int)word.n, word.s);
	if (what)
		nt_buf_add(rq->out, "\t%s", what);
	nt_buf_addc(rq->out, '\n');
}

static void offer_name(void *to, const char *name)
{
	offer(to, nt_span_of(name), NULL);
}

/* Word number n of a command's words. */
static bool command_word(const struct nt_doc *d, int n, struct nt_span *out)
{
	const char *list = d->words;

	do {
		if (!nt_span_next(&list, ' ', out))
			return false;
	} while (n-- > 0);
	return true;
}

/* How many of the command's words stand at the beginning of words? */
static int same_words(const struct nt_doc *d, int nwords, const char *const *words)
{
	struct nt_span p;
	int n = 0;

	while (n < nwords && command_word(d, n, &p) && nt_span_is(p, words[n]))
		n++;
	return n;
}

/* Command words that can follow words[0..n). */
static void offer_commands(struct request *rq, int n, const char *const *words)
{
	const struct nt_complete *c = rq->c;
	struct nt_span p, q;

	for (size_t i = 0; i < c->ndocs; i++) {
		const struct nt_doc *d = &c->docs[i];
		bool seen = false;

		if (same_words(d, n, words) < n || !command_word(d, n, &p))
			continue;
		for (size_t k = 0; k < i && !seen; k++)
			seen = same_words(&c->docs[k], n, words) == n &&
			       command_word(&c->docs[k], n, &q) && nt_span_same(p, q);
		if (!seen)
			offer(rq, p, command_word(d, n + 1, &q) ? NULL : d->summary);
	}
}

/* Complete the last entry of a comma list. */
static void in_list(struct request *rq)
{
	struct nt_span all = rq->word;

	for (size_t i = 0; i < all.n; i++) {
		if (all.s[i] != ',')
			continue;
		rq->list = (struct nt_span){ all.s, i };
		rq->word = (struct nt_span){ all.s + i + 1, all.n - i - 1 };
	}
	rq->lead.n = (size_t)(rq->word.s - rq->lead.s);
}

/* "FILE", "FILE[,FILE]", "DIR": the shell knows those best. */
static bool offer_paths(struct request *rq, const char *metavar)
{
	size_t n = strspn(metavar, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
	struct nt_span kind = { metavar, n };

	if (nt_span_is(kind, "FILE") || nt_span_is(kind, "PATH"))
		nt_buf_adds(rq->out, ":files\n");
	else if (nt_span_is(kind, "DIR"))
		nt_buf_adds(rq->out, ":dirs\n");
	else
		return false;
	return true;
}

/* A text: files, commands, the words of "a|b", or names of this machine. */
static void offer_texts(struct request *rq, const char *metavar)
{
	const char *list = metavar;
	struct nt_span p;

	if (offer_paths(rq, metavar))
		return;
	if (!strcmp(metavar, "COMMAND")) {
		offer_commands(rq, 0, NULL);
	} else if (strchr(metavar, '|')) {
		while (nt_span_next(&list, '|', &p))
			offer(rq, p, NULL);
	} else if (rq->c->names) {
		if (strstr(metavar, "[,"))
			in_list(rq);
		rq->c->names(metavar, offer_name, rq);
	}
}

static void offer_values(struct request *rq, const char *metavar, const struct nt_opt *o)
{
	static const char *const protos[] = { "tcp", "udp", "icmp", "icmp6", "all" };
	size_t nprotos = sizeof(protos) / sizeof(protos[0]);
	struct nt_span p;

	switch (o ? o->type : NT_OPT_STRING) {
	case NT_OPT_CHOICE:
		for (uint32_t i = 0; o->choices && nt_choice_name(o->choices, i, &p); i++)
			offer(rq, p, NULL);
		break;
	case NT_OPT_PROTO:
		in_list(rq);
		if (rq->list.n)
			nprotos--; /* "all" stands alone */
		for (size_t i = 0; i < nprotos; i++)
			offer(rq, nt_span_of(protos[i]), NULL);
		break;
	case NT_OPT_IFACES:
		in_list(rq);
		if (rq->c->names)
			rq->c->names("IFACE", offer_name, rq);
		break;
	case NT_OPT_STRING:
		offer_texts(rq, metavar);
		break;
	default:
		break;
	}
}

/* Where the words before the last one have led to. */
struct place {
	struct nt_opt_set set;
	struct nt_given given;
	int value_of;   /* the row whose value comes next, or -1 */
	bool no_more;   /* "--" was seen */
	int positional; /* words that are no options */
};

/* The row that a word names and whether its value is still to come. */
static void step_option(struct place *at, const char *word)
{
	const char *eq = strchr(word, '=');
	struct nt_opt_match m;
	bool complete = true, found;

	if (word[1] == '-') {
		size_t n = eq ? (size_t)(eq - word) : strlen(word);

		found = nt_opt_find(&at->set, NULL, (struct nt_span){ word + 2, n - 2 }, &m);
		complete = eq;
	} else {
		found = false;
		for (const char *p = word + 1; *p; p++) {
			found = nt_opt_find_letter(&at->set, NULL, *p, &m);
			if (!found)
				break;
			complete = p[1];
			if (at->set.row[m.row].o->type != NT_OPT_FLAG)
				break;
		}
	}
	if (!found)
		return;
	if (at->given.n < sizeof(at->given.off) / sizeof(at->given.off[0]))
		at->given.off[at->given.n++] = at->set.row[m.row].off;
	if (!complete && at->set.row[m.row].o->type != NT_OPT_FLAG &&
	    !(at->set.row[m.row].o->flags & NT_OPT_OPTARG))
		at->value_of = (int)m.row;
}

static void find_place(struct place *at, int n, const char *const *words)
{
	at->value_of = -1;
	for (int i = 0; i < n; i++) {
		if (at->value_of >= 0)
			at->value_of = -1;
		else if (!at->no_more && !strcmp(words[i], "--"))
			at->no_more = true;
		else if (!at->no_more && words[i][0] == '-' && words[i][1])
			step_option(at, words[i]);
		else
			at->positional++;
	}
}

static void offer_options(struct request *rq, const struct place *at)
{
	char name[80];

	for (uint32_t i = 0; i < at->set.n; i++) {
		const struct nt_opt *o = at->set.row[i].o;

		if (!nt_opt_set_shown(&at->set, i) || nt_opt_given(&at->given, at->set.row[i].off))
			continue;
		if (o->flags & NT_OPT_POSITIONAL && at->positional)
			continue; /* a word has taken its place */
		snprintf(name, sizeof(name), "--%s", o->name);
		offer(rq, nt_span_of(name), o->help);
		snprintf(name, sizeof(name), "--no-%s", o->name);
		if (o->flags & NT_OPT_NEG)
			offer(rq, nt_span_of(name), o->help);
	}
}

/* The other spellings, when no name begins with what was typed. */
static void offer_aliases(struct request *rq, const struct place *at)
{
	char name[80];
	struct nt_span p;

	for (uint32_t i = 0; i < at->set.n; i++) {
		const struct nt_opt_row *row = &at->set.row[i];

		for (uint32_t k = 1; nt_opt_spelling(row->o, k, &p); k++) {
			snprintf(name, sizeof(name), "--%.*s", (int)p.n, p.s);
			if (!(row->o->flags & NT_OPT_HIDDEN))
				offer(rq, nt_span_of(name), row->o->help);
		}
	}
}

/* A positional word: the row's values, those of the rest, or nothing. */
static bool offer_positional(struct request *rq, const struct nt_doc *doc, const struct place *at,
			     const char *const *words)
{
	int n = at->positional;

	for (uint32_t i = 0; i < at->set.n; i++) {
		const struct nt_opt_row *row = &at->set.row[i];

		if (!(row->o->flags & NT_OPT_POSITIONAL) || row->owner != i ||
		    nt_opt_given(&at->given, row->off) || n-- > 0)
			continue;
		if (!strcmp(nt_opt_metavar(row->o), "COMMAND"))
			offer_commands(rq, at->positional, words);
		else
			offer_values(rq, nt_opt_metavar(row->o), row->o);
		return true;
	}
	if (!doc->rest)
		return false;
	if (!strcmp(doc->rest, "COMMAND"))
		offer_commands(rq, at->positional, words);
	else
		offer_values(rq, doc->rest, NULL);
	return true;
}

/* "--name=part". */
static void offer_joined(struct request *rq, const struct place *at)
{
	const char *eq = memchr(rq->word.s, '=', rq->word.n);
	size_t n = (size_t)(eq - rq->word.s);
	struct nt_opt_match m;

	if (!nt_opt_find(&at->set, NULL, (struct nt_span){ rq->word.s + 2, n - 2 }, &m))
		return;
	rq->lead = (struct nt_span){ rq->word.s, n + 1 };
	rq->word = (struct nt_span){ eq + 1, rq->word.n - n - 1 };
	offer_values(rq, nt_opt_metavar(at->set.row[m.row].o), at->set.row[m.row].o);
}

static void in_command(struct request *rq, const struct nt_doc *doc, int n,
		       const char *const *words)
{
	struct place at = { 0 };
	size_t before = rq->out->n;
	bool option;

	if (nt_opt_set_make(&at.set, doc->opts, 0, SIZE_MAX / 2, NULL))
		return;
	find_place(&at, n, words);
	option = rq->word.n && rq->word.s[0] == '-' && !at.no_more;
	if (at.value_of >= 0) {
		const struct nt_opt *o = at.set.row[at.value_of].o;

		offer_values(rq, nt_opt_metavar(o), o);
	} else if (option && rq->word.n > 1 && rq->word.s[1] == '-' &&
		   memchr(rq->word.s, '=', rq->word.n)) {
		offer_joined(rq, &at);
	} else if (option) {
		offer_options(rq, &at);
		if (rq->out->n == before)
			offer_aliases(rq, &at);
	} else if (!offer_positional(rq, doc, &at, words) && !at.no_more) {
		offer_options(rq, &at);
	}
}

void nt_complete(const struct nt_complete *c, int nwords, const char *const *words,
		 struct nt_buf *out)
{
	const char *last = nwords > 0 ? words[nwords - 1] : "";
	struct request rq = { .c = c, .out = out, .word = nt_span_of(last), .lead = { last, 0 } };
	const struct nt_doc *doc = NULL;
	int before = nwords > 0 ? nwords - 1 : 0, most = 0;

	for (size_t i = 0; i < c->ndocs; i++) {
		int n = same_words(&c->docs[i], before, words);
		struct nt_span p;

		if (n > most && !command_word(&c->docs[i], n, &p)) {
			doc = &c->docs[i];
			most = n;
		}
	}
	if (doc)
		in_command(&rq, doc, before - most, words + most);
	else
		offer_commands(&rq, before, words);
}
