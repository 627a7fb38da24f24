// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mesh: the hosts. A plain list is an INI inventory without sections. What is not about
 * how ssh gets to a host is left alone, as Ansible's files have much else in them.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "mesh.h"

#define FILE_MAX (1U << 20)
#define DEPTH_MAX 16

static int wrong(struct nt_err *err, const char *what, const char *text)
{
	char q[NT_QUOTE_LEN];

	return nt_errf(err, NT_EXIT_USAGE, EINVAL, "%s: '%s'", what, nt_quote(text, q));
}

/* --- one host --- */

/* Words that go to ssh: nothing that it, or any shell, could take for anything else. */
static bool is_word(const char *s, const char *more)
{
	if (!*s || *s == '-')
		return false;
	for (; *s; s++)
		if (!isalnum((unsigned char)*s) && !strchr(more, *s))
			return false;
	return true;
}

static bool is_address(const char *s)
{
	uint32_t a[4];

	return inet_pton(AF_INET, s, a) == 1 || inet_pton(AF_INET6, s, a) == 1;
}

static int copy(char *to, size_t len, const char *from, const char *what, struct nt_err *err)
{
	return (size_t)snprintf(to, len, "%s", from) < len ? 0 : wrong(err, what, from);
}

static int set_var(struct mesh_host *h, const char *key, const char *value, struct nt_err *err)
{
	uint64_t port;

	if (!strcmp(key, "ansible_host") || !strcmp(key, "ansible_ssh_host")) {
		if (!is_word(value, "._:-%"))
			return wrong(err, "not the name or address of a host", value);
		return copy(h->host, sizeof(h->host), value, "too long a name", err);
	}
	if (!strcmp(key, "ansible_user") || !strcmp(key, "ansible_ssh_user")) {
		if (!is_word(value, "._-"))
			return wrong(err, "not the name of a user", value);
		return copy(h->user, sizeof(h->user), value, "too long a name", err);
	}
	if (!strcmp(key, "ansible_port") || !strcmp(key, "ansible_ssh_port")) {
		if (nt_parse_u64(value, 1, 65535, &port, NULL) < 0)
			return wrong(err, "not a port", value);
		h->port = (uint32_t)port;
		return 0;
	}
	if (!strcmp(key, "nettrace_ip")) {
		if (!is_address(value))
			return wrong(err, "nettrace_ip is no address", value);
		return copy(h->ip, sizeof(h->ip), value, "too long an address", err);
	}
	return 0;
}

static struct mesh_host *find(struct mesh_hosts *hosts, const char *name)
{
	for (uint32_t i = 0; i < hosts->n; i++)
		if (!strcmp(hosts->h[i].name, name))
			return &hosts->h[i];
	return NULL;
}

/* Once, whatever how many groups it is in. */
static int add_host(struct mesh_hosts *hosts, const char *name, struct nt_err *err)
{
	struct mesh_host *h;

	if (!is_word(name, "._:-%"))
		return wrong(err, "not the name or address of a host", name);
	if (strlen(name) >= sizeof(h->name))
		return wrong(err, "too long a name", name);
	if (find(hosts, name))
		return 0;
	if (hosts->n == MESH_MAX_NODES)
		return nt_errf(err, NT_EXIT_USAGE, E2BIG,
			       "more than %d hosts: choose a group with --group", MESH_MAX_NODES);
	h = &hosts->h[hosts->n++];
	memset(h, 0, sizeof(*h));
	snprintf(h->name, sizeof(h->name), "%s", name);
	snprintf(h->host, sizeof(h->host), "%s", name);
	return 0;
}

/* [USER@]HOST[=ADDRESS] */
static int add_spec(struct mesh_hosts *hosts, char *spec, struct nt_err *err)
{
	char *ip = strchr(spec, '='), *at, *host = spec;
	struct mesh_host *h;
	int r;

	if (ip)
		*ip++ = '\0';
	at = strrchr(spec, '@');
	if (at) {
		*at = '\0';
		host = at + 1;
	}
	if (find(hosts, host))
		return wrong(err, "twice in --nodes", host);
	r = add_host(hosts, host, err);
	if (r < 0)
		return r;
	h = &hosts->h[hosts->n - 1];
	r = at ? set_var(h, "ansible_user", spec, err) : 0;
	return r ?: ip ? set_var(h, "nettrace_ip", ip, err) : 0;
}

int mesh_hosts_list(const char *list, struct mesh_hosts *out, struct nt_err *err)
{
	NT_FREE char *s = strdup(list);
	char *save = NULL, *p;
	int r = s ? 0 : nt_errf(err, NT_EXIT_RUNTIME, ENOMEM, "out of memory");

	out->n = 0;
	for (p = s ? strtok_r(s, ", ", &save) : NULL; p && !r; p = strtok_r(NULL, ", ", &save))
		r = add_spec(out, p, err);
	return r;
}

/* --- what an inventory says --- */

int mesh_fact_add(struct mesh_facts *facts, const struct mesh_fact *f)
{
	if (facts->n == MESH_MAX_FACTS)
		return nt_errf(facts->err, NT_EXIT_USAGE, E2BIG,
			       "more than %d hosts, groups and variables: give a smaller inventory",
			       MESH_MAX_FACTS);
	facts->f[facts->n++] = *f;
	return 0;
}

/* Is the group the other one, or within it? */
static bool is_within(const struct mesh_facts *facts, const char *group, const char *of, int depth)
{
	if (!strcmp(group, of) || !strcmp(of, "all"))
		return true;
	for (uint32_t i = 0; depth && i < facts->n; i++)
		if (facts->f[i].kind == MESH_CHILD && !strcmp(facts->f[i].name, group) &&
		    is_within(facts, facts->f[i].group, of, depth - 1))
			return true;
	return false;
}

static bool is_member(const struct mesh_facts *facts, const char *host, const char *group)
{
	for (uint32_t i = 0; i < facts->n; i++)
		if (facts->f[i].kind == MESH_MEMBER && !strcmp(facts->f[i].name, host) &&
		    is_within(facts, facts->f[i].group, group, DEPTH_MAX))
			return true;
	return false;
}

/* Groups' variables first, those of all groups before others', then the host's own. */
static int set_vars(const struct mesh_facts *facts, struct mesh_host *h, struct nt_err *err)
{
	int r = 0;

	for (int pass = 0; pass < 3 && !r; pass++) {
		for (uint32_t i = 0; i < facts->n && !r; i++) {
			const struct mesh_fact *f = &facts->f[i];
			bool all = !strcmp(f->group, "all");

			if (pass < 2 ? f->kind == MESH_GROUP_VAR && all == !pass &&
					       is_member(facts, h->name, f->group) :
				       f->kind == MESH_HOST_VAR && !strcmp(f->group, h->name))
				r = set_var(h, f->name, f->value, err);
		}
	}
	return r;
}

static int put_together(const struct mesh_facts *facts, const char *group, struct mesh_hosts *out,
			struct nt_err *err)
{
	bool known = !group || !strcmp(group, "all");
	char q[NT_QUOTE_LEN];
	int r = 0;

	out->n = 0;
	for (uint32_t i = 0; i < facts->n && !r; i++) {
		const struct mesh_fact *f = &facts->f[i];

		known = known || (f->kind <= MESH_CHILD && !strcmp(f->group, group)) ||
			(f->kind == MESH_CHILD && !strcmp(f->name, group));
		if (f->kind == MESH_MEMBER && (!group || is_member(facts, f->name, group)))
			r = add_host(out, f->name, err);
	}
	if (!r && !known)
		r = nt_errf(err, NT_EXIT_USAGE, EINVAL, "no group '%s' in the inventory",
			    nt_quote(group, q));
	for (uint32_t i = 0; i < out->n && !r; i++)
		r = set_vars(facts, &out->h[i], err);
	return r;
}

/* --- INI --- */

struct ini {
	struct mesh_facts *facts;
	char section[MESH_NAME];
	enum { IN_HOSTS, IN_CHILDREN, IN_VARS } in;
};

static char *trim(char *s)
{
	char *end;

	s += strspn(s, " \t\r");
	end = s + strlen(s);
	while (end > s && strchr(" \t\r", end[-1]))
		*--end = '\0';
	return s;
}

static int fact(struct mesh_facts *facts, int kind, const char *group, const char *name,
		const char *value)
{
	struct mesh_fact f = { .kind = kind };

	if (strlen(group) >= sizeof(f.group) || strlen(name) >= sizeof(f.name) ||
	    strlen(value) >= sizeof(f.value))
		return wrong(facts->err, "too long in an inventory", name);
	snprintf(f.group, sizeof(f.group), "%s", group);
	snprintf(f.name, sizeof(f.name), "%s", name);
	snprintf(f.value, sizeof(f.value), "%s", value);
	return mesh_fact_add(facts, &f);
}

static int section(struct ini *ini, char *line)
{
	char *end = strchr(line, ']'), *colon;

	if (!end)
		return wrong(ini->facts->err, "a section without ']'", line);
	*end = '\0';
	line++;
	colon = strchr(line, ':');
	ini->in = IN_HOSTS;
	if (colon) {
		*colon++ = '\0';
		ini->in = !strcmp(colon, "vars") ? IN_VARS : IN_CHILDREN;
		if (ini->in == IN_CHILDREN && strcmp(colon, "children") != 0)
			return wrong(ini->facts->err, "an unknown kind of section", colon);
	}
	if (strlen(line) >= sizeof(ini->section))
		return wrong(ini->facts->err, "too long a name", line);
	snprintf(ini->section, sizeof(ini->section), "%s", line);
	return 0;
}

static int variable(struct mesh_facts *facts, int kind, const char *of, char *word)
{
	char *value = strchr(word, '=');
	size_t n;

	if (!value)
		return wrong(facts->err, "not NAME=VALUE in an inventory", word);
	*value++ = '\0';
	value = trim(value);
	n = strlen(value);
	if (n > 1 && strchr("'\"", value[0]) && value[n - 1] == value[0]) {
		value[n - 1] = '\0';
		value++;
	}
	/* Long ones are none of ours. */
	return strlen(value) < MESH_HOST && strlen(trim(word)) < MESH_HOST ?
		       fact(facts, kind, of, trim(word), value) :
		       0;
}

/* A host, its variables behind it, as words. */
static int host_vars(struct ini *ini, const char *name, const char *vars)
{
	NT_FREE char *s = strdup(vars);
	char *save = NULL, *w;
	int r = s ? fact(ini->facts, MESH_MEMBER, ini->section, name, "") : -ENOMEM;

	for (w = s ? strtok_r(s, " \t", &save) : NULL; w && !r; w = strtok_r(NULL, " \t", &save)) {
		if (*w == '#')
			break;
		r = variable(ini->facts, MESH_HOST_VAR, name, w);
	}
	return r;
}

/* "web[01:10].example", of numbers; else the name itself. */
static int hosts(struct ini *ini, const char *name, const char *vars)
{
	const char *open = strchr(name, '['), *colon, *shut;
	char one[MESH_HOST + 32], *end;
	unsigned long from, to;
	int r = 0, width;

	if (!open)
		return host_vars(ini, name, vars);
	colon = strchr(open, ':');
	shut = strchr(open, ']');
	if (!colon || !shut || colon > shut || !isdigit((unsigned char)open[1]) ||
	    !isdigit((unsigned char)colon[1]) || strlen(name) >= MESH_HOST)
		return wrong(ini->facts->err, "not a range of numbers in an inventory", name);
	width = (int)(colon - open - 1);
	from = strtoul(open + 1, &end, 10);
	if (end != colon)
		return wrong(ini->facts->err, "not a range of numbers in an inventory", name);
	to = strtoul(colon + 1, &end, 10);
	if (end != shut || from > to || to - from >= MESH_MAX_FACTS || width > 9)
		return wrong(ini->facts->err, "not a range of numbers in an inventory", name);
	for (; from <= to && !r; from++) {
		snprintf(one, sizeof(one), "%.*s%0*lu%s", (int)(open - name), name,
			 open[1] == '0' ? width : 1, from, shut + 1);
		r = host_vars(ini, one, vars);
	}
	return r;
}

static int ini_line(struct ini *ini, char *line)
{
	char *rest;

	line = trim(line);
	if (!*line || *line == '#' || *line == ';')
		return 0;
	if (*line == '[')
		return section(ini, line);
	if (ini->in == IN_VARS)
		return variable(ini->facts, MESH_GROUP_VAR, ini->section, line);
	rest = line + strcspn(line, " \t");
	if (*rest)
		*rest++ = '\0';
	if (ini->in == IN_CHILDREN)
		return fact(ini->facts, MESH_CHILD, ini->section, line, "");
	return hosts(ini, line, rest);
}

static int facts_of_ini(const char *text, struct mesh_facts *facts)
{
	struct ini ini = { .facts = facts, .section = "ungrouped" };
	NT_FREE char *s = strdup(text);
	char *line = s, *next;
	int r = s ? 0 : nt_errf(facts->err, NT_EXIT_RUNTIME, ENOMEM, "out of memory");

	for (; line && !r; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		r = ini_line(&ini, line);
	}
	return r;
}

/* --- which of them is it? --- */

/* Its first line with something on it ends a key, or begins a document. */
static bool looks_like_yaml(const char *s)
{
	size_t n;

	for (;;) {
		s += strspn(s, " \t\r\n");
		if (*s != '#')
			break;
		s += strcspn(s, "\n");
	}
	n = strcspn(s, "\r\n");
	while (n && strchr(" \t", s[n - 1]))
		n--;
	return !strncmp(s, "---", 3) || (n && s[n - 1] == ':') || *s == '{';
}

int mesh_inventory_parse(const char *text, size_t n, const char *group, struct mesh_hosts *out,
			 struct nt_err *err)
{
	NT_FREE struct mesh_facts *facts = calloc(1, sizeof(*facts));
	int r;

	if (!facts)
		return nt_errf(err, NT_EXIT_RUNTIME, ENOMEM, "out of memory");
	facts->err = err;
	r = looks_like_yaml(text) ? mesh_facts_of_yaml(text, n, facts) : facts_of_ini(text, facts);
	return r ?: put_together(facts, group, out, err);
}

int mesh_inventory_read(const char *path, const char *group, struct mesh_hosts *out,
			struct nt_err *err)
{
	NT_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	NT_FREE char *text = malloc(FILE_MAX + 1);
	char q[NT_QUOTE_LEN];
	size_t n = 0;
	ssize_t r = text ? 1 : -1;

	while (fd >= 0 && r > 0 && n < FILE_MAX) {
		r = read(fd, text + n, FILE_MAX - n);
		n += r > 0 ? (size_t)r : 0;
	}
	if (fd < 0 || r < 0)
		return nt_errf(err, NT_EXIT_USAGE, errno, "--inventory %s: %s", nt_quote(path, q),
			       strerror(errno));
	if (n == FILE_MAX)
		return nt_errf(err, NT_EXIT_USAGE, E2BIG, "--inventory %s: larger than 1 MiB",
			       nt_quote(path, q));
	text[n] = '\0';
	if (strlen(text) != n)
		return nt_errf(err, NT_EXIT_USAGE, EINVAL, "--inventory %s: not a text",
			       nt_quote(path, q));
	return mesh_inventory_parse(text, n, group, out, err);
}
